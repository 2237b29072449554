"""Values of the policy that hold for some parcels only: of a carrier, to a country, or begun in a season."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lostpost.core.countries import is_country
from lostpost.core.text import compact_form

# Values that a window may set: those about a parcel; and the one about an order, which may have several carriers.
OF_PARCELS = ("quiet_days", "quiet_days_untracked", "pickup_days", "allow_after_delivery")
OF_ORDERS = ("order_age_days_max",)
WINDOWS_MOST = 500
_KEYS = {"name", "value", "carrier", "country", "first_on", "last_on"}


@dataclass(frozen=True, slots=True)
class Window:
    """One value for parcels of a carrier (as written), to a country, in a season; what is empty narrows nothing.

    A season has a first and a last day, both in it, in the marketplace's calendar: those on which a clock began. That
    is the last update for `quiet_days`, the scan for `pickup_days` and `allow_after_delivery`, the order's day for
    `order_age_days_max`. So no day that passes takes away what was eligible, and a moment that was named stays true.
    """

    name: str
    value: int | bool
    carrier: str = ""
    country: str = ""  # Of the destination, ISO 3166-1 alpha-2.
    first_on: date | None = None
    last_on: date | None = None

    @property
    def scope(self) -> tuple[str, str, str]:
        """What it is about: name, carrier in its compact form, country."""
        return self.name, compact_form(self.carrier), self.country

    @property
    def specificity(self) -> tuple[int, bool]:
        """How narrow it is: the narrowest that fits counts; of two alike, the one with a season."""
        return 2 * bool(self.carrier) + bool(self.country), self.first_on is not None

    def has_day(self, day: date) -> bool:
        """Whether a day is in its season; each is, where it has none."""
        return self.first_on is None or self.last_on is None or self.first_on <= day <= self.last_on

    def overlaps(self, other: Window) -> bool:
        """Whether nobody could say which of two counts."""
        if self.scope != other.scope or (self.first_on is None) != (other.first_on is None):
            return False
        if self.first_on is None or self.last_on is None or other.first_on is None or other.last_on is None:
            return True
        return self.first_on <= other.last_on and other.first_on <= self.last_on


def window_as_json(window: Window) -> dict[str, Any]:
    """Return a window as JSON values; what is empty is left out."""
    values: dict[str, Any] = {"name": window.name, "value": window.value}
    values |= {key: text for key, text in (("carrier", window.carrier), ("country", window.country)) if text}
    days = (("first_on", window.first_on), ("last_on", window.last_on))
    return values | {key: day.isoformat() for key, day in days if day}


def window_from_json(values: Mapping[str, Any]) -> Window:
    """Read back what `window_as_json` wrote. Raises: ValueError, TypeError, KeyError if it is anything else."""
    if unknown := set(values) - _KEYS:
        raise ValueError(f"{min(unknown)} is no part of a window")
    if not all(isinstance(each, str) for key, each in values.items() if key != "value"):
        raise TypeError("all but its value are texts")
    first_on, last_on = (date.fromisoformat(values[key]) if key in values else None for key in ("first_on", "last_on"))
    carrier, country = values.get("carrier", ""), values.get("country", "")
    return Window(values["name"], values["value"], carrier, country, first_on, last_on)


def window_problems(windows: Sequence[Window]) -> Iterable[str]:
    """Say what is wrong with the windows of a policy, but for their values."""
    if len(windows) > WINDOWS_MOST:
        yield f"windows are {len(windows)}; the policy has {WINDOWS_MOST} at most."
    for place, window in enumerate(windows):
        yield from _problems(window)
        if any(window.overlaps(other) for other in windows[:place]):
            yield f"{window_text(window)} is there twice, or overlaps another season of it; give each day one value."


def window_text(window: Window) -> str:
    """Write a window as the command shows it: “quiet_days=5 carrier DPD country DE from 2026-11-15 to 2027-01-10”."""
    value = str(window.value).lower() if isinstance(window.value, bool) else str(window.value)
    parts = [f"{window.name}={value}"]
    parts += [f"carrier {window.carrier}"] if window.carrier else []
    parts += [f"country {window.country}"] if window.country else []
    parts += [f"from {window.first_on} to {window.last_on}"] if window.first_on else []
    return " ".join(parts)


def _problems(window: Window) -> Iterable[str]:
    if window.name not in OF_PARCELS + OF_ORDERS:
        allowed = ", ".join(OF_PARCELS + OF_ORDERS)
        yield f"{window.name} holds for all parcels; by carrier, country or season can be {allowed}."
    if window.name in OF_ORDERS and window.carrier:
        yield f"{window.name} is about an order, which may have several carriers; set it by country or season."
    if window.carrier and not (
        len(window.carrier) <= 64 and window.carrier.isprintable() and compact_form(window.carrier)
    ):
        yield f"carrier is {window.carrier!r}; it must be a name of 64 characters at most."
    if window.country and not is_country(window.country):
        yield f"country is {window.country!r}; it must be a code of ISO 3166-1, such as DE."
    if (window.first_on is None) != (window.last_on is None):
        yield f"{window_text(window)}: a season has a first and a last day."
    elif window.first_on and window.last_on and window.last_on < window.first_on:
        yield f"{window_text(window)}: its last day is before its first."
    if not (window.carrier or window.country or window.first_on):
        yield f"{window_text(window)} is for nothing special; set the value itself."
