"""Take Track & Trace scans in: late, out of order and twice, with the same result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.core.clock import rfc3339
from lostpost.core.errors import Conflict, NotFound, Refused, Rejected
from lostpost.eligibility.facts import FUTURE_TOLERANCE, ScanStatus
from lostpost.parcels.intake import ScanData, scan_problems
from lostpost.parcels.models import Parcel
from lostpost.parcels.scan_months import ensure_months

_GIVEN = """
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS row (
            index int, parcel_id uuid, scanned_at timestamptz, fingerprint uuid, status text, rank smallint,
            code text, text text, location text, from_future boolean
        )
    )
"""
_KNOWN = (
    _GIVEN
    + """
    SELECT given.index, scan.status = given.status
    FROM given
    JOIN lostpost_scan scan
      ON scan.seller_id = %(seller)s AND scan.parcel_id = given.parcel_id
     AND scan.scanned_at = given.scanned_at AND scan.fingerprint = given.fingerprint
"""
)
_INSERT = (
    _GIVEN
    + """
    INSERT INTO lostpost_scan AS scan (
        seller_id, parcel_id, scanned_at, fingerprint, status, code, text, location, received_at, from_future
    )
    SELECT %(seller)s, parcel_id, scanned_at, fingerprint, status, code, text, location, %(now)s, from_future
    FROM given
    ON CONFLICT (seller_id, parcel_id, scanned_at, fingerprint) DO UPDATE
       SET from_future = false, received_at = EXCLUDED.received_at
     WHERE scan.seller_id = %(seller)s AND scan.from_future AND NOT EXCLUDED.from_future
"""
)
# Forward only: a scan that the carrier made earlier than the newest one we know changes nothing.
_MOVE_FORWARD = (
    _GIVEN
    + """
    , newest AS (
        SELECT DISTINCT ON (parcel_id) *
        FROM given
        WHERE NOT from_future
        ORDER BY parcel_id, scanned_at DESC, rank DESC, fingerprint DESC
    )
    UPDATE lostpost_parcel parcel
       SET last_scanned_at = newest.scanned_at, last_status = newest.status, last_rank = newest.rank,
           last_fingerprint = newest.fingerprint, last_text = newest.text, last_location = newest.location,
           last_code = newest.code,
           delivered = newest.status IN ('delivered', 'delivered_at_neighbours', 'picked_up')
      FROM newest
     WHERE parcel.seller_id = %(seller)s AND parcel.id = newest.parcel_id
       AND (
            parcel.last_scanned_at IS NULL
            OR (newest.scanned_at, newest.rank, newest.fingerprint)
               > (parcel.last_scanned_at, parcel.last_rank, parcel.last_fingerprint)
       )
"""
)


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
    rejected: dict[int, Refused] = {}
    sound: list[tuple[int, ScanData]] = []
    for index, scan in enumerate(scans):
        if problems := list(scan_problems(scan, now)):
            rejected[index] = Rejected("; ".join(problems))
        else:
            sound.append((index, scan))
    ensure_months({scan.scanned_at.astimezone(UTC).date().replace(day=1) for _index, scan in sound})
    return _put(seller.id, sound, rejected, now)


@transaction.atomic(durable=True)
def _put(seller_id: UUID, sound: list[tuple[int, ScanData]], rejected: dict[int, Refused], now: datetime) -> ScansTaken:
    parcels: dict[str, UUID] = dict(
        Parcel.objects.filter(seller_id=seller_id, code__in={scan.parcel for _index, scan in sound})
        .order_by("id")
        .select_for_update()
        .values_list("code", "id")
    )
    rows: dict[tuple[UUID, datetime, UUID], dict[str, object]] = {}
    duplicates = 0
    for index, scan in sound:
        parcel_id = parcels.get(scan.parcel)
        if parcel_id is None:
            rejected[index] = NotFound(_("there is no parcel “%(it)s” in this shop") % {"it": scan.parcel})
            continue
        key = (parcel_id, scan.scanned_at, scan_fingerprint(scan))
        if (earlier := rows.get(key)) is None:
            rows[key] = _row(index, parcel_id, scan, now)
        elif earlier["status"] == scan.status:
            duplicates += 1
        else:
            rejected[index] = _contradiction(scan)
    if not rows:
        return ScansTaken(0, duplicates, rejected)
    by_index = {row["index"]: row for row in rows.values()}
    told = dict(sound)
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, {"rows": json.dumps(list(rows.values())), "seller": seller_id})
        for index, same in cursor.fetchall():
            if not same:
                rejected[index] = _contradiction(told[index])
                del by_index[index]
            else:
                duplicates += 1
        batch = {"rows": json.dumps(list(by_index.values())), "seller": seller_id}
        cursor.execute(_INSERT, {**batch, "now": now})
        cursor.execute(_MOVE_FORWARD, batch)
    told_right = sum(index not in rejected for index in told)
    return ScansTaken(told_right - duplicates, duplicates, rejected)


def scan_fingerprint(scan: ScanData) -> UUID:
    """Say which scan this is: by the carrier's id where there is one, else by what it says."""
    said = ["id", scan.id] if scan.id else ["said", scan.status, scan.code, scan.text, scan.location]
    return UUID(bytes=hashlib.sha256(json.dumps(said).encode()).digest()[:16])


def _row(index: int, parcel_id: UUID, scan: ScanData, now: datetime) -> dict[str, object]:
    return {
        "index": index,
        "parcel_id": str(parcel_id),
        "scanned_at": rfc3339(scan.scanned_at),
        "fingerprint": str(scan_fingerprint(scan)),
        "status": scan.status,
        "rank": ScanStatus(scan.status).rank,
        "code": scan.code,
        "text": scan.text,
        "location": scan.location,
        "from_future": scan.scanned_at > now + FUTURE_TOLERANCE,
    }


def _contradiction(scan: ScanData) -> ScanContradicts:
    return ScanContradicts(
        _("scan “%(it)s” of parcel “%(parcel)s” was told before with another status")
        % {"it": scan.id, "parcel": scan.parcel}
    )
