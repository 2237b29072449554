"""Take in the scans of a file that a member of the shop sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.core.clock import utc
from lostpost.core.errors import Refused
from lostpost.core.ownership import uuid7
from lostpost.core.sql import fetch, insert, json_rows
from lostpost.eligibility.facts import TimeCertainty
from lostpost.orders.data import ScanData
from lostpost.orders.locks import lock_scanned_parcels
from lostpost.tracking.models import EnteredScan
from lostpost.tracking.put_scans import ingest_scans, months_of, scan_fingerprint, valid_scans
from lostpost.tracking.scan_months import ensure_months

_KNOWN = """
    SELECT sent.index
      FROM jsonb_to_recordset(%(rows)s::jsonb) AS sent (
           index int, parcel_id uuid, scanned_at timestamptz, fingerprint uuid
      )
      JOIN lostpost_scan scan
        ON scan.seller_id = %(seller)s AND scan.parcel_id = sent.parcel_id
       AND scan.scanned_at = sent.scanned_at AND scan.fingerprint = sent.fingerprint
       AND scan.scanned_at BETWEEN %(first)s AND %(last)s
"""


@dataclass(frozen=True, slots=True)
class EnteredOutcome:
    """How many scans are new and how many were there; the indexes of those whose parcel is not there.

    Where any is `rejected`, by its index, nothing was stored.
    """

    new: int = 0
    known: int = 0
    unmatched: list[int] = field(default_factory=list)
    rejected: dict[int, Refused] = field(default_factory=dict)


def _sent_by_shop(scan: ScanData) -> ScanData:
    """Mark a scan as one that the shop itself sent: it moves no parcel on that was delivered."""
    return replace(scan, time_certainty=TimeCertainty.SENT_BY_SHOP)


def enter_scans(*, scans: Sequence[ScanData], by: Actor, now: datetime) -> EnteredOutcome:
    """Store scans of the shop's parcels, all or none, and who sent those that are new; a repeat changes nothing.

    Raises: ReadOnly.
    """
    require_writer(by, Section.QUERIES)
    seller_id = by.seller_id
    sound, rejected = valid_scans([_sent_by_shop(scan) for scan in scans], now)
    if rejected or not sound:
        return EnteredOutcome(rejected=rejected)
    ensure_months(months_of(scan.scanned_at for _index, scan in sound))
    with transaction.atomic(durable=True):
        rows = _rows(seller_id, sound)
        outcome = ingest_scans(seller_id, sound, {}, now)
        if outcome.rejected:
            transaction.set_rollback(True)
            return EnteredOutcome(rejected=outcome.rejected)
        entered = {"entered_at": now, "by_user_id": by.user_id, "by_name": by.name, "seller_id": seller_id}
        insert(EnteredScan, [{"id": str(uuid7()), **row} for row in rows], **entered)
    return EnteredOutcome(outcome.accepted, outcome.duplicates, outcome.unmatched)


def _rows(seller_id: UUID, sound: Sequence[tuple[int, ScanData]]) -> list[dict[str, Any]]:
    """Lock the parcels; return what is to be kept of who sent which scan, of those that are not there yet."""
    parcels = lock_scanned_parcels(seller_id, (scan.parcel for _index, scan in sound))
    rows: dict[tuple[str, datetime, str], dict[str, Any]] = {}
    for _index, scan in sound:
        if parcel := parcels.get(scan.parcel):
            fingerprint = scan_fingerprint(scan)
            rows[parcel.id, scan.scanned_at, fingerprint] = {
                "parcel_id": parcel.id,
                "scanned_at": utc(scan.scanned_at),
                "fingerprint": fingerprint,
            }
    numbered = [{"index": index, **row} for index, row in enumerate(rows.values())]
    if not numbered:
        return []
    instants = [scanned_at for _parcel, scanned_at, _fingerprint in rows]
    span = {"first": min(instants), "last": max(instants)}
    known = {index for (index,) in fetch(_KNOWN, {"rows": json_rows(numbered), "seller": seller_id, **span})}
    return [row for index, row in enumerate(rows.values()) if index not in known]
