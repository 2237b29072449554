"""What goes wrong around the endpoints (an unknown address, a wrong method, a fault) as problem details too."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from lostpost.api.limits import tell_rate
from lostpost.api.problems import CONTENT_TYPE, Problem, of_exception

PREFIX = "/api/"
log = logging.getLogger("lostpost.api")


class ProblemsMiddleware:
    """Turn whatever is not JSON among the API's refusals into a problem; pages are left alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        response = self._problem_or_page(request)
        tell_rate(request, response)
        return response

    def _problem_or_page(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(PREFIX) or response.status_code < 400:
            return response
        if response.headers.get("Content-Type", "").startswith(CONTENT_TYPE):
            return response
        problem = _of_status(response.status_code)
        if "Allow" in response.headers:
            problem.headers = {"Allow": response.headers["Allow"]}
        return problem.response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Say that something went wrong, and nothing of what; the log has it."""
        if not request.path.startswith(PREFIX):
            return None
        if isinstance(exception, RequestDataTooBig):
            return _of_status(413).response(request)
        problem = of_exception(exception)
        if problem.status >= 500:
            log.error("Unexpected in %s %s", request.method, request.path, exc_info=exception)
        return problem.response(request)


def _of_status(status: int) -> Problem:
    match status:
        case 404:
            return Problem(404, "not-found", "There is nothing at this address, or it is not yours to see.")
        case 405:
            return Problem(405, "method-not-allowed", "This address does not take this method; see Allow.")
        case 413:
            return Problem(413, "body-too-large", "The body is larger than 2 MiB. Send it in several requests.")
        case 500:
            return Problem(500, "unexpected", "Something went wrong here. The log has this request's id.")
    return Problem(status, "refused", "The request was refused before it was read. Check how it is sent.")
