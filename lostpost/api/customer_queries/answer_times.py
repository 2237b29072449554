"""How quickly a shop answers."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from ninja import Router

from lostpost.accounts.policy import current_policy
from lostpost.api.customer_queries.schemas import AnswerTimesOut
from lostpost.api.http.auth import ApiRequest, acting_seller, scope
from lostpost.api.http.pagination import Shop
from lostpost.customer_queries.answer_times import DAYS, NORM, answer_times

router = Router(tags=["customer queries"])


@router.get(
    "/answer-times",
    response=AnswerTimesOut,
    auth=scope("seller:read", "seller:write"),
    operation_id="get_answer_times",
)
def get_answer_times(request: ApiRequest, seller: Shop = None) -> dict[str, Any]:
    """Get how many customers were answered in time in the last days, and how many wait for longer."""
    shop = acting_seller(request, seller)
    times = answer_times(shop.id, country=shop.country, zone=current_policy().zone, now=timezone.now())
    return {
        "days": DAYS,
        "norm_hours": NORM.total_seconds() // 3600,
        "answers": times.answers,
        "in_time": times.in_time,
        "waiting_too_long": times.waiting_too_long,
        "share_bp": times.share_bp,
    }
