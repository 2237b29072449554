"""What is known about units of one order item in one parcel: everything that the policy may look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from lostpost.core.clock import rfc3339, utc

FUTURE_TOLERANCE = timedelta(minutes=15)  # Carriers' clocks run a little ahead of ours; more than this is a mistake.
UNCERTAIN_TOLERANCE = timedelta(hours=26)  # Where only the day is known, or not the offset: the latest reading counts.

UNCERTAIN_BY = timedelta(hours=24)  # So much earlier than its latest reading a scan may have been made.


class TimeCertainty(StrEnum):
    """How well a source knows when a carrier scanned; the latest time that it can have been counts."""

    EXACT = ""
    OFFSET_ASSUMED = "offset-assumed"  # Written without an offset: that of the scan's country, or of the marketplace.
    DAY_ONLY = "day-only"  # The end of that day.
    SENT_BY_SHOP = "sent-by-shop"  # In a file of the shop's own: a movement there undoes no end of the journey.


class ShippingMethod(StrEnum):
    """Under whose contract a parcel travels; only the seller's own losses are the seller's to write off."""

    OWN = "own"
    LOGISTICS_VIA_PLATFORM = "logistics_via_platform"
    SHIPPING_VIA_PLATFORM = "shipping_via_platform"
    LABEL_VIA_PLATFORM = "label_via_platform"
    UNKNOWN = "unknown"  # The source does not say: never taken for the seller's own.


class ScanStatus(StrEnum):
    """Where a parcel is, in one vocabulary for all carriers; written down in the order of its journey."""

    ANNOUNCED = "announced"
    WITH_CARRIER = "with_carrier"
    IN_TRANSIT = "in_transit"
    EXCEPTION = "exception"
    AT_PICKUP_POINT = "at_pickup_point"
    PICKED_UP = "picked_up"
    DELIVERED_AT_NEIGHBOURS = "delivered_at_neighbours"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"

    @property
    def rank(self) -> int:
        """Place in the journey, from 0; of two scans at the same instant the later one in the journey counts."""
        return _RANKS[self]


_RANKS = {status: place for place, status in enumerate(ScanStatus)}

DELIVERED = frozenset({ScanStatus.DELIVERED, ScanStatus.DELIVERED_AT_NEIGHBOURS, ScanStatus.PICKED_UP})
FINAL = DELIVERED | {ScanStatus.RETURNED}  # The journey is over, unless a later scan shows movement.
NO_MOVEMENT = frozenset({ScanStatus.ANNOUNCED, ScanStatus.EXCEPTION})  # The carrier's paperwork: it moves no parcel.


@dataclass(frozen=True, slots=True)
class ScanFact:
    """One Track & Trace event. `scanned_at` is when the carrier scanned, not when we received it."""

    scanned_at: datetime
    status: ScanStatus
    text: str = ""
    location: str = ""
    code: str = ""
    time_certainty: TimeCertainty = TimeCertainty.EXACT


@dataclass(frozen=True, slots=True)
class FeedFact:
    """The scans of the parcel's carrier do not reach us, for the whole marketplace: so a silence of it proves nothing.

    Somebody may have lifted that until an instant, with a reason; then the decision stands on it.
    """

    carrier: str
    since: datetime
    found_at: datetime
    lifted_until: datetime | None = None
    lifted_by: str = ""
    lift_reason: str = ""

    def is_lifted(self, now: datetime) -> bool:
        """Whether it stops nobody now."""
        return self.lifted_until is not None and utc(now) < utc(self.lifted_until)


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """One parcel. `last_scan` is the one that counts: see `newest`. `silent_feed` is there while its carrier's is."""

    parcel: str
    shipping_method: ShippingMethod
    carrier: str
    tracking_number: str | None
    shipped_at: datetime
    tracking_number_changed_at: datetime | None
    last_scan: ScanFact | None
    silent_feed: FeedFact | None = None

    @property
    def tracked(self) -> bool:
        """Whether the parcel has Track & Trace."""
        return bool(self.tracking_number)

    @property
    def updated_at(self) -> datetime:
        """The last update, in UTC: the newest of the last scan's own time, the hand-over, the number's correction."""
        updated_at = utc(self.shipped_at)
        if self.last_scan:
            updated_at = max(updated_at, utc(self.last_scan.scanned_at))
        if self.tracking_number_changed_at:
            updated_at = max(updated_at, utc(self.tracking_number_changed_at))
        return updated_at


