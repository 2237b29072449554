"""Scans as plain JSON in our own words, signed as the Standard Webhooks specification says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from standardwebhooks import Webhook, WebhookVerificationError

from lostpost.connectors.tracking_sources.adapter import (
    CODE_MAX,
    ID_MAX,
    LOCATION_MAX,
    NAME_MAX,
    TEXT_MAX,
    DeliveredScans,
    DeliveryMalformed,
    JsonObject,
    SignedDelivery,
    SourceScan,
    TrackingAdapter,
    UnreadableScan,
    member_text,
)
from lostpost.connectors.tracking_sources.times import ReadTime
from lostpost.eligibility.facts import ScanStatus, TimeCertainty

_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
_STATUSES = frozenset(status.value for status in ScanStatus)


class PlainJson(TrackingAdapter):
    """For programs of one's own; the signature's timestamp is at most five minutes old."""

    name: ClassVar[str] = "json"
    title: ClassVar[str] = "JSON"
    takes_any_secret: ClassVar[bool] = False  # Its specification says how one is made.
    sends_again: ClassVar[bool] = False  # Whoever wrote the program reads what is wrong.

    def is_signed(self, delivery: SignedDelivery, secret: str, now: datetime) -> bool:
        """Compare `webhook-signature`; the specification's library looks at the clock itself."""
        headers = {name: delivery.headers.get(name, "") for name in _HEADERS}
        try:
            Webhook(secret).verify(delivery.body, headers, json_parse=False)
        except (WebhookVerificationError, ValueError, TypeError):
            return False
        return True

    def delivered(self, content: JsonObject, zone: ZoneInfo) -> DeliveredScans:
        """Read `scans`."""
        if not isinstance(content.get("scans"), list):
            raise DeliveryMalformed(_("The body has no list “scans”."))
        return DeliveredScans(list(_scans(content)))


def _scans(content: JsonObject) -> Iterator[SourceScan | UnreadableScan]:
    for scan in content["scans"]:
        if not isinstance(scan, dict):
            yield UnreadableScan(_("It is no JSON object."))
            continue
        number = member_text(scan, "tracking_number", NAME_MAX)
        written = member_text(scan, "occurred_at", NAME_MAX)
        status, code = member_text(scan, "status", NAME_MAX), member_text(scan, "code", CODE_MAX)
        at = _instant(written)
        if not number:
            yield UnreadableScan("tracking_number")
        elif at is None:
            yield UnreadableScan(f"occurred_at “{written}”")
        elif (status and status not in _STATUSES) or not (status or code):
            yield UnreadableScan(f"status “{status}”")
        else:
            yield SourceScan(
                tracking_number=number,
                carrier=member_text(scan, "carrier", NAME_MAX),
                read=ReadTime(at, TimeCertainty.EXACT),
                status=status or None,
                code=code,
                text=member_text(scan, "text", TEXT_MAX),
                location=member_text(scan, "location", LOCATION_MAX),
                id=member_text(scan, "id", ID_MAX),
            )


def _instant(written: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    return at if at.tzinfo else None
