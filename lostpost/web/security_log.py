"""Give the security log the sender of the current request, and record downloads."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from lostpost.accounts.origin import current_origin
from lostpost.accounts.security_log import record_security_event
from lostpost.web.origin import origin_of


class OriginMiddleware:
    """Set the request's sender as the origin of recorded events, and record every download."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        token = current_origin.set(lambda: origin_of(request))
        try:
            response = self.get_response(request)
            if _is_export(request, response):
                record_security_event("data.exported", about=request.path)
            return response
        finally:
            current_origin.reset(token)


def _is_export(request: HttpRequest, response: HttpResponse) -> bool:
    named = response.headers.get("Content-Disposition", "").startswith("attachment")
    return named and request.method == "GET" and response.status_code == 200
