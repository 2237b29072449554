"""List a user's sessions, and end those that the user does not recognise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lostpost.accounts.security_log import record_security_event

_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


@dataclass(frozen=True, slots=True)
class Session:
    """One session of a user."""

    id: int
    browser: str
    address: str
    began_at: datetime
    seen_at: datetime
    is_current: bool


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """List the user's sessions; end one of them (`session`), or all others."""
    rows = UserSession.objects.purge_and_list(cast(User, request.user))
    if request.method != "POST":
        listed = sorted((_session_of(request, row) for row in rows), key=lambda each: each.seen_at, reverse=True)
        return render(
            request, "account/sessions.html", {"sessions": sorted(listed, key=lambda each: not each.is_current)}
        )
    choice = request.POST.get("session", "")
    ended = [row for row in rows if not _is_current(request, row) and choice in ("others", str(row.pk))]
    for row in ended:
        record_security_event("session.ended", about=row.ip)
        row.end()
    messages.success(
        request,
        ngettext("%(n)d session was ended.", "%(n)d sessions were ended.", len(ended)) % {"n": len(ended)}
        if ended
        else _("No other session was there to be ended."),
    )
    return redirect("account_sessions")


def _session_of(request: HttpRequest, row: UserSession) -> Session:
    address = "" if row.ip == "0.0.0.0" else row.ip  # noqa: S104 - what stands where there is no address.
    current = _is_current(request, row)
    return Session(row.pk, browser_named(row.user_agent), address, row.created_at, row.last_seen_at, current)


def _is_current(request: HttpRequest, row: UserSession) -> bool:
    return bool(row.session_key == request.session.session_key)


def browser_named(user_agent: str) -> str:
    """Return the common names of a browser and its system; empty if both are unknown."""
    browser = next((name for mark, name in _BROWSERS if f"{mark}/" in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system
