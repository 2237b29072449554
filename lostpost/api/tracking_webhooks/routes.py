"""The signed webhooks by which providers of Track & Trace deliver scans: an address per shop and source."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from lostpost.accounts.reads import seller_of_code
from lostpost.api.http.rate_limits import enforce_delivery_limit
from lostpost.connectors.tracking_sources.adapter import DeliveryMalformed, SignedDelivery
from lostpost.connectors.tracking_sources.put_source_scans import DeliveryOutcome
from lostpost.connectors.tracking_sources.take_delivery import (
    DETAILS_MAX,
    SOURCES,
    DeliveryNotSigned,
    TooManyScans,
    take_delivery,
    verify_delivery,
)
from lostpost.tracking.models import TrackingSource
from lostpost.web.body_limits import body_limit
from lostpost.web.problems import Problem, not_found

_STATUSES = {DeliveryNotSigned: 401, DeliveryMalformed: 400, TooManyScans: 413}


@csrf_exempt
@require_POST
def tracking_webhook(request: HttpRequest, seller: str, source: str) -> JsonResponse:
    """Take a delivery: 200 once its scans are stored, and how many were new.

    What is sent again may heal: a wrong secret (401), a source that is not connected yet (404), too many at once (429).
    A signed body that cannot be read never will; providers get 200 and `refused` for it, so that they neither repeat it
    for days nor stop sending, and the desk's page says so. A program of one's own gets a problem.
    """
    shop = seller_of_code(seller) if source in SOURCES else None
    row = TrackingSource.objects.filter(seller_id=shop.id, source=source).first() if shop else None
    if shop is None or row is None:
        raise not_found()
    delivery, now = SignedDelivery(_body(request), request.headers, request.GET.get("token", "")), timezone.now()
    try:
        verify_delivery(row=row, delivery=delivery, now=now)
        enforce_delivery_limit(request, row, now)
        return JsonResponse(_values(take_delivery(row=row, seller=shop, delivery=delivery, now=now)))
    except (DeliveryNotSigned, DeliveryMalformed, TooManyScans) as refusal:
        problem = Problem(_STATUSES[type(refusal)], refusal.code, str(refusal))
        if isinstance(refusal, DeliveryNotSigned) or not SOURCES[source].sends_again:
            raise problem from refusal
        return JsonResponse({**_values(DeliveryOutcome()), "refused": {"code": problem.code, "detail": problem.detail}})


def _values(outcome: DeliveryOutcome) -> dict[str, Any]:
    return {
        "accepted": outcome.accepted,
        "duplicates": outcome.duplicates,
        "waiting": outcome.waiting,
        "unmapped": outcome.unmapped,
        "ignored": outcome.ignored,
        "rejected": [{"index": each.place, "detail": each.detail} for each in outcome.rejected[:DETAILS_MAX]],
        "rejected_count": len(outcome.rejected),
    }


def _body(request: HttpRequest) -> bytes:
    most = body_limit(request.path)
    body = request.read(most + 1)
    if len(body) > most:
        raise Problem(413, "body-too-large", f"The body is larger than {most // 1024} KiB.")
    return body
