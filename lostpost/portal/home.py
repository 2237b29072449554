"""What waits for a seller, and the money on its way to customers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lostpost.events.reads import parked_webhooks
from lostpost.insight.silent_parcels import silent_parcels
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.worklist import requests_waiting, worklist
from lostpost.refunds.models import Refund
from lostpost.refunds.reads import money_on_its_way, refunds_on_their_way

MOST_WAITING, MOST_SILENT, MOST_REFUNDS, MOST_ASKED = 20, 5, 5, 5


@of_shop
@require_safe
def home(request: PortalRequest) -> HttpResponse:
    """Show what to do first, and what others are doing."""
    seller, now = request.seller, timezone.now()
    work, assessed_all = worklist(seller, request.policy, now=now, most=MOST_WAITING + 1)
    refunds = refunds_on_their_way(seller.id, most=MOST_REFUNDS)
    context = {
        "parked": parked_webhooks(seller.id) if request.actor.owns else [],
        "waiting": work[:MOST_WAITING],
        "waiting_more": len(work) > MOST_WAITING,
        "not_assessed_beyond": 0 if assessed_all else MOST_WAITING + 1,
        "silent": [
            {"order_number": order.number, "customer_name": order.customer_name, "parcel": parcel}
            for order, parcel in silent_parcels(seller.id, request.policy, now=now, most=MOST_SILENT)
        ],
        "asked": requests_waiting(seller.id, most=MOST_ASKED),
        "refunds": [_refund(refund) for refund in refunds],
        "totals": money_on_its_way(seller.id) if refunds else [],
    }
    return render(request, "portal/home.html", context)


def _refund(refund: Refund) -> dict[str, Any]:
    return {
        "number": refund.number,
        "query_number": refund.query.number,
        "customer_name": refund.order.customer_name,
        "state": refund.state,
        "amount_minor": refund.amount_minor,
        "currency": refund.currency,
        "at": refund.failed_at or refund.sent_at or refund.requested_at,
    }
