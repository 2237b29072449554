"""Whether the scans of each carrier reach the marketplace."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from ninja import Router

from lostpost.api.carrier_feeds.schemas import CarrierFeedsOut
from lostpost.api.http.auth import ApiRequest, scope
from lostpost.carrier_feeds.models import SilentFeed
from lostpost.carrier_feeds.reads import ShownFeed, carrier_feeds
from lostpost.texts.carrier_feeds import feed_state, feed_text

router = Router(tags=["platform"], auth=scope("platform"))


@router.get("/carrier-feeds", response=CarrierFeedsOut, operation_id="list_carrier_feeds")
def list_carrier_feeds(request: ApiRequest) -> dict[str, Any]:
    """List how the scans of each carrier come, those that are missing first.

    While a carrier's scans are missing, none of its parcels with Track & Trace may be written off: `feed-silent`.
    """
    now = timezone.now()
    return {"items": [_values(each, now) for each in carrier_feeds()]}


def _values(each: ShownFeed, now: datetime) -> dict[str, Any]:
    feed = each.feed
    return {
        "carrier": feed.carrier,
        "state": feed_state(each, now),
        "text": feed_text(each),
        "received_at": feed.received_at,
        "usual_week": feed.usual_week,
        "expected_day": feed.expected_day,
        "received_day": feed.received_day,
        "silence": _silence(each.silent) if each.silent else None,
    }


def _silence(silent: SilentFeed) -> dict[str, Any]:
    lift = silent.lifts[-1] if silent.lifts else {"by": "", "reason": ""}
    names = ("since", "found_at", "cause", "window_hours", "expected", "received", "chance_exponent", "lifted_until")
    values = {name: getattr(silent, name) for name in names}
    return {**values, "lifted_by": lift["by"], "lift_reason": lift["reason"]}
