"""Take scans of a source in, in its own codes: what the operator mapped goes before what the adapter knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from lostpost.accounts.models import Seller
from lostpost.connectors.tracking_sources.adapter import SourceScan, UnreadableScan
from lostpost.orders.data import ScanData
from lostpost.tracking.put_numbered_scans import ScanOfNumber, put_numbered_scans
from lostpost.tracking.scan_codes import NO_SCAN, MappedCodes, UnmappedData, keep_unmapped_scans

BATCH = 2_000


class RejectedScan(NamedTuple):
    """A scan that stays out, by its place in the delivery, from 0, and why."""

    place: int
    detail: str


@dataclass(slots=True)
class DeliveryOutcome:
    """What became of the scans of a delivery; those that wait for their parcel are accepted."""

    accepted: int = 0
    duplicates: int = 0
    waiting: int = 0  # Of the accepted: their parcel is not there yet.
    unmapped: int = 0  # Kept until the operator says what their code means.
    ignored: int = 0  # Their code says nothing of the parcel.
    rejected: list[RejectedScan] = field(default_factory=list)


def put_source_scans(
    *, source: str, seller: Seller, scans: Sequence[SourceScan | UnreadableScan], now: datetime
) -> DeliveryOutcome:
    """Store a shop's scans, each once; what is not sound among them is named and keeps no other out."""
    outcome = DeliveryOutcome()
    mapped = MappedCodes(source)
    known: list[tuple[int, ScanOfNumber]] = []
    unmapped: list[tuple[int, UnmappedData]] = []
    for index, scan in enumerate(scans):
        if isinstance(scan, UnreadableScan):
            outcome.rejected.append(RejectedScan(index, scan.detail))
            continue
        by_operator = mapped.status(scan.carrier, scan.code)
        status = scan.status if by_operator is None else by_operator
        if status is None:
            unmapped.append((index, UnmappedData(_of_number(scan, ""), scan.carrier)))
        elif status == NO_SCAN:
            outcome.ignored += 1
        else:
            known.append((index, _of_number(scan, status)))
    kept = [each for _index, each in unmapped]
    refused = keep_unmapped_scans(seller_id=seller.id, source=source, scans=kept, now=now)
    outcome.unmapped = len(unmapped) - len(refused)
    outcome.rejected += [RejectedScan(unmapped[at][0], detail) for at, detail in refused.items()]
    known.sort(key=lambda each: each[1].scan.scanned_at)  # So that later ones know where a journey ended.
    for start in range(0, len(known), BATCH):
        batch = known[start : start + BATCH]
        put = put_numbered_scans(seller=seller, scans=[scan for _index, scan in batch], now=now)
        outcome.accepted += put.accepted + len(put.unmatched)
        outcome.waiting += len(put.unmatched)
        outcome.duplicates += put.duplicates
        outcome.rejected += [RejectedScan(batch[at][0], str(refusal)) for at, refusal in put.rejected.items()]
    outcome.rejected.sort()
    return outcome


def _of_number(scan: SourceScan, status: str) -> ScanOfNumber:
    data = ScanData(
        parcel="",
        scanned_at=scan.read.at,
        status=status,
        code=scan.code,
        text=scan.text,
        location=scan.location,
        id=scan.id,
        time_certainty=scan.read.certainty.value,
    )
    return ScanOfNumber(scan.tracking_number, data)
