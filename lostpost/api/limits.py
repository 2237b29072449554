"""How many requests a client may send in a minute, and what it is told of that."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from lostpost.accounts.count_request import count_request
from lostpost.accounts.models import ApiClient
from lostpost.api.problems import Problem

_KEPT = "lostpost.rate"  # In the request's META, from the moment its client is known.


class Rate(NamedTuple):
    """What a client may still send."""

    limit: int
    remaining: int
    reset_seconds: int  # Until the next minute begins, and the count anew.


def require_room(request: HttpRequest, client: ApiClient, now: datetime) -> None:
    """Count the request. Raises Problem 429 if the client has sent too many in this minute."""
    limit, sent = settings.API_REQUESTS_PER_MINUTE, count_request(client_id=client.client_id, now=now)
    rate = Rate(limit, max(0, limit - sent), 60 - now.second)
    request.META[_KEPT] = rate
    if sent > limit:
        raise Problem(
            429,
            "too-many-requests",
            f"This client has sent its {limit} requests of this minute. Wait {rate.reset_seconds} seconds.",
            headers={"Retry-After": str(rate.reset_seconds)},
        )


def tell_rate(request: HttpRequest, response: HttpResponse) -> None:
    """Say in headers what the client may still send; nothing where no client was known."""
    rate: Rate | None = request.META.get(_KEPT)
    if rate:
        response.headers["RateLimit-Limit"] = str(rate.limit)
        response.headers["RateLimit-Remaining"] = str(rate.remaining)
        response.headers["RateLimit-Reset"] = str(rate.reset_seconds)
