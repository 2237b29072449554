"""What becomes of a request of somebody who is not signed in (any more): a way to sign in that comes back here."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

_OUR_OWN_FIELDS = frozenset({"csrfmiddlewaretoken", "key", "seen", "token", "step"})
_READING = ("GET", "HEAD", "OPTIONS")


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in page, and from there back.

    The sign-in page never stands inside of another: a part that a script asked for is a notice with the way to it. And
    words that somebody had typed are shown again, as nothing here keeps what comes from nobody.
    """
    if htmx := getattr(request, "htmx", None):
        # The script's address of the page, unless it is another site's.
        sign_in = _sign_in_address(htmx.current_url_abs_path or "/")
        return _not_signed_in(render(request, "parts/ended_session.html", {"sign_in": sign_in}, status=401))
    if request.method in _READING:
        return redirect_to_login(request.get_full_path())
    way_back = _page_of_form(request)
    if typed := _typed(request):
        context = {"sign_in": _sign_in_address(way_back), "typed": typed}
        return _not_signed_in(render(request, "ended_session.html", context, status=401))
    return redirect_to_login(way_back)


def _page_of_form(request: HttpRequest) -> str:
    """Return where the form stood, as the browser says; else where it was sent: looked at, that leads there too."""
    came_from = request.headers.get("referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return request.get_full_path()
    address = urlsplit(came_from)
    return f"{address.path or '/'}?{address.query}" if address.query else address.path or "/"


def _typed(request: HttpRequest) -> list[str]:
    """Find the words among what was sent: values of more than one word, and no machine's."""
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    return [value for name, value in fields if name not in _OUR_OWN_FIELDS and len(value.split()) > 1]


def _sign_in_address(way_back: str) -> str:
    return f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': way_back})}"


def _not_signed_in(response: HttpResponse) -> HttpResponse:
    response.headers["WWW-Authenticate"] = "Cookie"  # RFC 9110 wants a scheme with every 401; browsers ask for none.
    return response
