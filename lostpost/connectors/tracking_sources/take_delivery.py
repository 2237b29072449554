"""Take a delivery of a source in: signature, body, codes, scans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.connectors.tracking_sources.adapter import (
    DeliveredScans,
    SignedDelivery,
    SourceScan,
    TrackingAdapter,
    UnreadableScan,
    json_object,
)
from lostpost.connectors.tracking_sources.aftership import AfterShip
from lostpost.connectors.tracking_sources.easypost import EasyPost
from lostpost.connectors.tracking_sources.plain_json import PlainJson
from lostpost.connectors.tracking_sources.seventeen_track import SeventeenTrack
from lostpost.connectors.tracking_sources.shippo import Shippo
from lostpost.core.errors import Refused, Rejected
from lostpost.orders.data import ScanData
from lostpost.tracking.models import TrackingSource
from lostpost.tracking.put_numbered_scans import ScanOfNumber, put_numbered_scans
from lostpost.tracking.put_tracking_source import (
    DeliveryCounts,
    live_source_secrets,
    note_delivery,
    note_refused_delivery,
)
from lostpost.tracking.scan_codes import NO_SCAN, MappedCodes, UnmappedData, keep_unmapped_scans

SOURCES: Mapping[str, TrackingAdapter] = {
    each.name: each for each in (AfterShip(), SeventeenTrack(), EasyPost(), Shippo(), PlainJson())
}
SCANS_MAX = 20_000  # Of one delivery.
BATCH = 2_000
DETAILS_MAX = 20


class DeliveryNotSigned(Rejected):
    """A delivery is not signed with the shop's secret of this source, or was signed too long ago."""

    code = "not-signed"


class TooManyScans(Rejected):
    """A delivery holds more scans than any parcel has."""

    code = "body-too-large"


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


def verify_delivery(*, row: TrackingSource, delivery: SignedDelivery, now: datetime) -> None:
    """Refuse what the source has not signed; nothing of its body is read. Raises: DeliveryNotSigned."""
    adapter = SOURCES[row.source]
    if not any([adapter.is_signed(delivery, secret, now) for secret in live_source_secrets(row, now)]):  # noqa: C419
        note_refused_delivery(row=row, code=DeliveryNotSigned.code, now=now)
        raise DeliveryNotSigned(_("The signature is missing, wrong or too old."))


def take_delivery(*, row: TrackingSource, seller: Seller, delivery: SignedDelivery, now: datetime) -> DeliveryOutcome:
    """Store the scans of a verified delivery, each once; what is not sound in it is named and keeps no other out.

    Raises: DeliveryMalformed, TooManyScans; then nothing is stored, and the source shows why.
    """
    try:
        delivered = _delivered(row, delivery)
    except Refused as refusal:
        note_refused_delivery(row=row, code=refusal.code, now=now)
        raise
    outcome = _put(row, seller, delivered, now)
    counts = DeliveryCounts(outcome.accepted, len(outcome.rejected), int(delivered.stopped_looking))
    note_delivery(row=row, counts=counts, now=now)
    return outcome


def _delivered(row: TrackingSource, delivery: SignedDelivery) -> DeliveredScans:
    delivered = SOURCES[row.source].delivered(json_object(delivery.body), current_policy().zone)
    if len(delivered.scans) > SCANS_MAX:
        raise TooManyScans(_("The body holds more than %(n)d scans.") % {"n": SCANS_MAX})
    return delivered


def _put(row: TrackingSource, seller: Seller, delivered: DeliveredScans, now: datetime) -> DeliveryOutcome:
    outcome = DeliveryOutcome()
    mapped = MappedCodes(row.source)
    known: list[tuple[int, ScanOfNumber]] = []
    unmapped: list[tuple[int, UnmappedData]] = []
    for index, scan in enumerate(delivered.scans):
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
    scans = [each for _index, each in unmapped]
    refused = keep_unmapped_scans(seller_id=seller.id, source=row.source, scans=scans, now=now)
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
