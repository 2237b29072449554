"""The whole radar of a shop or of the marketplace, now or as of an earlier instant: for files and the command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lostpost.core.clock import day_begins_at, rfc3339
from lostpost.core.ownership import cross_seller
from lostpost.core.sql import fetch
from lostpost.customer_queries.models import CustomerQuery
from lostpost.eligibility.policy import Policy
from lostpost.insight.known_then import assess_orders_as_known
from lostpost.insight.order_parcels import UnitState
from lostpost.insight.radar import RadarParcel, RadarQuery, radar_parcels
from lostpost.orders.models import Order
from lostpost.writeoffs.assess_order import assess_orders

IN_ONE_READ = 500  # Orders.

# Orders of which anything may be on the radar: those in time, and those for which Partnerservice lifts a refusal.
_ORDERS_NOW = """
    SELECT parcel.order_id
      FROM lostpost_parcel parcel
      JOIN lostpost_order placed ON placed.seller_id = parcel.seller_id AND placed.id = parcel.order_id
     WHERE parcel.seller_id = %(seller)s
       AND parcel.shipping_method = 'own' AND NOT parcel.delivered AND NOT parcel.written_off
       AND placed.placed_at >= %(placed_from)s
    UNION
    SELECT parcel.order_id
      FROM lostpost_parcelunit unit
      JOIN lostpost_parcel parcel ON parcel.seller_id = unit.seller_id AND parcel.id = unit.parcel_id
     WHERE unit.seller_id = %(seller)s AND unit.override IS NOT NULL
"""
_SELLERS_THEN = "SELECT DISTINCT seller_id FROM lostpost_order WHERE placed_at BETWEEN %(placed_from)s AND %(then)s"
_SELLERS_NOW = """
    SELECT DISTINCT seller_id FROM lostpost_parcel
     WHERE shipping_method = 'own' AND NOT delivered AND NOT written_off
    UNION
    SELECT DISTINCT seller_id FROM lostpost_parcelunit WHERE override IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class RadarTotals:
    """What the radar says in short. `value_minor`: of the eligible parcels, by currency."""

    eligible: int
    value_minor: dict[str, int]
    only_too_recent: int


def radar_totals(parcels: Sequence[RadarParcel]) -> RadarTotals:
    """Sum up the parcels of a radar."""
    eligible = [parcel for parcel in parcels if parcel.state == UnitState.ELIGIBLE]
    value_minor: Counter[str] = Counter()
    for parcel in eligible:
        value_minor[parcel.currency] += parcel.value_minor
    return RadarTotals(
        len(eligible), dict(sorted(value_minor.items())), sum(parcel.only_too_recent for parcel in parcels)
    )


def radar_values(parcel: RadarParcel) -> dict[str, Any]:
    """Return a parcel as JSON values: as the API and the command give them."""
    return {
        "order_number": parcel.order_number,
        "parcel": parcel.parcel,
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "state": parcel.state,
        "shipped_at": rfc3339(parcel.shipped_at),
        "silent_since": rfc3339(parcel.silent_since),
        "eligible_from": rfc3339(parcel.eligible_from),
        "last_on": parcel.last_on.isoformat(),
        "claim_on": parcel.claim_on.isoformat() if parcel.claim_on else None,
        "paused_since": rfc3339(parcel.paused_since) if parcel.paused_since else None,
        "quantity": parcel.quantity,
        "value_minor": parcel.value_minor,
        "currency": parcel.currency,
        "customer_query": {"number": parcel.query.number, "state": parcel.query.state} if parcel.query else None,
    }


def whole_radar(policy: Policy, *, now: datetime, seller_id: UUID | None = None) -> list[RadarParcel]:
    """Return every silent parcel of a shop, or of all, that which fell silent last first."""
    return _newest_first(_of_shops_now(policy, now, seller_id))


def whole_radar_then(policy: Policy, *, then: datetime, seller_id: UUID | None = None) -> list[RadarParcel]:
    """Return every parcel that was silent at an earlier instant, by what was known then: see `known_then`."""
    return _newest_first(_of_shops_then(policy, then, seller_id))


def _newest_first(parcels: Iterator[RadarParcel]) -> list[RadarParcel]:
    return sorted(parcels, key=lambda parcel: parcel.key, reverse=True)


def _of_shops_now(policy: Policy, now: datetime, seller_id: UUID | None) -> Iterator[RadarParcel]:
    first = placed_from(policy, now)
    for shop in [seller_id] if seller_id else _shops(_SELLERS_NOW, {}):
        ids = [order_id for (order_id,) in fetch(_ORDERS_NOW, {"seller": shop, "placed_from": first})]
        for orders in _in_reads(shop, ids):
            queries = queries_of_orders(shop, [order.id for order in orders])
            yield from radar_parcels(assess_orders(orders, policy, now=now).values(), queries=queries)


def _of_shops_then(policy: Policy, then: datetime, seller_id: UUID | None) -> Iterator[RadarParcel]:
    span = {"placed_from": placed_from(policy, then), "then": then}
    for shop in [seller_id] if seller_id else _shops(_SELLERS_THEN, span):
        rows = Order.objects.filter(seller_id=shop, placed_at__range=(span["placed_from"], then))
        for orders in _in_reads(shop, list(rows.values_list("id", flat=True))):
            queries = queries_of_orders(shop, [order.id for order in orders], then=then)
            assessed = assess_orders_as_known(orders, policy, then=then)
            yield from radar_parcels(assessed.values(), queries=queries)


def queries_of_orders(
    seller_id: UUID, order_ids: Sequence[UUID], *, then: datetime | None = None
) -> dict[UUID, RadarQuery]:
    """Return the query that matters about each order, by the order's id.

    Args: `then`: only what was opened by then; what was handled only later is open. Which kind of open it was is not
    kept, so it has the state of now.
    """
    rows = CustomerQuery.objects.filter(seller_id=seller_id, order_id__in=order_ids)
    if then:
        rows = rows.filter(opened_at__lte=then)
    found: dict[UUID, RadarQuery] = {}
    for order_id, number, state, opened_at, handled_at in rows.order_by("opened_at", "id").values_list(
        "order_id", "number", "state", "opened_at", "handled_at"
    ):
        later = then is not None and handled_at is not None and handled_at > then
        query = RadarQuery(number, CustomerQuery.State.OPEN if later else CustomerQuery.State(state), opened_at)
        if order_id not in found or found[order_id].handled or not query.handled:
            found[order_id] = query
    return found


def _in_reads(seller_id: UUID, ids: Sequence[UUID]) -> Iterator[list[Order]]:
    for at in range(0, len(ids), IN_ONE_READ):
        yield list(Order.objects.filter(seller_id=seller_id, id__in=ids[at : at + IN_ONE_READ]))


def _shops(statement: str, parameters: dict[str, datetime]) -> list[UUID]:
    with cross_seller("radar: which shops have parcels under way"):
        return sorted(shop for (shop,) in fetch(statement, parameters))


def placed_from(policy: Policy, now: datetime) -> datetime:
    """Return the first instant of the first day on which an order in time may have been placed."""
    return day_begins_at(
        now.astimezone(policy.zone).date() - timedelta(days=policy.bounds("order_age_days_max")[1]), policy.zone
    )
