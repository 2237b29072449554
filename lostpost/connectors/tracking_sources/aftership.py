"""AfterShip's webhooks: a tracking with all its checkpoints."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from hmac import new as hmac
from typing import ClassVar
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
    member_number,
    member_text,
    members,
    required_member,
    same_text,
)
from lostpost.connectors.tracking_sources.times import latest_reading
from lostpost.eligibility.facts import ScanStatus
from lostpost.tracking.scan_codes import NO_SCAN

_STATUSES = {  # Of sub-statuses.
    "InTransit_002": ScanStatus.WITH_CARRIER,  # “Acceptance scan”.
    "Delivered_002": ScanStatus.PICKED_UP,
    "Delivered_005": ScanStatus.DELIVERED_AT_NEIGHBOURS,
    "Exception_010": ScanStatus.RETURNING,
    "Exception_011": ScanStatus.RETURNED,
}
_OF_TAGS = {  # Of all other sub-statuses of a tag: each tag gets new ones.
    "InfoReceived": ScanStatus.ANNOUNCED,
    "InTransit": ScanStatus.IN_TRANSIT,
    "OutForDelivery": ScanStatus.IN_TRANSIT,
    "AttemptFail": ScanStatus.EXCEPTION,
    "Exception": ScanStatus.EXCEPTION,
    "AvailableForPickup": ScanStatus.AT_PICKUP_POINT,
    "Delivered": ScanStatus.DELIVERED,
    "Pending": NO_SCAN,
    "Expired": NO_SCAN,  # AfterShip's own silence.
}


class AfterShip(TrackingAdapter):
    """Signed with base64 HMAC-SHA256 of the raw body; without a guard against replay: scans are known again."""

    name: ClassVar[str] = "aftership"
    title: ClassVar[str] = "AfterShip"
    secret_is_theirs: ClassVar[bool] = True

    def is_signed(self, delivery: SignedDelivery, secret: str, now: datetime) -> bool:
        """Compare `aftership-hmac-sha256`."""
        signature = b64encode(hmac(secret.encode(), delivery.body, sha256).digest()).decode()
        return same_text(delivery.headers.get("aftership-hmac-sha256", ""), signature)

    def delivered(self, content: JsonObject, zone: ZoneInfo) -> DeliveredScans:
        """Read the checkpoints of `msg`."""
        tracking = required_member(content, "msg")
        stopped = member_text(tracking, "tag", CODE_MAX) == "Expired"
        return DeliveredScans(list(self._scans(tracking, zone)), stopped)

    def _scans(self, tracking: JsonObject, zone: ZoneInfo) -> Iterator[SourceScan | UnreadableScan]:
        number = member_number(tracking, "tracking_number")
        carrier = member_text(tracking, "slug", NAME_MAX)
        for checkpoint in members(tracking, "checkpoints"):
            written = member_text(checkpoint, "checkpoint_time", NAME_MAX)
            country = next((text for name in _COUNTRIES if (text := member_text(checkpoint, name, NAME_MAX))), "")
            read = latest_reading(written, country=country, zone=zone)
            if read is None:
                yield UnreadableScan(f"checkpoint_time “{written}”")
                continue
            code = member_text(checkpoint, "subtag", CODE_MAX) or member_text(checkpoint, "tag", CODE_MAX)
            yield SourceScan(
                tracking_number=number,
                carrier=member_text(checkpoint, "slug", NAME_MAX) or carrier,
                read=read,
                status=_STATUSES.get(code, _OF_TAGS.get(code.partition("_")[0])),
                code=code,
                text=member_text(checkpoint, "message", TEXT_MAX),
                location=member_text(checkpoint, "location", 100) or joined_members(checkpoint, "city", "state"),
            )


_COUNTRIES = ("country_region", "country_iso3", "country_region_alpha3")