@dataclass(frozen=True, slots=True)
class OverrideFact:
    """What Partnerservice lifts for these units, this once: which refusals, for how many units, until when, and why.

    Two agents decide: `proposed_by` and `confirmed_by` are their names. `id` is the override's own.
    """

    id: str
    codes: frozenset[str]
    quantity: int
    until: datetime
    reason: str
    proposed_by: str
    confirmed_by: str


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """Units of one order item in one parcel; `parcel` is None while none of the item has been shipped.

    `ordered` counts the item's units in the entire order, the other quantities those in this parcel. `returned`
    includes what is in return. `written_off` counts a unit each time that it is written off, and `paid_again` how often
    the customer paid for it again: from then on it may be returned or written off once more. `override` stands until
    the units are written off.
    """

    order_placed_at: datetime
    item: str
    ordered: int
    parcel: ParcelFacts | None
    shipped: int
    written_off: int
    returned: int
    paid_again: int = 0
    override: OverrideFact | None = None
    country: str = ""  # Where the order goes to, ISO 3166-1 alpha-2.

    @property
    def lost(self) -> int:
        """Units that stand as written off: a restored payment that is agreed and not yet paid changes nothing."""
        return self.written_off - self.paid_again

    @property
    def available(self) -> int:
        """Units left to write off."""
        return max(0, self.shipped - self.lost - self.returned)

    def overridden(self, now: datetime) -> frozenset[str]:
        """Return what an override lifts now: nothing once it ended, or where more units are left than it was for."""
        override = self.override
        if override is None or utc(now) > utc(override.until) or self.available > override.quantity:
            return frozenset()
        return override.codes


def newest(scans: Iterable[ScanFact], now: datetime, *, placed_at: datetime) -> ScanFact | None:
    """Return the scan that says where the parcel is, whatever the order and number of the scans received.

    A scan more than FUTURE_TOLERANCE ahead of `now`, or from before its order was placed, does not count. After the end
    of the journey only a real movement does: neither an announcement nor an exception undoes a delivery, nor does what
    may have been scanned before it, its time being a latest reading, nor what the shop itself sent.

    `tracking.newest_scan` says the same in SQL, to the letter.
    """
    first, last = utc(placed_at), utc(now) + FUTURE_TOLERANCE
    counted = [scan for scan in scans if first <= utc(scan.scanned_at) <= last]
    ended_at = max((utc(scan.scanned_at) for scan in counted if scan.status in FINAL), default=None)
    moved = max((scan for scan in counted if _moves(scan, ended_at)), key=_recency, default=None)
    if moved and moved.status in FINAL:
        return moved
    return max(counted, key=_recency, default=None)


def _moves(scan: ScanFact, ended_at: datetime | None) -> bool:
    if scan.status in NO_MOVEMENT or scan.status in FINAL or ended_at is None or not scan.time_certainty:
        return scan.status not in NO_MOVEMENT
    since_end = utc(scan.scanned_at) - ended_at
    if scan.time_certainty == TimeCertainty.SENT_BY_SHOP:
        return since_end < timedelta(0)
    return not timedelta(0) <= since_end <= UNCERTAIN_BY


def _recency(scan: ScanFact) -> tuple[datetime, int, str, str, str]:
    """Order scans fully, so that even two that differ in words alone give the same choice in any order."""
    return utc(scan.scanned_at), scan.status.rank, scan.text, scan.location, scan.code


def facts_as_json(facts: UnitFacts) -> dict[str, Any]:
    """Return the facts as JSON values, instants in UTC as RFC 3339, to be stored with the decision."""
    return _facts_as_json(facts, _parcel_as_json(facts.parcel) if facts.parcel else None)


def all_facts_as_json(several: Sequence[UnitFacts]) -> list[dict[str, Any]]:
    """Write the facts of several units; a parcel that many of them lie in is spelled once, and shared by all."""
    parcels = {id(facts.parcel): facts.parcel for facts in several}
    written = {at: _parcel_as_json(parcel) if parcel else None for at, parcel in parcels.items()}
    return [_facts_as_json(facts, written[id(facts.parcel)]) for facts in several]


