"""Silent parcels without a customer query: losses that customers have not reported yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lostpost.core.clock import EARLIEST, day_begins_at
from lostpost.core.sql import fetch, sql_file
from lostpost.eligibility.policy import Policy
from lostpost.insight.order_parcels import ShownParcel, UnitState, parcels_of
from lostpost.orders.models import Order
from lostpost.writeoffs.assess_order import assess_orders

PAGES_MOST = 10  # Bounds the cost of a page where the policy refuses many candidates by facts outside the parcel's row.

_CANDIDATES = sql_file(__name__, "silent_candidates")


def silent_parcels(seller_id: UUID, policy: Policy, *, now: datetime, most: int) -> list[tuple[Order, ShownParcel]]:
    """Return undelivered parcels that could be written off now and that no query is about, with their orders.

    Those handed over the longest ago come first: their last day is the nearest. More may exist than are returned.
    """
    parcels: dict[tuple[UUID, str], tuple[Order, ShownParcel]] = {}
    after: tuple[datetime, UUID] = (EARLIEST, UUID(int=0))
    for _page in range(PAGES_MOST):
        candidates = _candidates(seller_id, policy, now, after=after, most=4 * most)
        ids = {order_id for _shipped_at, _id, order_id in candidates}
        orders = Order.objects.filter(seller_id=seller_id, id__in=ids) if ids else ()
        for assessment in assess_orders(list(orders), policy, now=now).values():
            for parcel in parcels_of(assessment.units):
                if parcel.state == UnitState.ELIGIBLE and parcel.shipped_at:
                    parcels[assessment.order.id, parcel.code] = assessment.order, parcel
        if len(parcels) >= most or len(candidates) < 4 * most:
            break
        after = candidates[-1][:2]
    return sorted(parcels.values(), key=lambda each: (each[1].shipped_at or now, each[1].code))[:most]


def window(policy: Policy, now: datetime) -> dict[str, datetime]:
    """Return the instants between which a parcel is silent under this policy."""
    first_day = now.astimezone(policy.zone).date() - timedelta(days=policy.order_age_days_max)
    placed_from = day_begins_at(first_day, policy.zone)
    tracked, untracked = (now - timedelta(days=days) for days in (policy.quiet_days, policy.quiet_days_untracked))
    return {
        "from": placed_from - timedelta(days=1),  # A shop may report the hand-over before the order.
        "until": max(tracked, untracked),
        "until_tracked": tracked,
        "until_untracked": untracked,
        "picked_up_until": now - policy.pickup_time,
        "placed_from": placed_from,
    }


def _candidates(
    seller_id: UUID, policy: Policy, now: datetime, *, after: tuple[datetime, UUID], most: int
) -> list[tuple[datetime, UUID, UUID]]:
    """Return candidates for silent parcels, with their orders; the policy decides."""
    page: dict[str, Any] = {"seller": seller_id, "after_at": after[0], "after_id": after[1], "most": most}
    rows = fetch(_CANDIDATES, {**page, **window(policy, now)})
    return [(shipped_at, parcel_id, order_id) for shipped_at, parcel_id, order_id in rows]
