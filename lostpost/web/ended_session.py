"""Send users who are not signed in (any more) to the sign-in page, and back afterwards."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

_OUR_OWN_FIELDS = frozenset({"csrfmiddlewaretoken", "key", "token", "step"})
_READING = ("GET", "HEAD", "OPTIONS")


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirect to the sign-in page, and from there back.

    The sign-in page is never embedded in another: a part for a script is a notice with a link to it. Text that the user
    had typed is shown again, since it is not stored for anonymous users.
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
    """Return the page of the form by the Referer; else the form's target, whose GET leads there too."""
    came_from = request.headers.get("referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return request.get_full_path()
    address = urlsplit(came_from)
    return f"{address.path or '/'}?{address.query}" if address.query else address.path or "/"


def _typed(request: HttpRequest) -> list[str]:
    """Return the typed text among the sent values: those of more than one word."""
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    return [value for name, value in fields if name not in _OUR_OWN_FIELDS and len(value.split()) > 1]


def _sign_in_address(way_back: str) -> str:
    return f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': way_back})}"


def _not_signed_in(response: HttpResponse) -> HttpResponse:
    response.headers["WWW-Authenticate"] = (
        "Cookie"  # RFC 9110 requires a scheme with every 401; browsers do not prompt for this one.
    )
    return response
