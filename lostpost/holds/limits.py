"""Whether a shop may write off as much in a day, and whether a hold stops it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from lostpost.core.errors import Conflict
from lostpost.eligibility.policy import Policy
from lostpost.holds.models import Hold

Kind = Hold.Kind


class OnHold(Conflict):
    """A hold stops write-offs; `limit` and `figures` say which limit of the day it would break, if it is one."""

    code = "on-hold"

    def __init__(self, message: str, *, limit: str = "", figures: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.limit = limit
        self.figures = figures or {}


@dataclass(frozen=True, slots=True)
class DayOfShop:
    """What a shop wrote off on a day, and what stops it.

    Args: `released`: how often Partnerservice released a limit on that day; each allows the limit once more. `stopped`:
    the kind of a hold that stands; empty for none. `reason`: of that hold.
    """

    day: date
    write_offs: int = 0
    amounts: Mapping[str, int] = field(default_factory=dict)
    released: int = 0
    stopped: str = ""
    reason: str = ""


def require_no_hold(day: DayOfShop) -> None:
    """Refuse a write-off that a hold stops. Raises: OnHold."""
    if day.stopped:
        raise refusal_of_hold(day.stopped, day.reason)


def refusal_of_hold(kind: str, reason: str) -> OnHold:
    """Return the refusal of a hold that stands."""
    if kind in (Kind.DAILY_COUNT, Kind.DAILY_AMOUNT):
        return OnHold(_limit_reached())
    return OnHold(
        _("Write-offs are on hold: %(reason)s. Nothing was written off. You can appeal on the customer query.")
        % {"reason": reason.rstrip(".")}
    )


def require_within_limits(day: DayOfShop, policy: Policy, *, currency: str) -> None:
    """Refuse a day that has more than the policy allows, the write-off in question counted. Raises: OnHold."""
    allowances = 1 + day.released
    count_max, minor_max = policy.daily_write_off_count_max, policy.daily_write_off_minor_max
    amount_minor = day.amounts.get(currency, 0)
    figures = {
        "day": day.day.isoformat(),
        "write_offs": day.write_offs,
        "amount_minor": amount_minor,
        "currency": currency,
        "allowances": allowances,
    }
    if count_max and day.write_offs > count_max * allowances:
        raise OnHold(_limit_reached(), limit=Kind.DAILY_COUNT.value, figures={**figures, "limit": count_max})
    if minor_max and amount_minor > minor_max * allowances:
        raise OnHold(_limit_reached(), limit=Kind.DAILY_AMOUNT.value, figures={**figures, "limit": minor_max})


def _limit_reached() -> str:
    return _(
        "Your shop has reached the limit of what may be written off in a day. Nothing was written off; Partnerservice "
        "looks at it. You can appeal on the customer query."
    )
