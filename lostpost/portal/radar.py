"""The radar of a shop: its silent parcels, page by page and as a file."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from lostpost.accounts.sections import Section
from lostpost.armed_write_offs.reads import armed_of_orders
from lostpost.core.keyset import Page, key_from_text, pager
from lostpost.insight.order_parcels import UnitState
from lostpost.insight.radar import RadarFilters, RadarParcel
from lostpost.insight.radar_file import radar_csv
from lostpost.insight.radar_page import LISTED_MOST, radar_page, radar_rows
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.web.http import download
from lostpost.web.radar_choices import ListedOdds, listed_once, odds_of_rows, radar_choices

PAGE_SIZE = 25


@of_shop(Section.QUERIES)
@require_safe
def silent_parcels_page(request: PortalRequest) -> HttpResponse:
    """List the silent parcels, that which fell silent last first, by the filters of the address."""
    now, filters = timezone.now(), RadarFilters.read(request.GET.dict())
    after = key_from_text(request.GET.get("after", ""))
    page = radar_page(request.policy, filters, now=now, size=PAGE_SIZE, after=after, seller_id=request.seller.id)
    today, odds = now.astimezone(request.policy.zone).date(), odds_of_rows(page.rows, now)
    armed = armed_of_orders(seller_id=request.seller.id, numbers=[parcel.order_number for parcel in page.rows])
    context = {
        "rows": [
            _row(request, parcel, today, odds.get(parcel.id)) | {"armed": armed.get(parcel.order_number)}
            for parcel in page.rows
        ],
        "odds": listed_once(odds),
        "cut_short": page.cut_short,
        "listed_most": LISTED_MOST,
        "file": f"{reverse('portal:radar-file', kwargs={'seller': request.seller.code})}?{urlencode(filters.values())}",
        **radar_choices(filters),
        **pager(Page(page.rows, page.next), request.GET),
    }
    return render(request, "portal/radar.html", context)


@of_shop(Section.QUERIES)
@require_safe
def silent_parcels_file(request: PortalRequest) -> HttpResponseBase:
    """Hand out the parcels of the radar that the filters leave, as CSV."""
    now, seller = timezone.now(), request.seller
    rows = radar_rows(request.policy, RadarFilters.read(request.GET.dict()), now=now, seller_id=seller.id)
    file = radar_csv(rows, {seller.id: seller.code})
    return download(request, file, name=f"radar-{seller.code}.csv", content_type="text/csv; charset=utf-8")


def _row(request: PortalRequest, parcel: RadarParcel, today: date, odds: ListedOdds | None) -> dict[str, Any]:
    """Return a parcel with the page that is the next step: its query, or a message that is filled in."""
    shop, writes = request.seller.code, request.actor.may_manage(Section.QUERIES)
    contact = parcel.query is None or parcel.query.handled
    if not contact and parcel.query:
        url = reverse("portal:customer-query", kwargs={"seller": shop, "number": parcel.query.number})
    elif writes:
        order = {"seller": shop, "order_number": parcel.order_number}
        url = reverse("portal:start-contact", kwargs=order) + "?template=silent"
    else:
        url = ""
    arm_url = ""
    waits = parcel.state == UnitState.NOT_YET and not contact
    if waits and parcel.query and request.actor.may_manage(Section.WRITE_OFFS):
        arm_url = reverse("portal:arm-write-off", kwargs={"seller": shop, "number": parcel.query.number})
    return {
        "parcel": parcel,
        "arm_url": arm_url,
        "odds": odds,
        "url": url,
        "contact": contact,
        "order_url": reverse("portal:order", kwargs={"seller": shop, "order_number": parcel.order_number}),
        "claim_over": parcel.claim_on is not None and parcel.claim_on < today,
    }
