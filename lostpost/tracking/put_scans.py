"""Take Track & Trace scans in: late, out of order and twice, with the same result."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.core.clock import utc
from lostpost.core.errors import Conflict, Refused, Rejected
from lostpost.core.ownership import uuid7
from lostpost.core.sql import fetch, json_rows, sql_file
from lostpost.eligibility.facts import FINAL, FUTURE_TOLERANCE, UNCERTAIN_TOLERANCE
from lostpost.events.record import ANNOUNCING
from lostpost.orders.data import ScanData
from lostpost.orders.locks import ScannedParcel, lock_scanned_parcels
from lostpost.orders.problems import scan_problems
from lostpost.tracking.newest_scan import (
    STATUSES,
    announce_scans_after_write_off,
    newest_scans,
    only_scans,
    refresh_newest_scans,
)
from lostpost.tracking.scan_months import ensure_months

_THAT_COUNT = "stored WHERE NOT from_future AND NOT before_order"
_STORE = sql_file(__name__, "store_scans", newest=newest_scans(_THAT_COUNT), **ANNOUNCING)
_STORE_ONE_EACH = sql_file(__name__, "store_scans", newest=only_scans(_THAT_COUNT), **ANNOUNCING)
_CONTRADICTING = """
    SELECT sent.index
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS sent (
        index int, parcel_id uuid, scanned_at timestamptz, fingerprint uuid, status text
    )
    JOIN lostpost_scan scan
      ON scan.seller_id = %(seller)s AND scan.parcel_id = sent.parcel_id
     AND scan.scanned_at = sent.scanned_at AND scan.fingerprint = sent.fingerprint
     AND scan.scanned_at BETWEEN %(first)s AND %(last)s
   WHERE scan.status <> sent.status
"""


class ScanContradicts(Conflict):
    """A scan with the carrier's id at that time exists with another status."""

    code = "scan-contradicts"


@dataclass(frozen=True, slots=True)
class ScansOutcome:
    """The outcome of a batch of scans: `rejected` maps the index in the batch to the refusal of that scan.

    `unmatched` are the indexes of scans whose parcel is not there, for `keep_unmatched_scans`.
    """

    accepted: int
    duplicates: int
    rejected: dict[int, Refused] = field(default_factory=dict)
    unmatched: list[int] = field(default_factory=list)


def put_scans(*, seller: Seller, scans: Sequence[ScanData], now: datetime) -> ScansOutcome:
    """Store scans of one shop's parcels; invalid ones are returned, the others stored; a repeat changes nothing.

    A scan dated more than 15 minutes ahead of `now` is stored and flagged, and does not count until it is sent again
    once its time has come; one from before its order was placed is flagged for good. The parcels are locked, so a scan
    and a write-off at the same moment come one after the other: either the write-off reads the scan, or it is
    confirmed before the scan is stored.
    """
    sound, rejected = valid_scans(scans, now)
    ensure_months(months_of(scan.scanned_at for _index, scan in sound))
    with transaction.atomic(durable=True):
        return ingest_scans(seller.id, sound, rejected, now)


def valid_scans(scans: Sequence[ScanData], now: datetime) -> tuple[list[tuple[int, ScanData]], dict[int, Refused]]:
    """Split scans into valid ones, with their indexes in the batch, and the refusals of invalid ones."""
    sound: list[tuple[int, ScanData]] = []
    rejected: dict[int, Refused] = {}
    for index, scan in enumerate(scans):
        if problems := list(scan_problems(scan, now)):
            rejected[index] = Rejected("; ".join(problems))
        else:
            sound.append((index, scan))
    return sound, rejected


