"""The address at which a platform tells that an order of a shop has changed."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from lostpost.accounts.reads import seller_of_code
from lostpost.connectors.sales_channels.run_channel import PLATFORMS
from lostpost.connectors.sales_channels.take_news import NewsNotSigned, take_in_news
from lostpost.core.errors import Refused
from lostpost.sales_channels.models import SalesChannel
from lostpost.web.body_limits import body_limit
from lostpost.web.problems import Problem, not_found


@csrf_exempt
@require_POST
def sales_channel_webhook(request: HttpRequest, seller: str, channel: UUID) -> HttpResponse:
    """Note which order changed and answer at once: what it is now is fetched by a job."""
    shop = seller_of_code(seller)
    row = SalesChannel.objects.filter(seller_id=shop.id, id=channel).first() if shop else None
    if row is None or not PLATFORMS[row.platform].tells:
        raise not_found()
    most = body_limit(request.path)
    body = request.read(most + 1)
    if len(body) > most:
        raise Problem(413, "body-too-large", f"The body is larger than {most // 1024} KiB.")
    try:
        take_in_news(row=row, body=body, headers=request.headers, now=timezone.now())
    except Refused as refusal:
        raise Problem(401 if isinstance(refusal, NewsNotSigned) else 429, refusal.code, str(refusal)) from refusal
    return HttpResponse(status=200)
