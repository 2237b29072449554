"""17TRACK's webhooks, version 2.2: a whole track, perhaps of several carriers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import ClassVar
from zoneinfo import ZoneInfo

from lostpost.connectors.tracking_sources.adapter import (
    CODE_MAX,
    LOCATION_MAX,
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
from lostpost.connectors.tracking_sources.times import ReadTime, latest_reading
from lostpost.eligibility.facts import ScanStatus
from lostpost.tracking.scan_codes import NO_SCAN

_STATUSES = {  # Of sub-statuses, and of the stages that stand in their place where there is none.
    "InTransit_PickedUp": ScanStatus.WITH_CARRIER,
    "Exception_Returning": ScanStatus.RETURNING,
    "Exception_Returned": ScanStatus.RETURNED,
    "PickedUp": ScanStatus.WITH_CARRIER,
    "Departure": ScanStatus.IN_TRANSIT,
    "Arrival": ScanStatus.IN_TRANSIT,
    "Returning": ScanStatus.RETURNING,
    "Returned": ScanStatus.RETURNED,
}
_OF_MAIN_STATUSES = {
    "InfoReceived": ScanStatus.ANNOUNCED,
    "InTransit": ScanStatus.IN_TRANSIT,
    "OutForDelivery": ScanStatus.IN_TRANSIT,
    "DeliveryFailure": ScanStatus.EXCEPTION,
    "Exception": ScanStatus.EXCEPTION,
    "AvailableForPickup": ScanStatus.AT_PICKUP_POINT,
    "Delivered": ScanStatus.DELIVERED,
    "NotFound": NO_SCAN,
    "Expired": NO_SCAN,
}


class SeventeenTrack(TrackingAdapter):
    """Signed with plain SHA-256 over the body, a slash and the API key; without a guard against replay."""

    name: ClassVar[str] = "17track"
    title: ClassVar[str] = "17TRACK"
    secret_is_theirs: ClassVar[bool] = True

    def is_signed(self, delivery: SignedDelivery, secret: str, now: datetime) -> bool:
        """Compare `sign`."""
        signature = sha256(delivery.body + b"/" + secret.encode()).hexdigest()
        return same_text(delivery.headers.get("sign", "").lower(), signature)

    def delivered(self, content: JsonObject, zone: ZoneInfo) -> DeliveredScans:
        """Read the events of all carriers in `data`."""
        data = required_member(content, "data")
        number = member_number(data, "number")
        scans: list[SourceScan | UnreadableScan] = []
        for provider in members(member(data, "track_info", "tracking"), "providers"):
            scans += _picked_up(list(_events(number, provider, zone)))
        return DeliveredScans(scans, member_text(content, "event", CODE_MAX) == "TRACKING_STOPPED")


def _events(number: str, provider: JsonObject, zone: ZoneInfo) -> Iterator[SourceScan | UnreadableScan]:
    about = member(provider, "provider")
    carrier = member_text(about, "name", NAME_MAX) or member_text(about, "key", NAME_MAX)
    for event in members(provider, "events"):
        read = _time(event, member_text(about, "country", NAME_MAX), zone)
        if read is None:
            yield UnreadableScan(f"time_iso “{member_text(event, 'time_iso', NAME_MAX)}”")
            continue
        code = member_text(event, "sub_status", CODE_MAX) or member_text(event, "stage", CODE_MAX)
        address = member(event, "address")
        yield SourceScan(
            tracking_number=number,
            carrier=carrier,
            read=read,
            status=_STATUSES.get(code, _OF_MAIN_STATUSES.get(code.partition("_")[0])),
            code=code,
            text=member_text(event, "description", TEXT_MAX),
            location=member_text(event, "location", LOCATION_MAX) or joined_members(address, "city", "state"),
        )


def _time(event: JsonObject, carriers_country: str, zone: ZoneInfo) -> ReadTime | None:
    """Read the time of an event: what the carrier wrote, where only the day of it is known."""
    country = member_text(member(event, "address"), "country", NAME_MAX) or carriers_country
    raw = member(event, "time_raw")
    day = member_text(raw, "date", NAME_MAX)
    written = member_text(event, "time_iso", NAME_MAX) or member_text(event, "time_utc", NAME_MAX)
    readings = [written]
    if day and not member_text(raw, "time", NAME_MAX):
        readings = [f"{day}T00:00:00{member_text(raw, 'timezone', NAME_MAX)}", written[:10]]  # Or as 17TRACK reads it.
    return next((read for each in readings if (read := latest_reading(each, country=country, zone=zone))), None)


def _picked_up(events: list[SourceScan | UnreadableScan]) -> list[SourceScan | UnreadableScan]:
    """Say of a delivery after a pick-up point that the parcel was picked up there: 17TRACK has one code for both."""
    scans = [each for each in events if isinstance(each, SourceScan)]
    at_point = min((each.read.at for each in scans if each.status == ScanStatus.AT_PICKUP_POINT), default=None)
    if at_point is None:
        return events
    return [
        replace(each, status=ScanStatus.PICKED_UP)
        if isinstance(each, SourceScan) and each.status == ScanStatus.DELIVERED and each.read.at >= at_point
        else each
        for each in events
    ]
