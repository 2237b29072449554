"""Assess units by every rule of the policy, with the facts behind each answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from lostpost.core.clock import utc
from lostpost.eligibility.facts import FeedFact, ScanFact, ShippingMethod, UnitFacts
from lostpost.eligibility.policy import Policy
from lostpost.eligibility.rules import (
    CAUTIONS,
    NOTHING_LEFT,
    OVERRIDABLE,
    RULES,
    Caution,
    Refusal,
    age_days,
    awaiting_pickup,
    delivered,
    feed_silent,
    order_too_old,
    recent_update,
    returned_to_sender,
)
from lostpost.eligibility.windows import Window


@dataclass(frozen=True, slots=True)
class ShippedFact:
    """Behind `shipped`: how many units are in this parcel, and since when; `ordered` is for the entire order."""

    shipped_at: datetime | None
    shipped: int
    ordered: int


@dataclass(frozen=True, slots=True)
class ShippingMethodFact:
    """Behind `own-shipping`."""

    shipping_method: ShippingMethod
    carrier: str


@dataclass(frozen=True, slots=True)
class SilentFact:
    """Behind `silent`: the last update and what it was, if it was a scan; instants in UTC.

    `silent` is never negative, though a carrier's clock may run ahead of ours. `silent_feed`: the carrier's scans do
    not reach us, and nobody has lifted that.
    """

    updated_at: datetime
    silent: timedelta
    needed: timedelta
    free_from: datetime
    scan: ScanFact | None  # None if the hand-over or the correction of the Track & Trace number came after it.
    tracked: bool
    silent_feed: FeedFact | None = None


@dataclass(frozen=True, slots=True)
class OrderAgeFact:
    """Behind `order-age`: calendar days in the marketplace's zone; `last_on` is the last day in time."""

    placed_at: datetime
    age_days: int
    age_days_max: int
    last_on: date


@dataclass(frozen=True, slots=True)
class CarrierStatusFact:
    """Behind `carrier-status`; `free_from` where the parcel only waits at a pick-up point."""

    scan: ScanFact | None
    free_from: datetime | None


@dataclass(frozen=True, slots=True)
class AvailableFact:
    """Behind `available`: the units left, and where the others went; `written_off` without those paid again."""

    available: int
    shipped: int
    written_off: int
    returned: int


Fact = ShippedFact | ShippingMethodFact | SilentFact | OrderAgeFact | CarrierStatusFact | AvailableFact


@dataclass(frozen=True, slots=True)
class Check:
    """One family of rules, whether the units pass it, and the fact behind the answer."""

    code: str
    passed: bool
    fact: Fact


CHECK_CODES = ("shipped", "own-shipping", "silent", "order-age", "carrier-status", "available")


