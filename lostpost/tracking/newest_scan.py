"""The newest scan that counts, in SQL: exactly what `eligibility.facts.newest` computes in Python."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from lostpost.core.jobs import Job, defer
from lostpost.core.ownership import uuid7
from lostpost.core.queues import WATCH
from lostpost.core.sql import execute, fetch, sql_file
from lostpost.eligibility.facts import DELIVERED, FINAL, NO_MOVEMENT, ScanStatus
from lostpost.events.record import ANNOUNCING

SCANNED_AFTER_WRITE_OFF = "found-parcels.scanned"  # The job's name; its handler stands where such a case is opened.

# What the statements below need to know of statuses.
STATUSES: dict[str, Any] = {
    "journey": [status.value for status in sorted(ScanStatus, key=lambda status: status.rank)],
    "delivered": sorted(status.value for status in DELIVERED),
    "final": sorted(status.value for status in FINAL),
    "no_movement": sorted(status.value for status in NO_MOVEMENT),
}
_ONLY_SCANS = """
        SELECT parcel_id, scanned_at, fingerprint, status, code, text, location,
               array_position(%(journey)s::text[], status::text) - 1 AS rank,
               status <> ALL(%(no_movement)s) AS any_moves
          FROM <scans>
"""


def only_scans(scans: str) -> str:
    """Return the query for at most one scan of each parcel, the usual case: nothing is sorted."""
    return _ONLY_SCANS.replace("<scans>", scans)


def newest_scans(scans: str) -> str:
    """Return the query for the scan of each parcel that counts; `ends`: it ends the journey, whatever came after it.

    Args: `scans`: the FROM clause: scans that are not flagged.
    """
    return sql_file(__name__, "newest_scans", scans=scans)


_OF_PARCELS = """lostpost_scan scan
                         WHERE scan.seller_id = %(seller)s AND scan.parcel_id = ANY(%(parcels)s)
                           AND NOT scan.from_future AND NOT scan.before_order"""
_REFRESH = sql_file(__name__, "refresh_newest_scans", newest=newest_scans(_OF_PARCELS), **ANNOUNCING)
_FLAG = """
    UPDATE lostpost_scan scan
       SET before_order = scan.scanned_at < placed.placed_at
      FROM lostpost_parcel parcel
      JOIN lostpost_order placed ON placed.seller_id = parcel.seller_id AND placed.id = parcel.order_id
     WHERE scan.seller_id = %(seller)s AND scan.parcel_id = ANY(%(parcels)s)
       AND parcel.seller_id = scan.seller_id AND parcel.id = scan.parcel_id
       AND scan.before_order <> (scan.scanned_at < placed.placed_at)
"""


def refresh_newest_scans(seller_id: UUID, parcel_ids: Iterable[UUID], now: datetime) -> None:
    """Determine again which scan counts on each of these parcels, locked by the caller, from all scans of it."""
    if ids := sorted(set(parcel_ids)):
        of_feed = {"counter": uuid7(), "now": now}
        parcels = fetch(_REFRESH, {"seller": seller_id, "parcels": ids, **of_feed, **STATUSES})
        if after_write_off := [parcel_id for (parcel_id,) in parcels]:
            announce_scans_after_write_off(seller_id, after_write_off)


def announce_scans_after_write_off(seller_id: UUID, parcel_ids: Iterable[UUID]) -> None:
    """Let a job look, once this commits, whether parcels of which something was written off were found."""
    parcels = sorted({str(parcel_id) for parcel_id in parcel_ids})
    defer(Job(SCANNED_AFTER_WRITE_OFF, WATCH, {"seller": str(seller_id), "parcels": parcels}))


def flag_scans_before_order(seller_id: UUID, parcel_ids: Iterable[UUID], now: datetime) -> None:
    """Flag again the scans from before the order, whose day was corrected; the caller has locked the parcels."""
    ids = sorted(set(parcel_ids))
    if ids:
        execute(_FLAG, {"seller": seller_id, "parcels": ids})
    refresh_newest_scans(seller_id, ids, now)
