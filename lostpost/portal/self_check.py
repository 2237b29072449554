"""The self-check: write-offs, refunds, ledger and sales invoices of the shop, side by side."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lostpost.accounts.sections import Section
from lostpost.audit.self_check import checked_invoices, checked_months, still_to_come
from lostpost.core.clock import day_begins_at, month_named, months_after
from lostpost.portal.access import PortalRequest, of_shop

MONTHS_SHOWN = 12


@of_shop(Section.FINANCE)
@require_safe
def self_check_page(request: PortalRequest) -> HttpResponse:
    """Compare a year of months and their invoices, each computed from independent rows."""
    last = month_named(request.GET.get("to", "")) or timezone.localdate().replace(day=1)
    first, following = months_after(last, 1 - MONTHS_SHOWN), months_after(last, 1)
    zone = request.policy.zone
    begin, end = day_begins_at(first, zone), day_begins_at(following, zone)
    months = checked_months(seller_id=request.seller.id, begin=begin, end=end, zone=request.policy.time_zone)
    invoices = checked_invoices(seller_id=request.seller.id, begin=begin, end=end)
    context = {
        "months": months,
        "invoices": invoices,
        "agrees": all(month.agrees for month in months) and all(invoice.agrees for invoice in invoices),
        "to_come": still_to_come(months),
        "first": first,
        "last": last,
        "earlier": f"?to={months_after(first, -1):%Y-%m}",
        "later": f"?to={months_after(last, MONTHS_SHOWN):%Y-%m}" if end < timezone.now() else "",
    }
    return render(request, "portal/self_check.html", context)
