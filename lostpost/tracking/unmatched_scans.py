"""Scans that arrive before their parcel: stored for a while, and attached to every parcel that they match."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from lostpost.core.ownership import uuid7
from lostpost.core.sql import execute, fetch, insertion, json_rows, sql_file
from lostpost.core.text import compact_form
from lostpost.orders.data import ScanData
from lostpost.orders.locks import lock_parcels_by_id, lock_scanned_parcels
from lostpost.orders.models import Parcel
from lostpost.tracking.match_scans import SCANNED_BEFORE_HAND_OVER, NumberAmbiguous, NumberedScan, parcels_of_numbers
from lostpost.tracking.models import UnmatchedScan
from lostpost.tracking.put_scans import months_of, scan_fingerprint, store_scans
from lostpost.tracking.scan_months import ensure_months

RETENTION_DAYS = 60  # After that a seller could not write the parcel off any more.
UNMATCHED_MAX = 1_000_000
TRIED_AGAIN_DAYS = 1
BATCH = 1_000

_SCANS_WAITING = sql_file(__name__, "scans_waiting_for_parcels")
_TOO_MANY = """
    WITH deleted AS (
        DELETE FROM lostpost_unmatchedscan
         WHERE id IN (SELECT id FROM lostpost_unmatchedscan ORDER BY received_at DESC, id DESC OFFSET %s)
        RETURNING id
    )
    SELECT count(*) FROM deleted
"""


@dataclass(frozen=True, slots=True)
class UnmatchedData:
    """A valid scan without a parcel: of a shop's parcel, of a number, or of one of a shop's (`seller_id`)."""

    scan: ScanData
    seller_id: UUID | None = None
    carrier: str = ""
    tracking_number: str = ""


@dataclass(frozen=True, slots=True)
class ParcelKeys:
    """A parcel that is new or has a new number, with all keys by which scans may name it."""

    id: UUID
    code: str
    carrier: str
    tracking_number: str


def keep_unmatched_scans(*, scans: Sequence[UnmatchedData], now: datetime) -> None:
    """Store scans until their parcel comes; a repeat changes nothing."""
    if not scans:
        return
    ensure_months(months_of(each.scan.scanned_at for each in scans))  # Whoever puts the parcel in must not wait.
    rows = [
        {
            "id": uuid7(),
            "carrier_normalised": compact_form(each.carrier),
            "tracking_number_normalised": compact_form(each.tracking_number),
            "shop_id": each.seller_id,
            "parcel_code": each.scan.parcel if each.seller_id else "",
            "scanned_at": each.scan.scanned_at,
            "fingerprint": scan_fingerprint(each.scan),
            "status": each.scan.status,
            "code": each.scan.code,
            "text": each.scan.text,
            "location": each.scan.location,
            "utc_offset_minutes": each.scan.utc_offset_minutes,
            "time_certainty": each.scan.time_certainty,
        }
        for each in scans
    ]
    statement = insertion(UnmatchedScan, tuple(rows[0]), same=("received_at",))
    with transaction.atomic(durable=True):
        execute(f"{statement} ON CONFLICT DO NOTHING", {"rows": json_rows(rows), "received_at": now})


def attach_waiting_scans(seller_id: UUID, parcels: Iterable[ParcelKeys], now: datetime) -> None:
    """Attach to parcels, locked by the caller, the scans that came before them.

    The waiting scans stay: a number may be on several parcels, and the others may still come.
    """
    keys = [
        {
            "id": str(each.id),
            "code": each.code,
            "carrier": compact_form(each.carrier),
            "number": compact_form(each.tracking_number),
        }
        for each in parcels
    ]
    slack = SCANNED_BEFORE_HAND_OVER.total_seconds()
    waiting = fetch(
        _SCANS_WAITING, {"parcels": json.dumps(keys), "seller": seller_id, "before_hand_over_seconds": slack}
    )
    if not waiting:
        return
    locked = {parcel.id: parcel for parcel in lock_scanned_parcels(seller_id, (key["code"] for key in keys)).values()}
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for parcel_id, scanned_at, fingerprint, status, code, text, location, *others, by_number in waiting:
        received_at, utc_offset_minutes, time_certainty = others
        row = {
            "index": 0,
            "parcel_id": str(parcel_id),
            "order_id": locked[str(parcel_id)].order_id,
            "scanned_at": scanned_at,
            "fingerprint": str(fingerprint),
            "status": status,
            "code": code,
            "text": text,
            "location": location,
            "by_number": by_number,
            "received_at": received_at,
            "utc_offset_minutes": utc_offset_minutes,
            "time_certainty": time_certainty,
        }
        rows.setdefault((parcel_id, scanned_at, fingerprint), row)
    instants = [scanned_at for _parcel, scanned_at, _fingerprint in rows]
    store_scans(seller_id, locked.values(), list(rows.values()), instants, now)


def match_again(*, now: datetime) -> int:
    """Match recent unmatched scans again; return how many have a parcel now.

    A parcel and its first scan that are stored at the same moment may not see each other.
    """
    young = UnmatchedScan.objects.filter(matched_at=None, received_at__gt=now - timedelta(days=TRIED_AGAIN_DAYS))
    count, last = 0, UUID(int=0)
    while rows := list(young.filter(id__gt=last).order_by("id")[:BATCH]):
        last = rows[-1].id
        count += _match(rows, now)
    return count


def forget_unmatched_scans(*, now: datetime, most: int = UNMATCHED_MAX) -> int:
    """Delete the scans whose parcel did not come in 60 days, and the oldest of too many; return how many."""
    count, _by_model = UnmatchedScan.objects.filter(received_at__lt=now - timedelta(days=RETENTION_DAYS)).delete()
    ((too_many,),) = fetch(_TOO_MANY, (most,))
    return int(count + too_many)


def _match(rows: Sequence[UnmatchedScan], now: datetime) -> int:
    codes: dict[UUID, dict[str, list[UUID]]] = defaultdict(lambda: defaultdict(list))  # Scans by seller and parcel.
    numbered: dict[UUID | None, list[UnmatchedScan]] = defaultdict(list)  # By the shop, where only one is meant.
    for row in rows:
        if row.parcel_code and row.shop_id:
            codes[row.shop_id][row.parcel_code].append(row.id)
        else:
            numbered[row.shop_id].append(row)
    for shop_id, of_shop in numbered.items():
        scans = [
            NumberedScan(row.carrier_normalised, row.tracking_number_normalised, row.scanned_at, row.status)
            for row in of_shop
        ]
        for row, names in zip(of_shop, parcels_of_numbers(scans, seller_id=shop_id), strict=True):
            for name in () if isinstance(names, NumberAmbiguous) else names:
                codes[name.seller_id][name.code].append(row.id)
    matched: set[UUID] = set()
    for seller_id, of_seller in codes.items():
        with transaction.atomic(durable=True):
            ids = lock_parcels_by_id(seller_id, of_seller)
            parcels = Parcel.objects.filter(seller_id=seller_id, id__in=list(ids.values()))
            keys = [ParcelKeys(each.id, each.code, each.carrier, each.tracking_number) for each in parcels]
            attach_waiting_scans(seller_id, keys, now)
        matched.update(scan_id for code in ids for scan_id in of_seller[code])
    UnmatchedScan.objects.filter(id__in=matched).update(matched_at=now)
    return len(matched)
