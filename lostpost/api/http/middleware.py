"""Return errors outside the endpoints (unknown path, wrong method, bug) as problem details too."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from lostpost.api.http.rate_limits import add_rate_headers
from lostpost.api.http.routing import without_content
from lostpost.web.problems import API_PREFIXES, CONTENT_TYPE, of_exception, of_status

OAUTH = "application/json"  # Errors of the OAuth2 library itself, in the form that its clients read.
log = logging.getLogger("lostpost.api")


class ProblemsMiddleware:
    """Turn errors of the API that are not JSON into problems; pages are left alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        response = self._problem_or_page(request)
        add_rate_headers(request, response)
        if request.method == "HEAD" and request.path.startswith(API_PREFIXES) and not response.streaming:
            without_content(response)
        return response

    def _problem_or_page(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(API_PREFIXES) and "Transfer-Encoding" in request.headers:
            return of_status(411).response(request)  # Django would take it for an empty one.
        response = self.get_response(request)
        if not request.path.startswith(API_PREFIXES) or response.status_code < 400:
            return response
        content_types = (CONTENT_TYPE, OAUTH) if request.path.startswith("/oauth/") else CONTENT_TYPE
        if response.headers.get("Content-Type", "").startswith(content_types):
            return response
        problem = of_status(response.status_code)
        if "Allow" in response.headers:
            problem.headers = {"Allow": response.headers["Allow"]}
        return problem.response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return a problem 500 without details; the log has them."""
        if not request.path.startswith(API_PREFIXES):
            return None
        return problem_of_exception(request, exception)


def problem_of_exception(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Log what a view raised, unless it is the client's doing, and return the problem."""
    problem = of_exception(exception)
    if problem.status == 503:
        log.warning("%s %s: %s (%s)", request.method, request.path, problem.code, _first_line(exception))
    elif problem.status >= 500:
        log.error("Unexpected in %s %s", request.method, request.path, exc_info=exception)
    return problem.response(request)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
