"""The values of the marketplace's policy, checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from lostpost.core.clock import utc
from lostpost.core.text import compact_form
from lostpost.eligibility.facts import UnitFacts
from lostpost.eligibility.windows import (
    OF_ORDERS,
    OF_PARCELS,
    Window,
    window_as_json,
    window_from_json,
    window_problems,
    window_text,
)

_LONGEST_NAMES = 500
REFUND_DELIVERY_COSTS = ("whole-order", "never")
WITHOUT_VAT_NUMBER = ("charge", "refuse")
_CARRIER_AND_DAYS = re.compile(r"\s*([^:,=]{1,64}?)\s*:\s*([1-9][0-9]{0,2})\s*", re.ASCII)
_LONGEST_LIST = 1000


class PolicyValueWrong(ValueError):
    """Values that make no policy; `problems` holds one sentence for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the policy; version 0 is the defaults, before the operator decided anything.

    `windows` set some of the values for some parcels only: see `within`.
    """

    version: int = 0
    quiet_days: int = 3  # Spans of 24 hours since a tracked parcel's last update.
    quiet_days_untracked: int = 3  # The same, since the hand-over of a parcel without Track & Trace.
    order_age_days_max: int = 60  # Calendar days in `time_zone`; this day is still in time.
    allow_after_delivery: bool = False
    pickup_days: int = 14  # Spans of 24 hours that a parcel may wait at a pick-up point.
    time_zone: str = "Europe/Amsterdam"
    refund_delivery_costs: str = "whole-order"
    commission_vat_rate_bp: int = 2100  # Of the marketplace's own country.
    commission_without_vat_number: str = "charge"  # Shops elsewhere in the Union: at that rate, or not invoiced.
    debt_due_days: int = 14  # Calendar days after a sales invoice on which the shop owes; 0: no day is named.
    fetch_exchange_rates: bool = False  # Whether the European Central Bank's are fetched each day.
    check_vat_numbers_at_vies: bool = False  # Whether numbers of shops elsewhere in the Union are sent there.
    daily_write_off_count_max: int = 500  # Of a shop, on one day in `time_zone`; 0: no limit.
    daily_write_off_minor_max: int = 2_500_000  # The same of their refunds, in each currency by itself; 0: no limit.
    reopen_days: int = 30  # Spans of 24 hours in which a customer's message opens a handled query again.
    close_waiting_days: int = 0  # Spans of 24 hours after which a query that waits for the customer closes; 0: never.
    close_notice_days: int = 7  # How long before the customer gets a notice.
    declaration_carriers: str = ""  # Names, with commas between: these pay claims only with a customer's declaration.
    found_reminder_days: int = 7  # Spans of 24 hours until a customer who was asked to pay again is reminded.
    found_end_days: int = 21  # The same, until the question ends without an answer.
    batch_lines_max: int = 50  # Orders that are written off at once.
    batch_minor_max: int = 250_000  # Minor units of the orders' currency at once; 0: no limit, as in the next two.
    batch_day_minor_max: int = 1_000_000  # In all batches of a shop in one day.
    batch_second_person_minor: int = 100_000  # Above it, in one person's batches of a day, a second person decides.
    carrier_claim_days: str = "DHL: 30, DPD: 30, GLS: 30, PostNL: 30"  # Calendar days since the hand-over; none: "".
    query_action_lines_max: int = 100  # Customer queries that are answered, assigned, put aside or closed at once.
    windows: tuple[Window, ...] = ()

    @classmethod
    def from_values(cls, values: Mapping[str, Any], version: int = 0) -> Policy:
        """Make a policy of the values; what is not among them has its default.

        Raises: PolicyValueWrong with everything that is wrong with them.
        """
        unknown = (_unknown(key) for key in values if key not in _CHECKS)
        wrong = (_CHECKS[key](key, value) for key, value in values.items() if key in _CHECKS)
        bad_version = _whole_number(0, 2**31 - 1)("version", version)
        if problems := tuple(problem for problem in (bad_version, *unknown, *wrong) if problem):
            raise PolicyValueWrong(problems)
        windows = tuple(window_from_json(each) for each in values.get("windows", ()))
        return cls(version=version, **{**values, "windows": windows})

    def values(self) -> dict[str, Any]:
        """Give the values without the version, as `from_values` takes them; all of them go into JSON."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "version"}
        return {**values, "windows": [window_as_json(window) for window in self.windows]}

    def within(self, facts: UnitFacts) -> Policy:
        """Return the policy with the values that count for these units: of several windows, those of the narrowest."""
        counting: dict[str, Any] = {name: window.value for name, window in self.counting(facts).items()}
        return replace(self, **counting) if counting else self

    def counting(self, facts: UnitFacts) -> Mapping[str, Window]:
        """Return the windows that count for units, by the value's name."""
        if not self.windows:
            return {}
        parcel = facts.parcel
        carrier = parcel.carrier if parcel else ""
        moments = dict.fromkeys(OF_ORDERS, facts.order_placed_at)
        if parcel:
            scanned_at = parcel.last_scan.scanned_at if parcel.last_scan else parcel.updated_at
            moments |= {"quiet_days": parcel.updated_at, "quiet_days_untracked": parcel.updated_at}
            moments |= {"pickup_days": scanned_at, "allow_after_delivery": scanned_at}
        windows = {
            name: self.window_of(name, carrier=carrier, country=facts.country, at=at) for name, at in moments.items()
        }
        return {name: window for name, window in windows.items() if window}

    def window_of(self, name: str, *, carrier: str, country: str, at: datetime) -> Window | None:
        """Return the window that counts for a value; None: the policy's own. Args: `at`: when its clock began."""
        day = utc(at).astimezone(self.zone).date()
        fitting = [
            window
            for window in self.windows
            if window.name == name
            and window.country in ("", country)
            and (not window.carrier or compact_form(window.carrier) == compact_form(carrier))
            and window.has_day(day)
        ]
        return max(fitting, key=lambda window: window.specificity, default=None)

    def value_of(self, name: str, *, carrier: str = "", country: str = "", at: datetime) -> Any:
        """Return the value that counts. Args: as of `window_of`."""
        window = self.window_of(name, carrier=carrier, country=country, at=at)
        return window.value if window else getattr(self, name)

    def bounds(self, *names: str) -> tuple[int, int]:
        """Return the least and the most that values are for any parcel, for statements that leave out early."""
        numbers = [getattr(self, name) for name in names]
        numbers += [window.value for window in self.windows if window.name in names]
        return min(numbers), max(numbers)

    @property
    def zone(self) -> ZoneInfo:
        """Where the marketplace's day begins."""
        return ZoneInfo(self.time_zone)

    def quiet_time(self, facts: UnitFacts) -> timedelta:
        """How long the parcel must have been silent."""
        tracked = facts.parcel is not None and facts.parcel.tracked
        return timedelta(days=self.quiet_days if tracked else self.quiet_days_untracked)

    def claim_days(self, carrier: str) -> int | None:
        """Return within how many days of the hand-over a loss is to be claimed from a carrier; None: nobody said."""
        return _days_by_carrier(self.carrier_claim_days).get(compact_form(carrier))

    @property
    def pickup_time(self) -> timedelta:
        """How long a parcel may wait at a pick-up point."""
        return timedelta(days=self.pickup_days)


