"""Monthly partitions of the scans' table, created with the first scan of a month."""

from __future__ import annotations

from collections.abc import Set
from datetime import date, timedelta

from django.db import transaction

from lostpost.core.sql import execute, fetch

_known: set[date] = set()


def ensure_months(months: Set[date]) -> None:
    """Create the missing partitions of these months (first days, UTC).

    A partition is created in its own transaction, so that its locks are short. It is made as a table and then attached:
    only so do readers and writers of scans go on meanwhile. A partition created in one step locks the whole table, and
    deadlocked with whoever had changed a parcel, which its foreign key locks too, and read scans next.
    """
    missing = sorted(months - _known)
    if not missing:
        return
    with transaction.atomic():
        execute("SELECT pg_advisory_xact_lock(hashtextextended('scan months', 0))", ())
        for month in missing:
            _create(month)
        transaction.on_commit(lambda: _known.update(missing))


def _create(month: date) -> None:
    """Create a month's partition, unless it exists."""
    name, following = f"lostpost_scan_{month:%Y_%m}", (month + timedelta(days=31)).replace(day=1)
    ((exists,),) = fetch("SELECT to_regclass(%s) IS NOT NULL", (name,))
    if exists:
        return
    # The names and dates are ours, not a caller's words; DDL takes no parameters.
    execute(f"CREATE TABLE {name} (LIKE lostpost_scan INCLUDING ALL)", ())
    execute(
        f"ALTER TABLE lostpost_scan ATTACH PARTITION {name} "
        f"FOR VALUES FROM ('{month:%Y-%m-%d} 00:00+00') TO ('{following:%Y-%m-%d} 00:00+00')",
        (),
    )
