"""Rate limits: requests of a client per minute, and their headers."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from lostpost.accounts.count_request import count_request
from lostpost.accounts.models import ApiClient
from lostpost.tracking.models import TrackingSource
from lostpost.tracking.put_tracking_source import note_refused_delivery
from lostpost.web.problems import Problem

SIGN_INS_OF_CLIENT = 30  # In a minute.
AHEAD_MAX = 20  # Requests that a process counts at once: a hundredth of the limit, and no more than these.
_KEPT = "lostpost.rate"  # In the request's META, from the moment its client is known.


class Rate(NamedTuple):
    """What a client may still send."""

    limit: int
    remaining: int
    reset_seconds: int  # Until the next minute, when the count restarts.


def enforce_rate_limit(request: HttpRequest, client: ApiClient) -> None:
    """Count the request. Raises Problem 429 if the client has sent too many in this minute."""
    limit = settings.API_REQUESTS_PER_MINUTE
    sent = count_request(client_id=client.client_id, ahead=max(1, min(limit // 100, AHEAD_MAX)))
    rate = Rate(limit, max(0, limit - sent.requests), sent.reset_seconds)
    request.META[_KEPT] = rate
    if sent.requests > limit:
        raise Problem(
            429,
            "too-many-requests",
            f"This client has sent its {limit} requests of this minute. Wait {rate.reset_seconds} seconds.",
            headers={"Retry-After": str(rate.reset_seconds)},
        )


def enforce_sign_in_limit(client_id: str) -> None:
    """Count that a client signs in, with its right secret: a token lasts an hour. Raises Problem 429."""
    sent = count_request(client_id=f"sign-in {client_id}")
    if sent.requests > SIGN_INS_OF_CLIENT:
        wait_seconds = sent.reset_seconds
        raise Problem(
            429,
            "too-many-requests",
            f"This client has signed in more than {SIGN_INS_OF_CLIENT} times in this minute. "
            f"Wait {wait_seconds} seconds, and use a token for as long as it lasts.",
            headers={"Retry-After": str(wait_seconds)},
        )


def enforce_delivery_limit(request: HttpRequest, row: TrackingSource, now: datetime) -> None:
    """Count a signed delivery of a source of Track & Trace. Raises Problem 429 if it delivers too many in this minute.

    Its providers send what was refused again, and the whole history of a parcel each time.
    """
    limit = settings.TRACKING_DELIVERIES_PER_MINUTE
    sent = count_request(client_id=f"tracking {row.id}", ahead=max(1, min(limit // 100, AHEAD_MAX)))
    request.META[_KEPT] = Rate(limit, max(0, limit - sent.requests), sent.reset_seconds)
    if sent.requests > limit:
        note_refused_delivery(row=row, code="too-many-requests", now=now)
        raise Problem(
            429,
            "too-many-requests",
            f"This source has sent its {limit} deliveries of this minute. Wait {sent.reset_seconds} seconds.",
            headers={"Retry-After": str(sent.reset_seconds)},
        )


def wrong_secret_limit_reached(seconds: int) -> Problem:
    """Return the problem for too many wrong secrets from one address."""
    return Problem(
        429,
        "too-many-requests",
        f"Too many attempts to sign in failed from this address. Wait {seconds} seconds, and look at id and secret.",
        headers={"Retry-After": str(seconds)},
    )


def add_rate_headers(request: HttpRequest, response: HttpResponse) -> None:
    """Add headers with what the client may still send; none if the client is unknown."""
    rate: Rate | None = request.META.get(_KEPT)
    if rate:
        response.headers["RateLimit-Limit"] = str(rate.limit)
        response.headers["RateLimit-Remaining"] = str(rate.remaining)
        response.headers["RateLimit-Reset"] = str(rate.reset_seconds)
