"""Take a delivery of a source in: signature, body, codes, scans."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.connectors.tracking_sources.adapter import (
    DeliveredScans,
    SignedDelivery,
    TrackingAdapter,
    json_object,
)
from lostpost.connectors.tracking_sources.aftership import AfterShip
from lostpost.connectors.tracking_sources.easypost import EasyPost
from lostpost.connectors.tracking_sources.plain_json import PlainJson
from lostpost.connectors.tracking_sources.put_source_scans import DeliveryOutcome, put_source_scans
from lostpost.connectors.tracking_sources.seventeen_track import SeventeenTrack
from lostpost.connectors.tracking_sources.shippo import Shippo
from lostpost.core.errors import Refused, Rejected
from lostpost.tracking.models import TrackingSource
from lostpost.tracking.put_tracking_source import (
    DeliveryCounts,
    live_source_secrets,
    note_delivery,
    note_refused_delivery,
)

SOURCES: Mapping[str, TrackingAdapter] = {
    each.name: each for each in (AfterShip(), SeventeenTrack(), EasyPost(), Shippo(), PlainJson())
}
SCANS_MAX = 20_000  # Of one delivery.
DETAILS_MAX = 20


class DeliveryNotSigned(Rejected):
    """A delivery is not signed with the shop's secret of this source, or was signed too long ago."""

    code = "not-signed"


class TooManyScans(Rejected):
    """A delivery holds more scans than any parcel has."""

    code = "body-too-large"


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
    outcome = put_source_scans(source=row.source, seller=seller, scans=delivered.scans, now=now)
    counts = DeliveryCounts(outcome.accepted, len(outcome.rejected), int(delivered.stopped_looking))
    note_delivery(row=row, counts=counts, now=now)
    return outcome


def _delivered(row: TrackingSource, delivery: SignedDelivery) -> DeliveredScans:
    delivered = SOURCES[row.source].delivered(json_object(delivery.body), current_policy().zone)
    if len(delivered.scans) > SCANS_MAX:
        raise TooManyScans(_("The body holds more than %(n)d scans.") % {"n": SCANS_MAX})
    return delivered
