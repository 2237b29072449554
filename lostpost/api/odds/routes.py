"""The odds that silent parcels still come, and written-off parcels that came after all."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Any

from django.utils import timezone
from ninja import Query, Router

from lostpost.accounts.policy import current_policy
from lostpost.api.http.auth import ApiRequest, acting_seller, scope
from lostpost.api.http.fields import ONE_LINE, Day
from lostpost.api.http.pagination import Shop
from lostpost.api.odds.schemas import ArrivalOddsOut, FalseLossesOut
from lostpost.core.clock import day_begins_at
from lostpost.insight.arrival_odds import HORIZON_DAYS
from lostpost.insight.false_losses import LOOKED_BACK, false_losses
from lostpost.insight.silence_odds import OfInterest, odds_values, silence_odds
from lostpost.texts.odds import odds_text
from lostpost.tracking.refresh_silences import DAYS_MAX

router = Router(tags=["orders"], auth=scope("seller:read", "seller:write"))
ByCarrier = Annotated[str, Query(pattern=ONE_LINE, min_length=1, max_length=64)]
ToCountry = Annotated[str | None, Query(pattern="^[A-Z]{2}$", description="The destination, ISO 3166")]
SilentDays = Annotated[int, Query(ge=1, le=DAYS_MAX - HORIZON_DAYS, description="Full days without a scan")]
SinceDay = Annotated[
    Day | None,
    Query(alias="from", description="First day of write-offs, by the marketplace's calendar; else a year ago"),
]


@router.get("/arrival-odds", response=ArrivalOddsOut, operation_id="get_arrival_odds")
def get_arrival_odds(
    request: ApiRequest, carrier: ByCarrier, silent_days: SilentDays, country: ToCountry = None
) -> dict[str, Any]:
    """Get how many parcels that were silent as long still came, and when: from the whole marketplace's own scans."""
    interest = OfInterest(carrier, country or "", silent_days)
    of = silence_odds([interest])[interest]
    return {**odds_values(of), "curve": [asdict(point) for point in of.odds.curve], "text": odds_text(of)}


@router.get("/false-losses", response=FalseLossesOut, operation_id="list_false_losses")
def list_false_losses(request: ApiRequest, seller: Shop = None, from_on: SinceDay = None) -> dict[str, Any]:
    """List how many written-off parcels came after all, by carrier and version of the policy.

    The platform gets those of all shops if it names none.
    """
    of_all = seller is None and request.auth.client.shop_id is None
    shop, zone = None if of_all else acting_seller(request, seller), current_policy().zone
    since: date = from_on or (timezone.now() - timedelta(days=LOOKED_BACK.days)).astimezone(zone).date()
    rows = false_losses(since=day_begins_at(since, zone), seller_id=shop.id if shop else None)
    return {"since": since, "items": [asdict(row) for row in rows]}
