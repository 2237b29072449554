"""Monthly partitions of the scans' table, created with the first scan of a month."""

from __future__ import annotations

from collections.abc import Set
from datetime import date, timedelta

from django.db import connection, transaction

_known: set[date] = set()


def ensure_months(months: Set[date]) -> None:
    """Create the missing partitions of these months (first days, UTC).

    A partition is created in its own transaction, so that the lock on the whole table is short.
    """
    missing = sorted(months - _known)
    if not missing:
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('scan months', 0))")
            for month in missing:
                following = (month + timedelta(days=31)).replace(day=1)
                cursor.execute(  # The dates are ours, not a caller's words; DDL takes no parameters.
                    f"CREATE TABLE IF NOT EXISTS lostpost_scan_{month:%Y_%m} PARTITION OF lostpost_scan "
                    f"FOR VALUES FROM ('{month:%Y-%m-%d} 00:00+00') TO ('{following:%Y-%m-%d} 00:00+00')"
                )
        transaction.on_commit(lambda: _known.update(missing))
