"""Count the scans that were received, by carrier and hour of receiving: by these it is known that a feed is alive.

Nothing is counted where scans come in: many batches at once would meet on the same rows. A job counts the newest hours
again, by an index of a few pages (BRIN) that costs a new scan nearly nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from lostpost.carrier_feeds.models import CarrierFeed, HourlyScanCount
from lostpost.core.ownership import cross_seller
from lostpost.core.sql import Rows, execute, fetch, json_rows, sql_file
from lostpost.tracking.enter_scan import BY_HAND

COUNTED_AT_FIRST = timedelta(days=70)  # As much as the usual rate of a carrier is learned from.
KEPT = timedelta(days=400)  # So that a holiday of last year is known.
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

_COUNT = sql_file(__name__, "count_received_scans")
_COUNT_UNMATCHED = sql_file(__name__, "count_unmatched_scans")
_COUNTED = ("carrier_normalised", "hour_at", "scans", "carrier", "received_at")
_KEEP = """
    INSERT INTO lostpost_hourlyscancount (carrier_normalised, hour_at, scans)
    SELECT row.carrier_normalised, row.hour_at, sum(row.scans)
      FROM jsonb_to_recordset(%(rows)s::jsonb) AS row (carrier_normalised text, hour_at timestamptz, scans int)
     GROUP BY row.carrier_normalised, row.hour_at
        ON CONFLICT (carrier_normalised, hour_at) DO UPDATE SET scans = EXCLUDED.scans
"""
_NAME = """
    INSERT INTO lostpost_carrierfeed AS feed
           (carrier_normalised, carrier, received_at, learns_from, state, silent_after_seconds, usual_week,
            expected_day, received_day)
    SELECT row.carrier_normalised, min(row.carrier), max(row.received_at), min(row.hour_at), 'learning', 0, 0, 0, 0
      FROM jsonb_to_recordset(%(rows)s::jsonb)
           AS row (carrier_normalised text, hour_at timestamptz, carrier text, received_at timestamptz)
     GROUP BY row.carrier_normalised
        ON CONFLICT (carrier_normalised) DO UPDATE
       SET received_at = greatest(feed.received_at, EXCLUDED.received_at),
           learns_from = least(feed.learns_from, EXCLUDED.learns_from)
"""


def count_received_scans(*, now: datetime) -> None:
    """Count the scans received since the newest look at feeds, from the hour before it on; at first, of ten weeks.

    Repeating it changes nothing: an hour's count takes the place of the one before.
    """
    newest = CarrierFeed.objects.aggregate(newest=Max("checked_at"))["newest"]
    since = _hour(newest) - HOUR if newest else _hour(now) - COUNTED_AT_FIRST
    while since < now:
        until = min(since + DAY, now)
        _keep_counts(_counted(since, until))
        since = until


def _counted(since: datetime, until: datetime) -> Rows:
    with cross_seller("feeds: scans of all shops, by carrier and hour"):
        counted = fetch(_COUNT, {"since": since, "until": until, "by_hand": BY_HAND})
    return counted + fetch(_COUNT_UNMATCHED, {"since": since, "until": until})


@transaction.atomic(durable=True)
def _keep_counts(counted: Rows) -> None:
    if counted:
        rows = json_rows([dict(zip(_COUNTED, row, strict=True)) for row in counted])
        execute(_KEEP, {"rows": rows})
        execute(_NAME, {"rows": rows})


@transaction.atomic(durable=True)
def forget_scan_counts(*, now: datetime) -> int:
    """Delete counts that are too old to learn from; return how many."""
    count, _by_model = HourlyScanCount.objects.filter(hour_at__lt=now - KEPT).delete()
    return count


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
