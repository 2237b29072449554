"""Monthly partitions of the scans' table, created with the first scan of a month."""

from __future__ import annotations

from collections.abc import Set
from datetime import date

from django.db import transaction

from lostpost.core.sql import execute

_known: set[date] = set()


def ensure_months(months: Set[date]) -> None:
    """Create the missing partitions of these months (first days, UTC).

    A partition is created in its own transaction, so that its locks are short. It is made as a table and then attached:
    only so do readers and writers of scans go on meanwhile. A partition created in one step locks the whole table, and
    deadlocked with whoever had changed a parcel, which its foreign key locks too, and read scans next. A function of
    the tables' owner makes it, as the application's role may be one that makes no tables.
    """
    missing = sorted(months - _known)
    if not missing:
        return
    with transaction.atomic():
        execute("SELECT pg_advisory_xact_lock(hashtextextended('scan months', 0))", ())
        # To Citus: one shard after the other, or it would wait for itself. To a database on one machine: nothing.
        execute("SELECT set_config('citus.multi_shard_modify_mode', 'sequential', true)", ())
        for month in missing:
            execute("SELECT lostpost_create_scan_month(%s)", (month,))
        transaction.on_commit(lambda: _known.update(missing))
