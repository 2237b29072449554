"""Take scans in that were kept until the operator said what their code means."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from uuid import UUID

from lostpost.accounts.models import Seller
from lostpost.core.ownership import cross_seller
from lostpost.orders.data import ScanData
from lostpost.tracking.models import UnmappedScan
from lostpost.tracking.put_numbered_scans import ScanOfNumber, put_numbered_scans
from lostpost.tracking.scan_codes import NO_SCAN, MappedCodes

BATCH = 1_000


def take_kept_scans(*, source: str, code: str, now: datetime) -> int:
    """Store the kept scans of all shops whose code has a meaning now; return how many. Safe to repeat."""
    mapped = MappedCodes(source)
    with cross_seller("the operator: which shops have scans with this code"):
        of_code = UnmappedScan.objects.filter(source=source, code=code)
        shops = list(of_code.values_list("seller_id", flat=True).distinct().order_by("seller_id"))
    return sum(_take(seller, source, code, mapped, now) for seller in Seller.objects.filter(id__in=shops))


def _take(seller: Seller, source: str, code: str, mapped: MappedCodes, now: datetime) -> int:
    count, last = 0, UUID(int=0)
    of_shop = UnmappedScan.objects.filter(seller_id=seller.id, source=source, code=code)
    while rows := list(of_shop.filter(id__gt=last).order_by("id")[:BATCH]):
        last = rows[-1].id
        statuses = [(row, mapped.status(row.carrier, row.code)) for row in rows]
        scans = [_scan(row, status) for row, status in statuses if status]
        put_numbered_scans(seller=seller, scans=scans, now=now)
        known = [row.id for row, status in statuses if status is not None]
        UnmappedScan.objects.filter(seller_id=seller.id, id__in=known).delete()
        count += sum(status not in (None, NO_SCAN) for _row, status in statuses)
    return count


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
