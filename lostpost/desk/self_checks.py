"""Finance and Partnerservice: the self-check of any shop, the same that the shop itself sees."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.accounts.reads import seller_of_code
from lostpost.audit.self_check import checked_invoices, checked_months, still_to_come
from lostpost.core.clock import day_begins_at, month_named, months_after
from lostpost.core.text import is_storable
from lostpost.desk.access import DeskRequest, staff

MONTHS_SHOWN = 12
SHOPS_SHOWN = 50


@staff("finance", "partnerservice")
@require_safe
def self_checks(request: DeskRequest) -> HttpResponse:
    """Choose a shop, by its name or code."""
    search = " ".join(request.GET.get("q", "").split())
    rows = Seller.objects.all()
    if search:
        rows = rows.filter(name__icontains=search) | rows.filter(code__icontains=search)
    after = request.GET.get("after", "")
    if after and is_storable(after):
        rows = rows.filter(code__gt=after)
    shops = list(rows.order_by("code")[: SHOPS_SHOWN + 1]) if is_storable(search) else []
    context = {
        "q": search,
        "found": shops[:SHOPS_SHOWN],
        "more_after": shops[SHOPS_SHOWN - 1].code if len(shops) > SHOPS_SHOWN else "",
    }
    return render(request, "desk/self_checks.html", context)


@staff("finance", "partnerservice")
@require_safe
def self_check_of_shop(request: DeskRequest, seller: str) -> HttpResponse:
    """Compare a year of a shop's months and invoices, each computed from independent rows."""
    shop, policy = seller_of_code(seller), current_policy()
    if shop is None:
        raise Http404
    last = month_named(request.GET.get("to", "")) or timezone.localdate().replace(day=1)
    first = months_after(last, 1 - MONTHS_SHOWN)
    begin, end = day_begins_at(first, policy.zone), day_begins_at(months_after(last, 1), policy.zone)
    months = checked_months(seller_id=shop.id, begin=begin, end=end, zone=policy.time_zone)
    invoices = checked_invoices(seller_id=shop.id, begin=begin, end=end)
    context = {
        "shop": shop,
        "months": months,
        "invoices": invoices,
        "agrees": all(month.agrees for month in months) and all(invoice.agrees for invoice in invoices),
        "to_come": still_to_come(months),
        "first": first,
        "last": last,
        "earlier": f"?to={months_after(first, -1):%Y-%m}",
        "later": f"?to={months_after(last, MONTHS_SHOWN):%Y-%m}" if end < timezone.now() else "",
    }
    return render(request, "desk/self_check.html", context)
