"""Shippo's webhooks: the newest status of a number with its history."""

from __future__ import annotations

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

REPLAY_WINDOW_SECONDS = 300
_STATUSES = {
    "PRE_TRANSIT": ScanStatus.ANNOUNCED,
    "TRANSIT": ScanStatus.IN_TRANSIT,
    "DELIVERED": ScanStatus.DELIVERED,
    "RETURNED": ScanStatus.RETURNING,  # One code for on its way back and back.
    "FAILURE": ScanStatus.EXCEPTION,
    "UNKNOWN": NO_SCAN,
}
_OF_SUBSTATUSES = {
    "package_accepted": ScanStatus.WITH_CARRIER,
    "pickup_available": ScanStatus.AT_PICKUP_POINT,
    "package_unclaimed": ScanStatus.EXCEPTION,
}


class Shippo(TrackingAdapter):
    """Signed only once Shippo has set that up: until then by a token in the address. Z stands on all times."""

    name: ClassVar[str] = "shippo"
    title: ClassVar[str] = "Shippo"
    token_in_address: ClassVar[bool] = True

    def is_signed(self, delivery: SignedDelivery, secret: str, now: datetime) -> bool:
        """Compare `Shippo-Auth-Signature`, not older nor newer than five minutes; without it, the token."""
        header = delivery.headers.get("Shippo-Auth-Signature")
        if header is None:
            return bool(delivery.token) and same_text(delivery.token, secret)
        parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
        sent = parts.get("t", "")
        if not (sent.isascii() and sent.isdigit() and len(sent) <= 12):
            return False
        signature = hmac(secret.encode(), sent.encode() + b"." + delivery.body, sha256).hexdigest()
        in_time = abs(now.timestamp() - int(sent)) <= REPLAY_WINDOW_SECONDS
        return same_text(parts.get("v1", ""), signature) and in_time

    def delivered(self, content: JsonObject, zone: ZoneInfo) -> DeliveredScans:
        """Read the history and the newest status; what Shippo sends as a test holds no scan."""
        data = required_member(content, "data")
        if content.get("event") != "track_updated" or content.get("test") is True:
            return DeliveredScans(())
        return DeliveredScans(list(_statuses(data, zone)))


def _statuses(data: JsonObject, zone: ZoneInfo) -> Iterator[SourceScan | UnreadableScan]:
    number = member_number(data, "tracking_number")
    carrier = member_text(data, "carrier", NAME_MAX)
    newest = member(data, "tracking_status")
    for each in [*members(data, "tracking_history"), *([newest] if newest else [])]:
        place, substatus = member(each, "location"), member(each, "substatus")
        written = member_text(each, "status_date", NAME_MAX)
        country = member_text(place, "country", NAME_MAX)
        read = latest_reading(written, country=country, zone=zone, labels_local_as_utc=True)
        if read is None:
            yield UnreadableScan(f"status_date “{written}”")
            continue
        status, more = member_text(each, "status", CODE_MAX), member_text(substatus, "code", CODE_MAX)
        yield SourceScan(
            tracking_number=number,
            carrier=carrier,
            read=read,
            status=_status(status, more, action_required=substatus.get("action_required") is True),
            code=(f"{status}/{more}" if more else status)[:CODE_MAX],
            text=member_text(each, "status_details", TEXT_MAX),
            location=joined_members(place, "city", "state"),
        )


def _status(status: str, substatus: str, *, action_required: bool) -> str | None:
    if status == "TRANSIT":
        usual = ScanStatus.EXCEPTION if action_required else ScanStatus.IN_TRANSIT
        return _OF_SUBSTATUSES.get(substatus, usual)
    return _STATUSES.get(status)
