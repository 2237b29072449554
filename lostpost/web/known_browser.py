"""A cookie that marks a browser in which somebody has signed in before.

Failures there are counted apart from those of strangers: guessing somebody's password from elsewhere delays other
strangers, but not that person. The cookie grants no access.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = "lostpost_browser"
_SALT = "lostpost.web.known_browser"
_KEPT_SECONDS = 400 * 24 * 3600  # Browsers keep none for longer.
_MOST_PEOPLE = 10


def browser_of(request: HttpRequest, user_id: int) -> str:
    """Return the id of a browser in which this user has signed in; empty for any other."""
    cookie = _read(request)
    return str(cookie["browser"]) if cookie and user_id in cookie["people"] else ""


def remember_browser(request: HttpRequest, response: HttpResponse, user_id: int) -> None:
    """Record in the cookie that this user has signed in in this browser."""
    cookie = _read(request) or {"browser": secrets.token_urlsafe(12), "people": []}
    people = [user_id, *[other for other in cookie["people"] if other != user_id]][:_MOST_PEOPLE]
    response.set_cookie(
        COOKIE,
        signing.dumps({"browser": cookie["browser"], "people": people}, salt=_SALT),
        max_age=_KEPT_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, Any] | None:
    try:
        cookie: dict[str, Any] = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_KEPT_SECONDS)
    except signing.BadSignature:
        return None
    return cookie
