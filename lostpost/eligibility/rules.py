"""The rules: one function per reason to refuse. Codes are for ever; pages give the words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from lostpost.core.clock import utc
from lostpost.eligibility.facts import DELIVERED, ScanStatus, ShippingMethod, UnitFacts
from lostpost.eligibility.policy import Policy

NextStep = Literal["ship", "partnerservice", "return", "wait", "none"]

# All codes, in the order in which they are shown; the last three are only known when confirming.
REFUSAL_CODES = (
    "not-shipped",
    "logistics-via-platform",
    "shipping-via-platform",
    "label-via-platform",
    "shipping-method-unknown",
    "fully-written-off",
    "returned",
    "recent-update",
    "feed-silent",
    "order-too-old",
    "delivered",
    "returned-to-sender",
    "awaiting-pickup",
    "query-not-open",
    "query-with-partnerservice",
    "query-of-other-order",
)
CAUTION_CODES = ("announced-only", "untracked")

GOING_BACK = frozenset({ScanStatus.RETURNING, ScanStatus.RETURNED})


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason against writing off. `eligible_from` is in UTC, and there only if time alone takes the reason away."""

    code: str
    eligible_from: datetime | None = None
    partnerservice: bool = False  # Whether Partnerservice may decide otherwise.
    next_step: NextStep = "none"


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to know before writing off that does not stand in the way."""

    code: str


Rule = Callable[[UnitFacts, Policy, datetime], Refusal | None]


def age_days(placed_at: datetime, now: datetime, zone: ZoneInfo) -> int:
    """Count the calendar days since the order was placed: 0 on that day.

    Days of the marketplace's calendar, not 24-hour spans: sellers are promised "60 days" (the help page's words).

    Args: `placed_at`, `now`: aware. `zone`: where the marketplace's day begins.
    Raises: ValueError if either datetime is naive.
    """
    return (utc(now).astimezone(zone).date() - utc(placed_at).astimezone(zone).date()).days


def not_shipped(facts: UnitFacts, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse units that were not shipped: they cannot be lost in the mail."""
    if facts.parcel and facts.shipped > 0:
        return None
    return Refusal("not-shipped", next_step="ship")


def logistics_via_platform(facts: UnitFacts, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse units that the marketplace stored and shipped."""
    return _unless_own(facts, ShippingMethod.LOGISTICS_VIA_PLATFORM, "logistics-via-platform")


def shipping_via_platform(facts: UnitFacts, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse units that were shipped under the marketplace's contract."""
    return _unless_own(facts, ShippingMethod.SHIPPING_VIA_PLATFORM, "shipping-via-platform")


def label_via_platform(facts: UnitFacts, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse units shipped with a label of the marketplace: the claim on the carrier is the marketplace's."""
    return _unless_own(facts, ShippingMethod.LABEL_VIA_PLATFORM, "label-via-platform")


def shipping_method_unknown(facts: UnitFacts, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse units of which nobody has said under whose contract they travel."""
    return _unless_own(facts, ShippingMethod.UNKNOWN, "shipping-method-unknown")


def _unless_own(facts: UnitFacts, method: ShippingMethod, code: str) -> Refusal | None:
    if facts.parcel and facts.parcel.shipping_method == method:
        return Refusal(code, partnerservice=True, next_step="partnerservice")
    return None


def fully_written_off(facts: UnitFacts, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse when no unit is left and some are written off."""
    if facts.available == 0 and facts.lost > 0:
        return Refusal("fully-written-off")
    return None


def returned(facts: UnitFacts, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse when no unit is left and some are in a return, received or under way."""
    if facts.available == 0 and facts.returned > 0:
        return Refusal("returned", next_step="return")
    return None


def recent_update(facts: UnitFacts, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse while the carrier may yet find the parcel."""
    if facts.parcel is None:
        return None
    return _until(facts.parcel.updated_at + policy.quiet_time(facts), now, "recent-update")


def feed_silent(facts: UnitFacts, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse while the carrier's scans do not reach us: the parcel may be on its way, and we would not know."""
    parcel = facts.parcel
    if parcel is None or not parcel.tracked or parcel.silent_feed is None or parcel.silent_feed.is_lifted(now):
        return None
    return Refusal("feed-silent", next_step="wait")


def order_too_old(facts: UnitFacts, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse after the last day on which sellers decide themselves."""
    if age_days(facts.order_placed_at, now, policy.zone) <= policy.order_age_days_max:
        return None
    return Refusal("order-too-old", partnerservice=True, next_step="partnerservice")


def delivered(facts: UnitFacts, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse parcels that the carrier reports as delivered: to the customer, at a pick-up point or to neighbours."""
    if policy.allow_after_delivery or _last_status(facts) not in DELIVERED:
        return None
    return Refusal("delivered", partnerservice=True, next_step="partnerservice")


def returned_to_sender(facts: UnitFacts, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse parcels on their way back or back at the seller: they are returns, and not lost."""
    if _last_status(facts) in GOING_BACK:
        return Refusal("returned-to-sender", next_step="return")
    return None


def awaiting_pickup(facts: UnitFacts, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse while the customer may still fetch the parcel."""
    if facts.parcel is None or facts.parcel.last_scan is None or _last_status(facts) != ScanStatus.AT_PICKUP_POINT:
        return None
    return _until(utc(facts.parcel.last_scan.scanned_at) + policy.pickup_time, now, "awaiting-pickup")


def _until(free_from: datetime, now: datetime, code: str) -> Refusal | None:
    if utc(now) >= free_from:
        return None
    return Refusal(code, eligible_from=free_from, next_step="wait")


def _last_status(facts: UnitFacts) -> ScanStatus | None:
    scan = facts.parcel.last_scan if facts.parcel else None
    return scan.status if scan else None


RULES: tuple[Rule, ...] = (
    not_shipped,
    logistics_via_platform,
    shipping_via_platform,
    label_via_platform,
    shipping_method_unknown,
    fully_written_off,
    returned,
    recent_update,
    feed_silent,
    order_too_old,
    delivered,
    returned_to_sender,
    awaiting_pickup,
)

# Where one of these refuses there are no units that the other rules could be about: to say "wait until Friday" of
# something already written off would be wrong.
NOTHING_LEFT = frozenset({"not-shipped", "fully-written-off", "returned"})

# What Partnerservice may lift for units of one order: units that are not there cannot be written off by anybody, and a
# customer query's state is not about units.
OVERRIDABLE = frozenset(REFUSAL_CODES[:-3]) - NOTHING_LEFT


def announced_only(facts: UnitFacts) -> Caution | None:
    """Warn of a tracked parcel that the carrier never scanned: perhaps it never left the seller."""
    if facts.parcel and facts.parcel.tracked and _last_status(facts) in (None, ScanStatus.ANNOUNCED):
        return Caution("announced-only")
    return None


def untracked(facts: UnitFacts) -> Caution | None:
    """Warn of a parcel without Track & Trace: only the customer says that it is lost."""
    if facts.parcel and not facts.parcel.tracked:
        return Caution("untracked")
    return None


CAUTIONS: tuple[Callable[[UnitFacts], Caution | None], ...] = (announced_only, untracked)
