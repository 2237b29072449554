"""EasyPost's webhooks: a tracker with all its details."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from hmac import new as hmac
from typing import ClassVar
from unicodedata import normalize
from zoneinfo import ZoneInfo

from lostpost.connectors.tracking_sources.adapter import (
    CODE_MAX,
    NAME_MAX,
    TEXT_MAX,
    DeliveredScans,
    JsonObject,
    SignedDelivery,
    SourceScan,
    TrackingAdapter,
    UnreadableScan,
    joined_members,
    member,
    member_number,
    member_text,
    members,
    required_member,
    same_text,
)
from lostpost.connectors.tracking_sources.times import latest_reading
from lostpost.eligibility.facts import ScanStatus
from lostpost.tracking.scan_codes import NO_SCAN

_STATUSES = {
    "pre_transit": ScanStatus.ANNOUNCED,
    "in_transit": ScanStatus.IN_TRANSIT,
    "out_for_delivery": ScanStatus.IN_TRANSIT,
    "available_for_pickup": ScanStatus.AT_PICKUP_POINT,
    "delivered": ScanStatus.DELIVERED,
    "return_to_sender": ScanStatus.RETURNING,
    "failure": ScanStatus.EXCEPTION,
    "unknown": NO_SCAN,
    "error": NO_SCAN,
    "cancelled": NO_SCAN,
}
_HANDED_OVER = "in_transit/received_at_origin_facility"


class EasyPost(TrackingAdapter):
    """Signed with hexadecimal HMAC-SHA256 of the raw body; it writes Z on all times, local ones too."""

    name: ClassVar[str] = "easypost"
    title: ClassVar[str] = "EasyPost"

    def is_signed(self, delivery: SignedDelivery, secret: str, now: datetime) -> bool:
        """Compare `X-Hmac-Signature`, prefix and all."""
        key = normalize("NFKD", secret).encode()
        signature = f"hmac-sha256-hex={hmac(key, delivery.body, sha256).hexdigest()}"
        return same_text(delivery.headers.get("X-Hmac-Signature", ""), signature)

    def delivered(self, content: JsonObject, zone: ZoneInfo) -> DeliveredScans:
        """Read the details of a tracker; events about anything else, and of test mode, hold no scan."""
        result = required_member(content, "result")
        if result.get("object") != "Tracker" or content.get("mode") == "test":
            return DeliveredScans(())
        return DeliveredScans(list(_details(result, zone)))


def _details(tracker: JsonObject, zone: ZoneInfo) -> Iterator[SourceScan | UnreadableScan]:
    number = member_number(tracker, "tracking_code")
    carrier = member_text(tracker, "carrier", NAME_MAX)
    for detail in members(tracker, "tracking_details"):
        place = member(detail, "tracking_location")
        written = member_text(detail, "datetime", NAME_MAX)
        country = member_text(place, "country", NAME_MAX)
        read = latest_reading(written, country=country, zone=zone, labels_local_as_utc=True)
        if read is None:
            yield UnreadableScan(f"datetime “{written}”")
            continue
        status, more = (member_text(detail, name, CODE_MAX) for name in ("status", "status_detail"))
        code = (f"{status}/{more}" if more not in ("", "unknown", "status_update") else status)[:CODE_MAX]
        yield SourceScan(
            tracking_number=number,
            carrier=carrier,
            read=read,
            status=ScanStatus.WITH_CARRIER if code == _HANDED_OVER else _STATUSES.get(status),
            code=code,
            text=member_text(detail, "message", TEXT_MAX),
            location=joined_members(place, "city", "state"),
        )