def _facts_as_json(facts: UnitFacts, parcel: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "order_placed_at": rfc3339(facts.order_placed_at),
        "item": facts.item,
        "ordered": facts.ordered,
        "parcel": parcel,
        "shipped": facts.shipped,
        "written_off": facts.written_off,
        "returned": facts.returned,
        "paid_again": facts.paid_again,
        "country": facts.country,
        **({"override": override_as_json(facts.override)} if facts.override else {}),
    }


def override_as_json(override: OverrideFact) -> dict[str, Any]:
    """Return an override as JSON values."""
    return {
        "id": override.id,
        "codes": sorted(override.codes),
        "quantity": override.quantity,
        "until": rfc3339(override.until),
        "reason": override.reason,
        "proposed_by": override.proposed_by,
        "confirmed_by": override.confirmed_by,
    }


def override_from_json(values: Mapping[str, Any]) -> OverrideFact:
    """Read back what `override_as_json` wrote; it may say more. Raises: KeyError, ValueError."""
    return OverrideFact(
        id=values["id"],
        codes=frozenset(values["codes"]),
        quantity=values["quantity"],
        until=_instant(values["until"]),
        reason=values["reason"],
        proposed_by=values["proposed_by"],
        confirmed_by=values["confirmed_by"],
    )


def facts_from_json(values: Mapping[str, Any]) -> UnitFacts:
    """Read back what `facts_as_json` wrote.

    Raises: KeyError, ValueError if it is anything else.
    """
    return UnitFacts(
        order_placed_at=_instant(values["order_placed_at"]),
        item=values["item"],
        ordered=values["ordered"],
        parcel=_parcel_from_json(values["parcel"]) if values["parcel"] else None,
        shipped=values["shipped"],
        written_off=values["written_off"],
        returned=values["returned"],
        paid_again=values.get(
            "paid_again", 0
        ),  # Missing in facts of decisions before such units could be written off again.
        override=override_from_json(values["override"]) if values.get("override") else None,
        country=values.get("country", ""),
    )


def _parcel_as_json(parcel: ParcelFacts) -> dict[str, Any]:
    changed_at, scan = parcel.tracking_number_changed_at, parcel.last_scan
    return {
        "parcel": parcel.parcel,
        "shipping_method": str(parcel.shipping_method),
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "shipped_at": rfc3339(parcel.shipped_at),
        "tracking_number_changed_at": rfc3339(changed_at) if changed_at else None,
        "last_scan": {
            "scanned_at": rfc3339(scan.scanned_at),
            "status": str(scan.status),
            "text": scan.text,
            "location": scan.location,
            "code": scan.code,
        }
        if scan
        else None,
        **({"silent_feed": _feed_as_json(parcel.silent_feed)} if parcel.silent_feed else {}),
    }


def _feed_as_json(feed: FeedFact) -> dict[str, Any]:
    return {
        "carrier": feed.carrier,
        "since": rfc3339(feed.since),
        "found_at": rfc3339(feed.found_at),
        "lifted_until": rfc3339(feed.lifted_until) if feed.lifted_until else None,
        "lifted_by": feed.lifted_by,
        "lift_reason": feed.lift_reason,
    }


def _feed_from_json(values: Mapping[str, Any]) -> FeedFact:
    return FeedFact(
        carrier=values["carrier"],
        since=_instant(values["since"]),
        found_at=_instant(values["found_at"]),
        lifted_until=_instant(values["lifted_until"]) if values["lifted_until"] else None,
        lifted_by=values["lifted_by"],
        lift_reason=values["lift_reason"],
    )


def _parcel_from_json(values: Mapping[str, Any]) -> ParcelFacts:
    changed_at, scan = values["tracking_number_changed_at"], values["last_scan"]
    return ParcelFacts(
        parcel=values["parcel"],
        shipping_method=ShippingMethod(values["shipping_method"]),
        carrier=values["carrier"],
        tracking_number=values["tracking_number"],
        shipped_at=_instant(values["shipped_at"]),
        tracking_number_changed_at=_instant(changed_at) if changed_at else None,
        last_scan=ScanFact(
            scanned_at=_instant(scan["scanned_at"]),
            status=ScanStatus(scan["status"]),
            text=scan["text"],
            location=scan["location"],
            code=scan["code"],
        )
        if scan
        else None,
        silent_feed=_feed_from_json(values["silent_feed"]) if values.get("silent_feed") else None,
    )


def _instant(text: str) -> datetime:
    return utc(datetime.fromisoformat(text))
