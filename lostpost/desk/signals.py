"""Partnerservice: who loses how often, beside the marketplace's own rate. Figures, and no verdict."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lostpost.accounts.reads import seller_of_code
from lostpost.desk.access import DeskRequest, staff
from lostpost.partnerservice.reads import request_with_case
from lostpost.reporting.loss_signals import (
    CUSTOMER,
    KINDS,
    SPAN,
    LossRate,
    LossSignal,
    base_rate,
    loss_signals,
    signals_of_order,
)

MOST_SHOWN = 25


@staff("partnerservice")
@require_safe
def signals(request: DeskRequest) -> HttpResponse:
    """List the customers, shops, agents or carriers with the most losses."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else CUSTOMER
    now = timezone.now()
    base = base_rate(now=now)
    context = {
        "kind": kind,
        "kinds": KINDS,
        "days": SPAN.days,
        "base": _rate(base),
        "signals": [_row(signal, base) for signal in loss_signals(kind, now=now, most=MOST_SHOWN)],
    }
    return render(request, "desk/signals.html", context)


@staff("partnerservice")
@require_safe
def signals_of_request(request: DeskRequest, seller: str, request_id: UUID) -> HttpResponse:
    """Show the figures of everybody who has to do with the order of a request."""
    shop, now = seller_of_code(seller), timezone.now()
    case = request_with_case(shop.id, request_id) if shop else None
    if case is None:
        raise Http404
    base = base_rate(now=now)
    of_order = signals_of_order(seller_id=case.seller_id, order_id=case.query.order_id, now=now)
    context = {
        "case": {"seller_code": case.seller.code, "id": case.id, "title": case.title},
        "days": SPAN.days,
        "base": _rate(base),
        "signals": [_row(signal, base) for signal in of_order],
    }
    return render(request, "desk/signals.html", context)


def _rate(rate: LossRate) -> dict[str, Any]:
    percent = None if rate.share is None else rate.share * 100
    return {"lost": rate.lost, "orders": rate.orders, "restored": rate.restored, "percent": percent}


def _row(signal: LossSignal, base: LossRate) -> dict[str, Any]:
    return {
        "kind": signal.kind,
        "name": signal.name,
        "shop": signal.shop,
        "times": signal.times(base),
        **_rate(signal.rate),
    }
