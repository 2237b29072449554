"""Mark parcels that fell silent, so that lists find them in the order of their last update.

An index that holds the last update itself would be written by every scan. The mark is written once, when a parcel has
been silent for a day, and read together with the last update, which it must still be.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from lostpost.core.ownership import cross_seller
from lostpost.core.sql import fetch, sql_file
from lostpost.eligibility.policy import Policy

SILENT_AFTER = timedelta(days=1)  # Or an hour before the policy lets anybody write off, where that is sooner.
AHEAD = timedelta(hours=1)  # More than the time between two looks.
SHIPPED_BEFORE_ORDER = timedelta(days=30)  # A hand-over longer before its order than this is a slip.
IN_ONE_TRANSACTION = 1_000

_SHOPS = sql_file(__name__, "shops_with_new_silence")
_MARK = sql_file(__name__, "mark_silent_parcels")


def shops_with_new_silence(policy: Policy, *, now: datetime) -> list[UUID]:
    """Return the shops with parcels to be marked."""
    with cross_seller("silent parcels: which shops have any that are not marked"):
        return [seller_id for (seller_id,) in fetch(_SHOPS, _span(policy, now))]


@transaction.atomic(durable=True)
def mark_silent_parcels(*, seller_id: UUID, policy: Policy, now: datetime) -> list[UUID]:
    """Mark parcels of a shop that fell silent, `IN_ONE_TRANSACTION` at most; return them. Safe to repeat."""
    rows = fetch(_MARK, {"seller": seller_id, "most": IN_ONE_TRANSACTION, **_span(policy, now)})
    return [parcel_id for (parcel_id,) in rows]


def silent_until(policy: Policy, now: datetime) -> datetime:
    """Return the last update from which on a parcel counts as silent."""
    least = timedelta(days=policy.bounds("quiet_days", "quiet_days_untracked")[0])
    return now - min(SILENT_AFTER, least - AHEAD)


def _span(policy: Policy, now: datetime) -> dict[str, datetime]:
    shipped_from = now - timedelta(days=policy.bounds("order_age_days_max")[1] + 2) - SHIPPED_BEFORE_ORDER
    return {"shipped_from": shipped_from, "silent_until": silent_until(policy, now)}