def _windows_right(name: str, value: Any) -> str | None:
    if not isinstance(value, list | tuple):
        return f"{name} is {_shown(value)}; it must be a list of windows."
    try:
        windows = [window_from_json(each) for each in value]
        problems = list(window_problems(windows))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return f"{name}: one of them is no window ({error})."
    problems += [
        f"{window_text(window)}: {wrong}"
        for window in windows
        if window.name in OF_PARCELS + OF_ORDERS and (wrong := _CHECKS[window.name](window.name, window.value))
    ]
    return " ".join(problems) or None


_Check = Callable[[str, Any], str | None]


def _whole_number(least: int, most: int) -> _Check:
    def check(name: str, value: Any) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return None
        return f"{name} is {_shown(value)}; it must be a whole number from {least} to {most}."

    return check


def _yes_or_no(name: str, value: Any) -> str | None:
    return None if isinstance(value, bool) else f"{name} is {_shown(value)}; it must be true or false."


def _one_of(allowed: tuple[str, ...]) -> _Check:
    def check(name: str, value: Any) -> str | None:
        if isinstance(value, str) and value in allowed:
            return None
        return f"{name} is {_shown(value)}; it must be one of {', '.join(allowed)}."

    return check


def _names(name: str, value: Any) -> str | None:
    if isinstance(value, str) and len(value) <= _LONGEST_NAMES and (value.isprintable() or not value):
        return None
    return f"{name} is {_shown(value)}; it must be names with commas between, {_LONGEST_NAMES} characters at most."


