"""Partnerservice: the silent parcels of all shops, or of one."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.accounts.reads import seller_of_code
from lostpost.core.keyset import Page, key_from_text, pager
from lostpost.desk.access import DeskRequest, staff
from lostpost.insight.radar import RadarFilters, RadarParcel
from lostpost.insight.radar_file import radar_csv
from lostpost.insight.radar_page import LISTED_MOST, radar_page, radar_rows
from lostpost.web.http import download
from lostpost.web.radar_choices import ListedOdds, listed_once, odds_of_rows, radar_choices

PAGE_SIZE = 25


@staff("partnerservice")
@require_safe
def silent_parcels_of_all(request: DeskRequest) -> HttpResponse:
    """List the silent parcels, that which fell silent last first, by the filters of the address."""
    now, policy, filters = timezone.now(), current_policy(), RadarFilters.read(request.GET.dict())
    shop, after = _shop(request), key_from_text(request.GET.get("after", ""))
    of_shop = {"seller": shop.code} if shop else {}
    page = radar_page(policy, filters, now=now, size=PAGE_SIZE, after=after, seller_id=shop.id if shop else None)
    shops = Seller.objects.in_bulk({parcel.seller_id for parcel in page.rows})
    today = now.astimezone(policy.zone).date()
    odds = odds_of_rows(page.rows, now)
    context = {
        "rows": [_row(parcel, shops[parcel.seller_id], today, filters, odds.get(parcel.id)) for parcel in page.rows],
        "shop": shop,
        "all_shops_url": f"?{urlencode(filters.values())}",
        "odds": listed_once(odds),
        "cut_short": page.cut_short,
        "listed_most": LISTED_MOST,
        "file": f"{reverse('desk:radar-file')}?{urlencode({**filters.values(), **of_shop})}",
        **radar_choices(filters, **of_shop),
        **pager(Page(page.rows, page.next), request.GET),
    }
    return render(request, "desk/radar.html", context)


@staff("partnerservice")
@require_safe
def file_of_silent_parcels(request: DeskRequest) -> HttpResponseBase:
    """Hand out the parcels of the radar that the filters leave, as CSV."""
    shop, filters = _shop(request), RadarFilters.read(request.GET.dict())
    rows = radar_rows(current_policy(), filters, now=timezone.now(), seller_id=shop.id if shop else None)
    codes = dict(Seller.objects.values_list("id", "code"))
    return download(request, radar_csv(rows, codes), name="radar.csv", content_type="text/csv; charset=utf-8")


def _shop(request: DeskRequest) -> Seller | None:
    """Return the shop that the address names, if it names one."""
    code = request.GET.get("seller", "")
    if not code:
        return None
    shop = seller_of_code(code)
    if shop is None:
        raise Http404
    return shop


def _row(
    parcel: RadarParcel, shop: Seller, today: date, filters: RadarFilters, odds: ListedOdds | None
) -> dict[str, Any]:
    return {
        "parcel": parcel,
        "odds": odds,
        "shop": shop,
        "shop_url": f"?{urlencode({**filters.values(), 'seller': shop.code})}",
        "claim_over": parcel.claim_on is not None and parcel.claim_on < today,
    }
