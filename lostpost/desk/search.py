"""Partnerservice: find an order of any shop, by its number, its query, its customer or its parcel."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from lostpost.accounts.security_log import record_security_event
from lostpost.core.text import is_storable
from lostpost.desk.access import DeskRequest, staff
from lostpost.found_parcels.cases_of_all import cases_of_orders
from lostpost.orders.order_search import LONGEST_WORDS, SHORTEST_END
from lostpost.partnerservice.reads import orders_with_cases

MOST_FOUND = 25


@staff("partnerservice")
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: DeskRequest) -> HttpResponse:
    """Search in all shops. The words are posted, so that no customer's name stands in an address or a log."""
    words = request.POST.get("q", "").strip()[:LONGEST_WORDS]
    short = len(words) < SHORTEST_END
    orders = [] if short or not is_storable(words) else orders_with_cases(words, most=MOST_FOUND)
    if not short:
        record_security_event("orders.searched", about=f"{len(orders)} found in all shops")
    cases = cases_of_orders([found.order for found in orders]) if orders else []
    shown = [
        {
            "order": found.order,
            "queries": found.queries,
            "requests": found.requests,
            "found_cases": [case for case in cases if case.order_id == found.order.id],
            "write_offs": found.write_offs,
        }
        for found in orders
    ]
    context = {"q": words, "short": bool(words) and short, "orders": shown, "most": MOST_FOUND}
    return render(request, "desk/search.html", context)
