"""The radar: silent parcels of a shop, or of all for the platform."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils import timezone
from ninja import Query, Router

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.api.http.auth import ApiRequest, acting_seller, scope
from lostpost.api.http.fields import ONE_LINE
from lostpost.api.http.pagination import After, Shop, Size, after_key
from lostpost.api.radar.schemas import OfQuery, RadarOut, RadarState
from lostpost.core.keyset import key_as_text
from lostpost.insight.radar import RadarFilters
from lostpost.insight.radar_page import radar_page
from lostpost.insight.radar_report import radar_values

router = Router(tags=["orders"], auth=scope("seller:read", "seller:write"))
OfCarrier = Annotated[str | None, Query(pattern=ONE_LINE, max_length=64)]
DueSoon = Annotated[bool, Query(description="The marketplace's or the carrier's last day is within seven days")]


@router.get("/radar", response=RadarOut, operation_id="list_silent_parcels")
def list_silent_parcels(
    request: ApiRequest,
    seller: Shop = None,
    state: RadarState = "eligible",
    carrier: OfCarrier = None,
    customer_query: OfQuery = None,
    due_soon: DueSoon = False,
    after: After = None,
    size: Size = 50,
) -> dict[str, Any]:
    """List silent parcels, that which fell silent last first. The platform gets those of all shops if it names none."""
    of_all = seller is None and request.auth.client.shop_id is None
    shop = None if of_all else acting_seller(request, seller)
    filters = RadarFilters(state=state, carrier=carrier or "", query=customer_query or "", due=due_soon)
    page = radar_page(
        current_policy(),
        filters,
        now=timezone.now(),
        size=size,
        after=after_key(after),
        seller_id=shop.id if shop else None,
    )
    shops = Seller.objects.in_bulk({parcel.seller_id for parcel in page.rows})
    return {
        "items": [{"seller": shops[parcel.seller_id].code, **radar_values(parcel)} for parcel in page.rows],
        "next": key_as_text(page.next) if page.next else None,
    }
