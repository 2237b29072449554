"""Give every request an id, and log it in one line."""

import logging
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

from lostpost.web.origin import REQUEST_ID, origin_of

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9_.-]{8,64}")
KEPT_AS = REQUEST_ID
QUIET = ("/static/", "/healthz", "/readyz")

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="-")
logger = logging.getLogger("lostpost.request")


class RequestIdMiddleware:
    """Use the id from a proxy, or create one, for logs and the response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle the request under its id."""
        proxy_id = request.headers.get(HEADER, "")
        request_id = proxy_id if WELL_FORMED.fullmatch(proxy_id) else uuid4().hex
        request.META[KEPT_AS] = request_id
        token = current_request_id.set(request_id)
        began = time.monotonic()
        try:
            response = self.get_response(request)
            response.headers[HEADER] = request_id
            if not request.path.startswith(QUIET):
                self.log(request, response, milliseconds=round((time.monotonic() - began) * 1000))
            return response
        finally:
            current_request_id.reset(token)

    def log(self, request: HttpRequest, response: HttpResponse, *, milliseconds: int) -> None:
        """Log the request and its sender: the path without the query string, which may hold names and numbers."""
        origin = origin_of(request)
        sender = (
            f"user {origin.user_id}" if origin.user_id else f"client {origin.client_id}" if origin.client_id else "-"
        )
        logger.info(
            "%s %s %s in %s ms, %s from %s",
            *(request.method, request.path, response.status_code, milliseconds, sender, origin.address),
            extra={
                "user_id": origin.user_id,
                "client_id": origin.client_id or None,
                "address": origin.address,
                "method": request.method,
                "path": request.path,
                "status": response.status_code,
                "milliseconds": milliseconds,
            },
        )
