"""Error pages for refusals and outages that a view does not handle itself."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render

from lostpost.core.errors import Refused
from lostpost.web.http import status_of
from lostpost.web.outages import outage_of
from lostpost.web.unavailable import outage_page


class RefusalMiddleware:
    """Turn a refusal or an outage into a page; any other exception is a 500."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Show the refusal. A script that requested a part gets the full page, and replaces the old one with it."""
        if outage := outage_of(exception):
            return outage_page(request, outage, exception)
        if isinstance(exception, UnreadablePostError):  # The client disconnected.
            return render(request, "400.html", status=400)
        if not isinstance(exception, Refused):
            return None
        status = status_of(exception)
        response = render(request, "refused.html", {"refusal": exception, "status": status}, status=status)
        if getattr(request, "htmx", False):
            response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "body", "innerHTML"
        return response
