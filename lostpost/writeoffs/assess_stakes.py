"""Assess what is at stake in customer queries, so that lists can be sorted and filtered by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from lostpost.accounts.policy import current_policy
from lostpost.core.text import compact_form
from lostpost.customer_queries.models import NEVER, CustomerQuery
from lostpost.customer_queries.stakes import Stakes, lock_for_stakes, save_stakes
from lostpost.customer_queries.states import begins_at, claim_day
from lostpost.eligibility.policy import Policy
from lostpost.orders.reads import AssessedUnit
from lostpost.writeoffs.assess_order import OrderAssessment, assess_orders
from lostpost.writeoffs.remainders import remainders_of


@transaction.atomic(durable=True)
def assess_stakes(*, seller_id: UUID, query_ids: Sequence[UUID], now: datetime) -> int:
    """Assess the orders of queries of one seller and keep the results on their rows; return how many.

    A number of statements that neither the queries nor the shop change. Repeating it changes nothing but the time.
    """
    queries, policy = lock_for_stakes(seller_id, query_ids), current_policy()
    orders = {query.order_id: query.order for query in queries}
    assessed = assess_orders(list(orders.values()), policy, now=now)
    save_stakes(
        seller_id, [(query, stakes_of(query, assessed[query.order_id])) for query in queries], policy=policy, now=now
    )
    return len(queries)


def stakes_of(query: CustomerQuery, assessment: OrderAssessment) -> Stakes:
    """Return what is at stake in a query."""
    units = units_at_stake(assessment, query.order_item_id)
    return Stakes(
        worth_of(assessment, units),
        min(map(eligible_from, units), default=NEVER),
        claim_until_of(units, assessment.policy),
        carrier_of(units),
    )


def units_at_stake(assessment: OrderAssessment, item_id: UUID | None = None) -> list[AssessedUnit]:
    """Return the shipped units that are neither written off nor returned, those first that are eligible the soonest.

    Args: `item_id`: of the item that the query is about; None: the entire order.
    """
    units = [
        unit for unit in assessment.units if unit.parcel_id and unit.available > 0 and item_id in (None, unit.item.id)
    ]
    return sorted(units, key=eligible_from)


def worth_of(assessment: OrderAssessment, units: Sequence[AssessedUnit]) -> int:
    """Return what the customer would receive for these units, in minor units of the order's currency."""
    if not units:
        return 0
    remainders, worth_minor = remainders_of(assessment.units, vat_now=assessment.vat_now), 0
    for unit in units:
        remainder = remainders[unit.item.id]
        worth_minor += remainder.take(min(unit.available, remainder.quantity), of=unit.id).refund_minor
    return worth_minor


def eligible_from(unit: AssessedUnit) -> datetime:
    """Return from when on units may be written off, as far as is known now: in the past where they may, or NEVER."""
    assessment, parcel = unit.assessment, unit.facts.parcel
    if assessment.eligible and parcel:  # By an override, it may be so before its quiet time is over.
        return min(parcel.updated_at + assessment.policy.quiet_time(unit.facts), assessment.now)
    if assessment.only_for_now and assessment.eligible_from and not assessment.too_old_by_then:
        return assessment.eligible_from
    return NEVER


def claim_until_of(units: Sequence[AssessedUnit], policy: Policy) -> datetime:
    """Return when the carrier of the units that matter first takes no claim any more; NEVER where nobody said."""
    parcel = units[0].facts.parcel if units else None
    last = claim_day(parcel.carrier, parcel.shipped_at, policy) if parcel else None
    return begins_at(last + timedelta(days=1), policy) if last else NEVER


def carrier_of(units: Sequence[AssessedUnit]) -> str:
    """Return the carrier of the units that matter first, in the form in which parcels are compared."""
    parcel = units[0].facts.parcel if units else None
    return compact_form(parcel.carrier) if parcel else ""
