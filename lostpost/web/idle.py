"""End idle sessions: after half a day in a shop, after half an hour at a desk of the marketplace."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from lostpost.accounts.reads import desks_of_user
from lostpost.accounts.security_log import record_security_event
from lostpost.web.client_address import client_address

SHOP_IDLE_SECONDS = 12 * 3600
DESK_IDLE_SECONDS = 30 * 60
_KEPT_EVERY_SECONDS = 60  # Writing with each request would cost too much.
_SEEN_AT, _AT_DESK = "lostpost_seen_at", "lostpost_at_desk"
_SENT_BY_PAGES = ("/draft/", "/new/")  # What an open page sends by itself keeps no session alive.
_NOT_PEOPLES = ("/api/", "/oauth/", "/healthz", "/readyz", "/static/")


class IdleSessionMiddleware:
    """Sign out who was away for too long; keep when and from where a session was used last."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        of_person = settings.SESSION_COOKIE_NAME in request.COOKIES and not request.path.startswith(_NOT_PEOPLES)
        if of_person and request.user.is_authenticated:
            _look_at(request, request.user)
        return self.get_response(request)


def _look_at(request: HttpRequest, user: User) -> None:
    now, seen_at = int(time.time()), request.session.get(_SEEN_AT, 0)
    idle_seconds = now - seen_at
    at_desk = bool(request.session.get(_AT_DESK))
    if idle_seconds > (DESK_IDLE_SECONDS if at_desk else SHOP_IDLE_SECONDS):
        record_security_event("session.timed-out")
        logout(request)
        messages.info(request, _message(at_desk=at_desk))
    elif (
        not request.path.endswith(_SENT_BY_PAGES) and not 0 <= idle_seconds < _KEPT_EVERY_SECONDS
    ):  # Less than none: the clock was set back.
        _keep_alive(request, user, now)
        UserSession.objects.filter(session_key=request.session.session_key).update(
            last_seen_at=timezone.now(), ip=_ip(request)
        )


def _message(*, at_desk: bool) -> str:
    if at_desk:
        return _("You were signed out, as nothing happened for 30 minutes. Sign in to go on.")
    return _("You were signed out, as nothing happened for 12 hours. Sign in to go on.")


def _keep_alive(request: HttpRequest, user: User, now: int) -> None:
    request.session[_SEEN_AT], request.session[_AT_DESK] = now, bool(desks_of_user(user))


def _ip(request: HttpRequest) -> str:
    address = client_address(request)
    return address if "." in address or ":" in address else "0.0.0.0"  # noqa: S104 - "unknown" in its column.


def begin_session(sender: Any, *, request: HttpRequest, user: User, **_rest: Any) -> None:
    """Record when a session began, for all ways to sign in."""
    _keep_alive(request, user, int(time.time()))


user_logged_in.connect(begin_session)
