"""Parcels that went silent while nobody has asked about them: losses that are about to be noticed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from lostpost.eligibility.policy import Policy
from lostpost.parcels.models import Order
from lostpost.writeoffs.assess_order import assess_orders
from lostpost.writeoffs.reads import ShownParcel, UnitState, parcels_of

# The conditions on a parcel are those of the index `parcel_silent_candidates`, literally: only so is it used.
_CANDIDATES = """
    SELECT DISTINCT candidate.order_id
      FROM (
            SELECT parcel.order_id
              FROM lostpost_parcel parcel
              JOIN lostpost_order o ON o.seller_id = parcel.seller_id AND o.id = parcel.order_id
             WHERE parcel.seller_id = %(seller)s
               AND parcel.shipping_method = 'own' AND NOT parcel.delivered AND NOT parcel.written_off
               AND parcel.shipped_at BETWEEN %(from)s AND %(until)s
               AND coalesce(parcel.last_scanned_at, parcel.shipped_at) <= %(until)s
               AND parcel.last_status NOT IN ('returning', 'returned')
               AND o.placed_at >= %(from)s
               AND NOT EXISTS (
                   SELECT 1 FROM lostpost_customerquery query
                    WHERE query.seller_id = parcel.seller_id AND query.order_id = parcel.order_id
               )
               AND EXISTS (
                   SELECT 1 FROM lostpost_parcelunit unit
                    WHERE unit.seller_id = parcel.seller_id AND unit.parcel_id = parcel.id
                      AND unit.quantity > unit.quantity_written_off + unit.quantity_returned
               )
             ORDER BY parcel.shipped_at
             LIMIT %(most)s
           ) candidate
"""


def silent_parcels(seller_id: UUID, policy: Policy, *, now: datetime, most: int) -> list[tuple[Order, ShownParcel]]:
    """Return parcels that could be written off now and that no query is about, with their orders.

    Those handed over the longest ago come first: their last day is the nearest. More may exist than are returned.
    """
    orders = _candidates(seller_id, policy, now, most=4 * most)
    found = [
        (assessment.order, parcel)
        for assessment in assess_orders(orders, policy, now=now).values()
        for parcel in parcels_of(assessment.units)
        if parcel.state == UnitState.ELIGIBLE and parcel.shipped_at
    ]
    return sorted(found, key=lambda each: (each[1].shipped_at or now, each[1].code))[:most]


def _candidates(seller_id: UUID, policy: Policy, now: datetime, *, most: int) -> Sequence[Order]:
    """Return orders of which a parcel may have gone silent; the policy itself has the last word."""
    quiet = timedelta(days=min(policy.quiet_days, policy.quiet_days_untracked))
    window = {"from": now - timedelta(days=policy.order_age_days_max + 1), "until": now - quiet}
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, {"seller": seller_id, "most": most, **window})
        order_ids = [order_id for (order_id,) in cursor.fetchall()]
    return list(Order.objects.filter(seller_id=seller_id, id__in=order_ids)) if order_ids else []
