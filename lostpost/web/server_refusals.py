"""Requests that are refused before anything looks at them: too large, too slow, or too many at once."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from lostpost.web.body_limits import body_limit
from lostpost.web.problems import of_status
from lostpost.web.unavailable import unavailable_page

REFUSED_BY_SERVER = "lostpost.refusal"  # In the environment of a request; the web server writes it.
STATUS = {"body-too-large": 413, "request-timeout": 408, "busy": 503}


class ServerRefusalMiddleware:
    """Answer requests that the web server refused, and those with a body over the limit of their path.

    Comes before everything that reads a body, a cookie or the database.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse the request, or answer it."""
        refusal = request.META.get(REFUSED_BY_SERVER) or ("body-too-large" if is_too_large(request) else "")
        if not refusal:
            return self.get_response(request)
        return unavailable_page(request, of_status(STATUS[refusal]))


def is_too_large(request: HttpRequest) -> bool:
    """Whether the declared length of the body is over the limit of the path; the body is not read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not length.isascii() or not length.isdigit() or int(length[:12]) > body_limit(request.path_info)