def _known_zone(name: str, value: Any) -> str | None:
    try:
        if isinstance(value, str) and value:
            ZoneInfo(value)
            return None
    except (KeyError, ValueError, OSError):  # OSError: a folder of the time-zone database, such as "Europe".
        pass
    return f"{name} is {_shown(value)}; it must be a zone of the time-zone database, such as Europe/Amsterdam."


def _days_of_carriers(name: str, value: Any) -> str | None:
    if isinstance(value, str) and len(value) <= _LONGEST_LIST:
        parts = [part for part in value.split(",") if part.strip()]
        if all(_CARRIER_AND_DAYS.fullmatch(part) for part in parts) and len(_days_by_carrier(value)) == len(parts):
            return None
    return f"{name} is {_shown(value)}; it must name carriers and days, such as DPD: 30, PostNL: 30."


def _days_by_carrier(text: str) -> dict[str, int]:
    """Return the days by the carrier's form in which they are compared."""
    pairs = (_CARRIER_AND_DAYS.fullmatch(part) for part in text.split(","))
    return {compact_form(pair[1]): int(pair[2]) for pair in pairs if pair}


def _unknown(key: object) -> str:
    near = get_close_matches(str(key), _CHECKS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"the values are {', '.join(_CHECKS)}."
    return f"{_shown(key)} is not a value of the policy; {hint}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "…"


_CHECKS: dict[str, _Check] = {
    "quiet_days": _whole_number(0, 90),
    "quiet_days_untracked": _whole_number(0, 90),
    "order_age_days_max": _whole_number(1, 3650),
    "allow_after_delivery": _yes_or_no,
    "pickup_days": _whole_number(0, 90),
    "time_zone": _known_zone,
    "refund_delivery_costs": _one_of(REFUND_DELIVERY_COSTS),
    "commission_vat_rate_bp": _whole_number(0, 10_000),
    "commission_without_vat_number": _one_of(WITHOUT_VAT_NUMBER),
    "debt_due_days": _whole_number(0, 365),
    "fetch_exchange_rates": _yes_or_no,
    "check_vat_numbers_at_vies": _yes_or_no,
    "daily_write_off_count_max": _whole_number(0, 1_000_000),
    "daily_write_off_minor_max": _whole_number(0, 10**12),
    "reopen_days": _whole_number(1, 3650),
    "close_waiting_days": _whole_number(0, 3650),
    "close_notice_days": _whole_number(1, 365),
    "declaration_carriers": _names,
    "found_reminder_days": _whole_number(1, 365),
    "found_end_days": _whole_number(1, 365),
    "batch_lines_max": _whole_number(1, 500),
    "batch_minor_max": _whole_number(0, 10**15),
    "batch_day_minor_max": _whole_number(0, 10**15),
    "batch_second_person_minor": _whole_number(0, 10**15),
    "carrier_claim_days": _days_of_carriers,
    "query_action_lines_max": _whole_number(1, 200),
    "windows": _windows_right,
}
