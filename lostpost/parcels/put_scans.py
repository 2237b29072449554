"""Take Track & Trace scans in: late, out of order and twice, with the same result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.core.errors import Conflict, NotFound, Refused, Rejected
from lostpost.eligibility.facts import FUTURE_TOLERANCE, ScanStatus
from lostpost.eligibility.rules import DELIVERED
from lostpost.parcels.intake import ScanData
from lostpost.parcels.locks import Locked, lock_parcels
from lostpost.parcels.problems import scan_problems
from lostpost.parcels.scan_months import ensure_months

_as_json = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_JOURNEY = [status.value for status in sorted(ScanStatus, key=lambda status: status.rank)]
_DELIVERED = sorted(status.value for status in DELIVERED)

# What is new is kept, and only what is new can move a parcel: forward, never back. Of two scans of one instant the
# order is that of `eligibility.facts.newest`, to the letter (text by code points, hence "C").
_TAKE_IN = """
    WITH kept AS (
        INSERT INTO lostpost_scan AS scan (
            seller_id, parcel_id, scanned_at, fingerprint, status, code, text, location, received_at, from_future
        )
        SELECT %(seller)s, parcel_id, scanned_at, fingerprint, status, code, text, location, %(now)s,
               scanned_at > %(believed_until)s
        FROM jsonb_to_recordset(%(rows)s::jsonb) AS told (
            parcel_id uuid, scanned_at timestamptz, fingerprint uuid, status text, code text, text text, location text
        )
        ON CONFLICT (seller_id, parcel_id, scanned_at, fingerprint) DO UPDATE
           SET from_future = false, received_at = EXCLUDED.received_at
         WHERE scan.seller_id = %(seller)s AND scan.from_future AND NOT EXCLUDED.from_future
           AND scan.status = EXCLUDED.status
        RETURNING parcel_id, scanned_at, fingerprint, status, code, text, location, from_future
    ), newest AS (
        SELECT DISTINCT ON (parcel_id) *
        FROM (
            SELECT kept.*, array_position(%(journey)s::text[], kept.status::text) - 1 AS rank
            FROM kept
            WHERE NOT from_future
        ) believed
        ORDER BY parcel_id, scanned_at DESC, rank DESC, text COLLATE "C" DESC, location COLLATE "C" DESC,
                 code COLLATE "C" DESC, fingerprint DESC
    ), moved AS (
        UPDATE lostpost_parcel parcel
           SET last_scanned_at = newest.scanned_at, last_status = newest.status, last_rank = newest.rank,
               last_fingerprint = newest.fingerprint, last_text = newest.text, last_location = newest.location,
               last_code = newest.code, delivered = newest.status = ANY(%(delivered)s)
          FROM newest
         WHERE parcel.seller_id = %(seller)s AND parcel.id = newest.parcel_id
           AND (
                parcel.last_scanned_at IS NULL
                OR (
                    newest.scanned_at, newest.rank, newest.text COLLATE "C", newest.location COLLATE "C",
                    newest.code COLLATE "C", newest.fingerprint
                ) > (
                    parcel.last_scanned_at, parcel.last_rank, parcel.last_text COLLATE "C",
                    parcel.last_location COLLATE "C", parcel.last_code COLLATE "C", parcel.last_fingerprint
                )
           )
    )
    SELECT count(*) FROM kept
"""
_TOLD_OTHERWISE = """
    SELECT told.index
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS told (
        index int, parcel_id uuid, scanned_at timestamptz, fingerprint uuid, status text
    )
    JOIN lostpost_scan scan
      ON scan.seller_id = %(seller)s AND scan.parcel_id = told.parcel_id
     AND scan.scanned_at = told.scanned_at AND scan.fingerprint = told.fingerprint
     AND scan.scanned_at BETWEEN %(first)s AND %(last)s
   WHERE scan.status <> told.status
"""


class ScanContradicts(Conflict):
    """The carrier's id at that time was told before, with another status."""

    code = "scan-contradicts"


@dataclass(frozen=True, slots=True)
class ScansTaken:
    """How a batch of scans ended: `rejected` maps the index in the batch to what is wrong with that scan."""

    accepted: int
    duplicates: int
    rejected: dict[int, Refused] = field(default_factory=dict)


