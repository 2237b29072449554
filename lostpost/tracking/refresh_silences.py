"""Silences of parcels, from their scans: what arrival odds are counted from.

A parcel that somebody wrote off is watched on: what was lost and came after all is what the odds are about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from lostpost.core.ownership import cross_seller
from lostpost.core.sql import execute, fetch, insert, sql_file
from lostpost.eligibility.rules import GOING_BACK
from lostpost.tracking.models import Silence, SilenceCount
from lostpost.tracking.newest_scan import STATUSES

WATCHED = timedelta(days=90)  # From its beginning; providers stop looking after a month without news.
COUNTED = timedelta(days=180)
DAYS_MAX = 90
PARCELS_AT_ONCE = 500  # Of one transaction.

_WORK_OUT = sql_file(__name__, "silences_of_parcels")
_TO_REFRESH = sql_file(__name__, "silences_to_refresh")
_COUNT = sql_file(__name__, "count_silences")
_SILENCE = ("parcel_id", "began_at", "carrier_normalised", "country", "silent_days", "end_days", "outcome", "seen_at")
SILENCE_COUNTED = ("carrier_normalised", "country", "silent_days", "end_days", "outcome", "parcels")
_HANDED_OVER = """
    SELECT seller_id, id FROM lostpost_parcel
     WHERE shipped_at >= %(since)s AND shipped_at < %(until)s AND shipping_method = 'own' AND tracking_number <> ''
"""


@transaction.atomic(durable=True)
def refresh_silences(*, seller_id: UUID, parcel_ids: Sequence[UUID]) -> None:
    """Work out the silences of parcels of a shop again, from all their scans. Repeating it changes nothing."""
    ids = sorted(set(parcel_ids))
    parameters = {"seller": seller_id, "parcels": ids, "going_back": sorted(GOING_BACK)}
    # One at a time for a parcel: two that insert the same silence would collide.
    execute("SELECT pg_advisory_xact_lock(hashtextextended('silences ' || %s::text, 0))", (str(seller_id),))
    execute("DELETE FROM lostpost_silence WHERE seller_id = %(seller)s AND parcel_id = ANY(%(parcels)s)", parameters)
    rows = fetch(_WORK_OUT, {**parameters, **STATUSES})
    insert(Silence, [dict(zip(_SILENCE, row, strict=True)) for row in rows], seller_id=seller_id)


def silences_to_refresh(*, now: datetime, most: int) -> dict[UUID, list[UUID]]:
    """Return the parcels by their seller of which a scan came since their silences were worked out."""
    with cross_seller("silences: parcels that were scanned again"):
        return _by_seller(fetch(_TO_REFRESH, {"began_from": now - WATCHED, "most": most}))


def parcels_handed_over(*, since: datetime, until: datetime) -> dict[UUID, list[UUID]]:
    """Return the parcels by their seller that were handed over in a span."""
    with cross_seller("silences: parcels of a day"):
        return _by_seller(fetch(_HANDED_OVER, {"since": since, "until": until}))


def counted_silences(*, until: datetime) -> list[dict[str, Any]]:
    """Count the silences of the last half year, those of all shops, as `keep_silence_counts` takes them."""
    with cross_seller("silences: counted over all shops"):
        rows = fetch(_COUNT, {"began_from": until - COUNTED, "until": until, "days_max": DAYS_MAX})
    return [dict(zip(SILENCE_COUNTED, row, strict=True)) for row in rows]


@transaction.atomic(durable=True)
def keep_silence_counts(*, counts: Sequence[dict[str, Any]]) -> None:
    """Keep these counts in place of those of before."""
    SilenceCount.objects.all().delete()
    SilenceCount.objects.bulk_create([SilenceCount(**row) for row in counts], batch_size=1_000)


def _by_seller(rows: Sequence[tuple[UUID, UUID]]) -> dict[UUID, list[UUID]]:
    parcels: dict[UUID, list[UUID]] = defaultdict(list)
    for seller_id, parcel_id in rows:
        parcels[seller_id].append(parcel_id)
    return parcels