def ingest_scans(
    seller_id: UUID, sound: Sequence[tuple[int, ScanData]], rejected: dict[int, Refused], now: datetime
) -> ScansOutcome:
    """Store valid scans within the caller's transaction; their parcels are locked first. Adds to `rejected`.

    The partitions of the scans' months must exist: see `scan_months`.
    """
    parcels = lock_scanned_parcels(seller_id, (scan.parcel for _index, scan in sound))
    rows: dict[tuple[str, datetime, str], dict[str, Any]] = {}
    unmatched: list[int] = []
    duplicates = 0
    for index, scan in sound:
        parcel = parcels.get(scan.parcel)
        if parcel is None:
            unmatched.append(index)
            continue
        fingerprint = scan_fingerprint(scan)
        key = (scan.parcel, scan.scanned_at, fingerprint)
        if (earlier := rows.get(key)) is None:
            rows[key] = {
                "index": index,
                "parcel_id": parcel.id,
                "order_id": parcel.order_id,
                "scanned_at": scan.scanned_at,
                "fingerprint": fingerprint,
                "status": scan.status,
                "code": scan.code,
                "text": scan.text,
                "location": scan.location,
            }
            if scan.by_number:
                rows[key]["by_number"] = True
            if (offset := scan.utc_offset_minutes) is not None:
                rows[key]["utc_offset_minutes"] = offset
            if scan.time_certainty:
                rows[key]["time_certainty"] = scan.time_certainty
        elif earlier["status"] == scan.status:
            duplicates += 1
        else:
            rejected[index] = _contradiction(scan)
    if not rows:
        return ScansOutcome(0, duplicates, rejected, unmatched)
    instants = [scanned_at for _parcel, scanned_at, _fingerprint in rows]
    stored, otherwise = store_scans(seller_id, parcels.values(), list(rows.values()), instants, now)
    if otherwise:
        scans_by_index = dict(sound)
        rejected.update((index, _contradiction(scans_by_index[index])) for index in otherwise)
    return ScansOutcome(stored, duplicates + len(rows) - stored - len(otherwise), rejected, unmatched)


def store_scans(
    seller_id: UUID,
    parcels: Iterable[ScannedParcel],
    rows: Sequence[dict[str, Any]],
    instants: Sequence[datetime],
    now: datetime,
) -> tuple[int, list[int]]:
    """Insert scans of parcels locked by the caller, and update these; return how many are new, and which contradict.

    The feed announces parcels whose status changed, so its lock is held from here on (see `events.record`).

    Args: `rows`: as the table has them, each with its `index` and `order_id`; `received_at` where that was not `now`.
    `instants`: when they were scanned.
    """
    ended = [parcel.id for parcel in parcels if parcel.last_status in FINAL]
    batch: dict[str, Any] = {"rows": json_rows(rows), "seller": seller_id}
    more = {
        "now": now,
        "counter": uuid7(),
        "ahead_seconds": FUTURE_TOLERANCE.total_seconds(),
        "uncertain_seconds": UNCERTAIN_TOLERANCE.total_seconds(),
        "ended": ended,
        **STATUSES,
    }
    one_each = len({row["parcel_id"] for row in rows}) == len(rows)
    ((stored, unclear, after_write_off),) = fetch(_STORE_ONE_EACH if one_each else _STORE, {**batch, **more})
    contradicting = []
    if stored < len(rows):
        span = {"first": min(instants), "last": max(instants)}
        contradicting = [index for (index,) in fetch(_CONTRADICTING, {**batch, **span})]
    if unclear:
        refresh_newest_scans(seller_id, unclear, now)
    if after_write_off:
        announce_scans_after_write_off(seller_id, after_write_off)
    return stored, contradicting


def scan_fingerprint(scan: ScanData) -> str:
    """Identify a scan by 32 hex digits: a hash of the carrier's id where there is one, else of its content."""
    content = ("id", scan.id) if scan.id else ("said", scan.status, scan.code, scan.text, scan.location)
    return hashlib.sha256("\0".join(content).encode()).hexdigest()[:32]


def months_of(instants: Iterable[datetime]) -> set[date]:
    """Return the first days of the months, in UTC, that the instants lie in."""
    in_utc = (instant if instant.tzinfo is UTC else utc(instant) for instant in instants)
    return {date(year, month, 1) for year, month in {(instant.year, instant.month) for instant in in_utc}}


def _contradiction(scan: ScanData) -> ScanContradicts:
    return ScanContradicts(
        _("scan “%(it)s” of parcel “%(parcel)s” was told before with another status")
        % {"it": scan.id, "parcel": scan.parcel}
    )
