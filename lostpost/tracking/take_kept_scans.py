"""Take scans in that were kept until the operator said what their code means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from uuid import UUID

from lostpost.accounts.models import Seller
from lostpost.core.ownership import cross_seller
from lostpost.orders.data import ScanData
from lostpost.tracking.models import UnmappedScan
from lostpost.tracking.put_numbered_scans import ScanOfNumber, put_numbered_scans
from lostpost.tracking.scan_codes import NO_SCAN, MappedCodes

BATCH = 1_000


@dataclass(slots=True)
class KeptScansOutcome:
    """How many kept scans were taken in, and how many could not be, such as one that more than 50 parcels share."""

    taken_in: int = 0
    refused: int = 0


def take_kept_scans(*, source: str, code: str, now: datetime) -> KeptScansOutcome:
    """Store the kept scans of all shops whose code has a meaning now. Safe to repeat; what is refused stays kept."""
    mapped = MappedCodes(source)
    with cross_seller("the operator: which shops have scans with this code"):
        of_code = UnmappedScan.objects.filter(source=source, code=code)
        shops = list(of_code.values_list("seller_id", flat=True).distinct().order_by("seller_id"))
    outcome = KeptScansOutcome()
    for seller in Seller.objects.filter(id__in=shops):
        _take(seller, source, code, mapped, now, outcome)
    return outcome


def _take(
    seller: Seller, source: str, code: str, mapped: MappedCodes, now: datetime, outcome: KeptScansOutcome
) -> None:
    last = UUID(int=0)
    of_shop = UnmappedScan.objects.filter(seller_id=seller.id, source=source, code=code)
    while rows := list(of_shop.filter(id__gt=last).order_by("id")[:BATCH]):
        last = rows[-1].id
        statuses = [(row, mapped.status(row.carrier, row.code)) for row in rows]
        meant = [(row, status) for row, status in statuses if status not in (None, NO_SCAN)]
        put = put_numbered_scans(seller=seller, scans=[_scan(row, status) for row, status in meant], now=now)
        refused = {meant[index][0].id for index in put.rejected}
        known = {row.id for row, status in statuses if status is not None}
        UnmappedScan.objects.filter(seller_id=seller.id, id__in=known - refused).delete()
        outcome.taken_in += len(meant) - len(refused)
        outcome.refused += len(refused)


def _scan(row: UnmappedScan, status: str) -> ScanOfNumber:
    scanned_at = row.scanned_at
    if row.utc_offset_minutes is not None:
        scanned_at = scanned_at.astimezone(timezone(timedelta(minutes=row.utc_offset_minutes)))
    scan = ScanData(
        parcel="",
        scanned_at=scanned_at,
        status=status,
        code=row.code,
        text=row.text,
        location=row.location,
        id=row.event_reference,
        time_certainty=row.time_certainty,
    )
    return ScanOfNumber(row.tracking_number, scan)