def put_scans(*, seller: Seller, scans: Sequence[ScanData], now: datetime) -> ScansTaken:
    """Take in scans of one shop's parcels; the wrong ones are named, the others go in, and a repeat is harmless.

    A scan dated more than 15 minutes ahead of `now` is kept and flagged, and does not count until it is told again
    once its time has come. The parcels are locked, so a scan and a write-off at the same moment come one after the
    other: either the write-off has seen the scan, or it was confirmed before the scan came.
    """
    sound, rejected = sound_scans(scans, now)
    ensure_months(_months(scan.scanned_at for _index, scan in sound))
    with transaction.atomic(durable=True):
        parcels = lock_parcels(seller.id, (scan.parcel for _index, scan in sound))
        return take_scans(Locked(seller.id, {}, parcels), sound, rejected, now)


def sound_scans(scans: Sequence[ScanData], now: datetime) -> tuple[list[tuple[int, ScanData]], dict[int, Refused]]:
    """Tell the scans that may go in, with their places in the batch, from those that are wrong by themselves."""
    sound: list[tuple[int, ScanData]] = []
    rejected: dict[int, Refused] = {}
    for index, scan in enumerate(scans):
        if problems := list(scan_problems(scan, now)):
            rejected[index] = Rejected("; ".join(problems))
        else:
            sound.append((index, scan))
    return sound, rejected


def take_scans(
    locked: Locked, sound: Sequence[tuple[int, ScanData]], rejected: dict[int, Refused], now: datetime
) -> ScansTaken:
    """Take in sound scans within the caller's transaction, which has locked their parcels. Adds to `rejected`.

    The months of the scans must be there: see `scan_months`.
    """
    rows: dict[tuple[str, datetime, str], dict[str, Any]] = {}
    duplicates = 0
    for index, scan in sound:
        parcel_id = locked.parcels.get(scan.parcel)
        if parcel_id is None:
            rejected[index] = NotFound(_("there is no parcel “%(it)s” in this shop") % {"it": scan.parcel})
            continue
        fingerprint = scan_fingerprint(scan)
        key = (scan.parcel, scan.scanned_at, fingerprint)
        if (earlier := rows.get(key)) is None:
            rows[key] = {
                "index": index,
                "parcel_id": str(parcel_id),
                "scanned_at": scan.scanned_at.isoformat(),
                "fingerprint": fingerprint,
                "status": scan.status,
                "code": scan.code,
                "text": scan.text,
                "location": scan.location,
            }
        elif earlier["status"] == scan.status:
            duplicates += 1
        else:
            rejected[index] = _contradiction(scan)
    if not rows:
        return ScansTaken(0, duplicates, rejected)
    batch: dict[str, Any] = {"rows": _as_json(list(rows.values())), "seller": locked.seller_id}
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE_IN,
            {
                **batch,
                "now": now,
                "believed_until": now + FUTURE_TOLERANCE,
                "journey": _JOURNEY,
                "delivered": _DELIVERED,
            },
        )
        (kept,) = cursor.fetchone()
        otherwise = []
        if kept < len(rows):
            instants = [scanned_at for _parcel, scanned_at, _fingerprint in rows]
            cursor.execute(_TOLD_OTHERWISE, {**batch, "first": min(instants), "last": max(instants)})
            otherwise = [index for (index,) in cursor.fetchall()]
    if otherwise:
        told = dict(sound)
        rejected.update((index, _contradiction(told[index])) for index in otherwise)
    return ScansTaken(kept, duplicates + len(rows) - kept - len(otherwise), rejected)


def scan_fingerprint(scan: ScanData) -> str:
    """Say which scan this is, in 32 hex digits: by the carrier's id where there is one, else by what it says."""
    said = ("id", scan.id) if scan.id else ("said", scan.status, scan.code, scan.text, scan.location)
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:32]


def _months(instants: Iterable[datetime]) -> set[date]:
    """Return the first days of the months, in UTC, that the instants lie in."""
    in_utc = (instant if instant.tzinfo is UTC else instant.astimezone(UTC) for instant in instants)
    return {date(year, month, 1) for year, month in {(instant.year, instant.month) for instant in in_utc}}


def _contradiction(scan: ScanData) -> ScanContradicts:
    return ScanContradicts(
        _("scan “%(it)s” of parcel “%(parcel)s” was told before with another status")
        % {"it": scan.id, "parcel": scan.parcel}
    )