@dataclass(frozen=True)
class Assessment:
    """All reasons against writing off, in the order of RULES, and the checks behind them.

    `policy`: with the values that count for these units.
    `lifted`: reasons that the policy has and that an override of Partnerservice lifts.
    """

    facts: UnitFacts
    policy: Policy
    now: datetime
    refusals: tuple[Refusal, ...]
    cautions: tuple[Caution, ...] = ()
    lifted: tuple[Refusal, ...] = ()

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Every family of rules with the fact behind it; worked out where it is shown."""
        return _checks(self.facts, self.policy, self.now)

    @property
    def windows(self) -> Mapping[str, Window]:
        """The windows of the policy whose values counted, by the value's name."""
        return self.policy.counting(self.facts)

    @property
    def eligible(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.refusals

    @property
    def eligible_from(self) -> datetime | None:
        """When the last reason that time alone removes ends, in UTC; others may remain (`only_for_now`)."""
        return max((refusal.eligible_from for refusal in self.refusals if refusal.eligible_from), default=None)

    @cached_property
    def too_old_by_then(self) -> date | None:
        """The order's last day, in the marketplace's zone, if what stands in the way today passes only after it."""
        if not (self.only_for_now and self.eligible_from) or "order-too-old" in self.facts.overridden(self.now):
            return None
        last_on = _order_age(self.facts, self.policy, self.now).last_on
        return last_on if self.eligible_from.astimezone(self.policy.zone).date() > last_on else None

    @property
    def only_for_now(self) -> bool:
        """Whether it is refused, and waiting until `eligible_from` takes away every reason there is now."""
        return bool(self.refusals) and all(refusal.eligible_from for refusal in self.refusals)

    @property
    def paused(self) -> bool:
        """Whether it is refused until the carrier's scans come again, and else only for what time removes."""
        return {refusal.code for refusal in self.refusals if not refusal.eligible_from} == {"feed-silent"}


def assess(facts: UnitFacts, policy: Policy, *, now: datetime) -> Assessment:
    """Assess the units by every rule, so that the seller learns all reasons at once.

    Where no unit is left, only that is refused; the checks still have the facts of the parcel. What an override lifts
    stands under `lifted`, and refuses no more. Where windows of the policy fit the units, their values count.

    Raises: ValueError if an instant is naive.
    """
    policy = policy.within(facts)
    refusals = tuple(refusal for rule in RULES if (refusal := rule(facts, policy, now)))
    nothing_left = tuple(refusal for refusal in refusals if refusal.code in NOTHING_LEFT)
    if nothing_left:
        return Assessment(facts, policy, now, nothing_left)
    cautions = tuple(caution for warn in CAUTIONS if (caution := warn(facts)))
    overridden = facts.overridden(now) & OVERRIDABLE
    lifted = tuple(refusal for refusal in refusals if refusal.code in overridden)
    refusals = tuple(refusal for refusal in refusals if refusal.code not in overridden)
    return Assessment(facts, policy, now, refusals, cautions, lifted)


def _checks(facts: UnitFacts, policy: Policy, now: datetime) -> tuple[Check, ...]:
    """Return the checks in the order of CHECK_CODES; of units not shipped, only that one."""
    parcel = facts.parcel
    shipped_at = utc(parcel.shipped_at) if parcel else None
    shipped = ShippedFact(shipped_at, facts.shipped, facts.ordered)
    if parcel is None or facts.shipped <= 0:
        return (Check("shipped", False, shipped),)
    pickup = awaiting_pickup(facts, policy, now)
    carrier_refuses = pickup or delivered(facts, policy, now) or returned_to_sender(facts, policy, now)
    return (
        Check("shipped", True, shipped),
        Check(
            "own-shipping",
            parcel.shipping_method == ShippingMethod.OWN,
            ShippingMethodFact(parcel.shipping_method, parcel.carrier),
        ),
        Check(
            "silent",
            not (recent_update(facts, policy, now) or feed_silent(facts, policy, now)),
            _silent(facts, policy, now),
        ),
        Check("order-age", order_too_old(facts, policy, now) is None, _order_age(facts, policy, now)),
        Check(
            "carrier-status",
            carrier_refuses is None,
            CarrierStatusFact(parcel.last_scan, pickup.eligible_from if pickup else None),
        ),
        Check(
            "available",
            facts.available > 0,
            AvailableFact(facts.available, facts.shipped, facts.lost, facts.returned),
        ),
    )


def _silent(facts: UnitFacts, policy: Policy, now: datetime) -> SilentFact:
    parcel = facts.parcel
    assert parcel
    updated_at, needed, scan = parcel.updated_at, policy.quiet_time(facts), parcel.last_scan
    return SilentFact(
        updated_at=updated_at,
        silent=max(utc(now) - updated_at, timedelta(0)),
        needed=needed,
        free_from=updated_at + needed,
        scan=scan if scan and utc(scan.scanned_at) == updated_at else None,
        tracked=parcel.tracked,
        silent_feed=parcel.silent_feed if feed_silent(facts, policy, now) else None,
    )


def _order_age(facts: UnitFacts, policy: Policy, now: datetime) -> OrderAgeFact:
    placed_at, zone = utc(facts.order_placed_at), policy.zone
    return OrderAgeFact(
        placed_at=placed_at,
        age_days=age_days(placed_at, now, zone),
        age_days_max=policy.order_age_days_max,
        last_on=placed_at.astimezone(zone).date() + timedelta(days=policy.order_age_days_max),
    )
