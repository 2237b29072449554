"""The signed webhooks by which providers of Track & Trace deliver scans: an address per shop and source."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from lostpost.accounts.reads import seller_of_code
from lostpost.connectors.tracking_sources.adapter import DeliveryMalformed, SignedDelivery
from lostpost.connectors.tracking_sources.take_delivery import (
    DETAILS_MAX,
    SOURCES,
    DeliveryNotSigned,
    TooManyScans,
    take_delivery,
)
from lostpost.tracking.models import TrackingSource
from lostpost.web.body_limits import body_limit
from lostpost.web.problems import Problem, not_found

_STATUSES = {DeliveryNotSigned: 401, DeliveryMalformed: 400, TooManyScans: 413}


@csrf_exempt
@require_POST
def tracking_webhook(request: HttpRequest, seller: str, source: str) -> JsonResponse:
    """Take a delivery: 200 once its scans are stored, and how many were new; what cannot be taken in is a problem."""
    shop = seller_of_code(seller) if source in SOURCES else None
    row = TrackingSource.objects.filter(seller_id=shop.id, source=source).first() if shop else None
    if shop is None or row is None:
        raise not_found()
    delivery = SignedDelivery(_body(request), request.headers, request.GET.get("token", ""))
    try:
        outcome = take_delivery(row=row, seller=shop, delivery=delivery, now=timezone.now())
    except (DeliveryNotSigned, DeliveryMalformed, TooManyScans) as refusal:
        raise Problem(_STATUSES[type(refusal)], refusal.code, str(refusal)) from refusal
    return JsonResponse(
        {
            "accepted": outcome.accepted,
            "duplicates": outcome.duplicates,
            "waiting": outcome.waiting,
            "unmapped": outcome.unmapped,
            "ignored": outcome.ignored,
            "rejected": [{"index": each.place, "detail": each.detail} for each in outcome.rejected[:DETAILS_MAX]],
            "rejected_count": len(outcome.rejected),
        }
    )


def _body(request: HttpRequest) -> bytes:
    most = body_limit(request.path)
    body = request.read(most + 1)
    if len(body) > most:
        raise Problem(413, "body-too-large", f"The body is larger than {most // 1024} KiB.")
    return body
