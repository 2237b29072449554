"""Orders assessed as of an earlier instant: by what was known then, and by the policy in force then.

What later changed is taken back: scans that came, units that were written off, paid again or returned, parcels that
were handed over, and carriers' feeds that fell silent, came back or were lifted since. Orders, parcels and scans carry
no history of corrections, returns none of their states and overrides none of their ends, so these are as they are now;
overrides of Partnerservice are left out.

A history that was put in after that instant (an import of last year's orders, say) was not known then at all; it is
read as if it had been, each scan from its own time on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Min, Sum

from lostpost.accounts.models import PolicyVersion
from lostpost.accounts.policy import current_policy
from lostpost.carrier_feeds.reads import silent_feeds_then
from lostpost.core.clock import utc
from lostpost.core.sql import fetch, sql_file
from lostpost.core.text import compact_form
from lostpost.eligibility.assess import assess
from lostpost.eligibility.facts import (
    FUTURE_TOLERANCE,
    UNCERTAIN_TOLERANCE,
    FeedFact,
    ParcelFacts,
    ScanFact,
    ScanStatus,
)
from lostpost.eligibility.policy import Policy
from lostpost.orders.models import Order, Return, ReturnUnit
from lostpost.orders.reads import AssessedUnit
from lostpost.restorations.models import Restoration, RestorationLine
from lostpost.sales.models import Sale
from lostpost.tracking.newest_scan import STATUSES, newest_scans
from lostpost.writeoffs.assess_order import OrderAssessment, assess_orders
from lostpost.writeoffs.models import WriteOffLine

_SCANS = """lostpost_scan scan
                  JOIN unnest(%(parcels)s::uuid[], %(put_in_later)s::boolean[]) AS named (id, put_in_later)
                    ON named.id = scan.parcel_id
                 WHERE scan.seller_id = %(seller)s AND scan.parcel_id = ANY(%(parcels)s) AND NOT scan.before_order
                   AND scan.scanned_at <= %(then)s::timestamptz + make_interval(
                           secs => CASE WHEN scan.time_certainty <> '' THEN %(uncertain_seconds)s
                                        ELSE %(ahead_seconds)s END
                       )
                   AND ((scan.received_at <= %(then)s AND NOT scan.from_future) OR named.put_in_later)"""
_SCANS_KNOWN_THEN = sql_file(__name__, "scans_known_then", newest=newest_scans(_SCANS))


@dataclass(slots=True)
class _Since:
    """What happened to units after an instant, by the unit's or the item's id: to be taken back."""

    written_off: Counter[UUID] = field(default_factory=Counter)
    paid_again: Counter[UUID] = field(default_factory=Counter)
    returned: Counter[UUID] = field(default_factory=Counter)
    amounts: dict[UUID, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))

    def give_back(self, ids: Iterable[UUID], amounts: Sequence[int], sign: int) -> None:
        for each in ids:
            self.amounts[each] = [old + sign * more for old, more in zip(self.amounts[each], amounts, strict=True)]


def policy_then(then: datetime) -> Policy:
    """Return the policy in force at an instant; today's, where nobody had decided on one by then."""
    newest = PolicyVersion.objects.filter(decided_at__lte=then).order_by("-version").first()
    return Policy.from_values(newest.values, version=newest.version) if newest else current_policy()


def assess_orders_as_known(orders: Sequence[Order], policy: Policy, *, then: datetime) -> dict[UUID, OrderAssessment]:
    """Assess orders of one shop, by their id, as of `then`: a number of statements that the orders do not change."""
    if not orders:
        return {}
    seller_id = orders[0].seller_id
    assessed = assess_orders(orders, policy, now=then)
    units = [unit for assessment in assessed.values() for unit in assessment.units if unit.parcel_id]
    scans = _scans(seller_id, assessed, units, then)
    since = _since(seller_id, [unit.id for unit in units if unit.id], then)
    feeds = silent_feeds_then(then)
    return {
        order_id: replace(
            assessment,
            units=[_unit(unit, scans, since, feeds, policy, then) for unit in assessment.units if _sent(unit, then)],
        )
        for order_id, assessment in assessed.items()
    }


def _sent(unit: AssessedUnit, then: datetime) -> bool:
    return unit.facts.parcel is None or utc(unit.facts.parcel.shipped_at) <= then


