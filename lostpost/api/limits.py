"""How many requests a client may send in a minute, and what it is told of that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from lostpost.accounts.count_request import count_request
from lostpost.accounts.models import ApiClient
from lostpost.api.problems import Problem

# Attempts to sign in, in a minute; a token lasts an hour. Many clients may share an address, behind a proxy say.
SIGN_INS_OF_CLIENT, SIGN_INS_OF_ADDRESS = 30, 300
_KEPT = "lostpost.rate"  # In the request's META, from the moment its client is known.


class Rate(NamedTuple):
    """What a client may still send."""

    limit: int
    remaining: int
    reset_seconds: int  # Until the next minute begins, and the count anew.


def require_room(request: HttpRequest, client: ApiClient) -> None:
    """Count the request. Raises Problem 429 if the client has sent too many in this minute."""
    limit, sent = settings.API_REQUESTS_PER_MINUTE, count_request(client_id=client.client_id)
    rate = Rate(limit, max(0, limit - sent.requests), sent.reset_seconds)
    request.META[_KEPT] = rate
    if sent.requests > limit:
        raise Problem(
            429,
            "too-many-requests",
            f"This client has sent its {limit} requests of this minute. Wait {rate.reset_seconds} seconds.",
            headers={"Retry-After": str(rate.reset_seconds)},
        )


def require_room_to_sign_in(request: HttpRequest, client_ids: Iterable[str]) -> None:
    """Count an attempt to sign in, before any secret is looked at: a wrong one costs as much as a right one.

    First of its address, so that made-up names leave no more counts behind than an address has attempts.
    Raises: Problem 429.
    """
    counted = [(f"address {_network(request)}", SIGN_INS_OF_ADDRESS, "this address")]
    for client_id in client_ids:  # Anybody may write anything there: kept as a hash, short and of plain letters.
        name = hashlib.sha256(client_id.encode("utf-8", "surrogatepass")).hexdigest()
        counted.append((f"sign-in {name}", SIGN_INS_OF_CLIENT, "this client"))
    for name, limit, whose in counted:
        sent = count_request(client_id=name)
        if sent.requests > limit:
            wait = sent.reset_seconds
            raise Problem(
                429,
                "too-many-requests",
                f"There were more than {limit} attempts to sign in from {whose} in this minute. Wait {wait} seconds, "
                "and use a token for as long as it lasts.",
                headers={"Retry-After": str(wait)},
            )


def _network(request: HttpRequest) -> str:
    """Return who asks: an IPv4 address, or the IPv6 network that one customer of a provider has for itself."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.TRUST_PROXY else ""
    written = forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(written)
    except ValueError:  # A socket in the file system has none.
        return "unknown"
    return str(address) if address.version == 4 else str(ip_network((address, 64), strict=False))


def tell_rate(request: HttpRequest, response: HttpResponse) -> None:
    """Say in headers what the client may still send; nothing where no client was known."""
    rate: Rate | None = request.META.get(_KEPT)
    if rate:
        response.headers["RateLimit-Limit"] = str(rate.limit)
        response.headers["RateLimit-Remaining"] = str(rate.remaining)
        response.headers["RateLimit-Reset"] = str(rate.reset_seconds)