def _unit(
    unit: AssessedUnit,
    scans: dict[UUID, ScanFact],
    since: _Since,
    feeds: Mapping[str, FeedFact],
    policy: Policy,
    then: datetime,
) -> AssessedUnit:
    if unit.id is None or unit.parcel_id is None or unit.facts.parcel is None:
        return unit
    item_amounts, unit_amounts = since.amounts[unit.item.id], since.amounts[unit.id]
    item = replace(
        unit.item,
        quantity_written_off=unit.item.quantity_written_off - since.written_off[unit.item.id],
        quantity_paid_again=unit.item.quantity_paid_again - since.paid_again[unit.item.id],
        refunded_minor=unit.item.refunded_minor - item_amounts[0],
        commission_back_minor=unit.item.commission_back_minor - item_amounts[1],
        commission_vat_back_minor=unit.item.commission_vat_back_minor - item_amounts[2],
    )
    facts = replace(
        unit.facts,
        parcel=_parcel(unit.facts.parcel, scans.get(unit.parcel_id), feeds, then),
        written_off=unit.facts.written_off - since.written_off[unit.id],
        paid_again=unit.facts.paid_again - since.paid_again[unit.id],
        returned=unit.facts.returned - since.returned[unit.id],
        override=None,
    )
    minor, commission_minor, vat_minor = (now - later for now, later in zip(unit.given_back, unit_amounts, strict=True))
    return replace(
        unit,
        item=item,
        facts=facts,
        assessment=assess(facts, policy, now=then),
        received=min(unit.received, facts.returned),
        given_back=(minor, commission_minor, vat_minor),
    )


def _parcel(parcel: ParcelFacts, scan: ScanFact | None, feeds: Mapping[str, FeedFact], then: datetime) -> ParcelFacts:
    changed_at = parcel.tracking_number_changed_at
    corrected = changed_at if changed_at and utc(changed_at) <= then else None
    feed = feeds.get(compact_form(parcel.carrier))
    return replace(parcel, last_scan=scan, tracking_number_changed_at=corrected, silent_feed=feed)


def _scans(
    seller_id: UUID, assessed: dict[UUID, OrderAssessment], units: Sequence[AssessedUnit], then: datetime
) -> dict[UUID, ScanFact]:
    """Return the scan that counted then, by its parcel's id."""
    booked = Sale.objects.filter(seller_id=seller_id, order_id__in=list(assessed), cause=Sale.Cause.HANDED_OVER)
    first = dict(booked.values_list("parcel").annotate(booked=Min("booked_at")))
    codes = {unit.parcel_id: unit.parcel for unit in units}
    later = [code in first and first[code] > then for code in codes.values()]
    parameters: dict[str, Any] = {
        "seller": seller_id,
        "parcels": list(codes),
        "put_in_later": later,
        "then": then,
        "ahead_seconds": FUTURE_TOLERANCE.total_seconds(),
        "uncertain_seconds": UNCERTAIN_TOLERANCE.total_seconds(),
    }
    rows = fetch(_SCANS_KNOWN_THEN, {**parameters, **STATUSES}) if codes else []
    return {
        parcel_id: ScanFact(scanned_at, ScanStatus(status), text, location, code)
        for parcel_id, scanned_at, status, text, location, code in rows
    }


def _since(seller_id: UUID, unit_ids: Sequence[UUID], then: datetime) -> _Since:
    """Read what happened to units after an instant: three statements."""
    since = _Since()
    written_off = WriteOffLine.objects.filter(
        seller_id=seller_id, parcel_unit_id__in=unit_ids, write_off__confirmed_at__gt=then
    )
    amounts = ("refund_minor", "commission_minor", "commission_vat_minor")
    for unit_id, item_id, quantity, *minor in written_off.values_list(
        "parcel_unit_id", "order_item_id", "quantity", *amounts
    ):
        since.written_off.update({unit_id: quantity, item_id: quantity})
        since.give_back((unit_id, item_id), minor, 1)
    restored = RestorationLine.objects.filter(
        seller_id=seller_id,
        write_off_line__parcel_unit_id__in=unit_ids,
        restoration__state=Restoration.State.RECEIVED,
        restoration__received_at__gt=then,
    ).annotate(unit_id=F("write_off_line__parcel_unit_id"), item_id=F("write_off_line__order_item_id"))
    for unit_id, item_id, quantity, *minor in restored.values_list("unit_id", "item_id", "quantity", *amounts):
        since.paid_again.update({unit_id: quantity, item_id: quantity})
        since.give_back((unit_id, item_id), minor, -1)
    returned = ReturnUnit.objects.filter(
        seller_id=seller_id, parcel_unit_id__in=unit_ids, return_of__registered_at__gt=then
    ).exclude(return_of__status=Return.Status.CANCELLED)
    for unit_id, quantity in returned.values_list("parcel_unit_id").annotate(units=Sum("quantity")):
        since.returned[unit_id] = quantity
    return since
