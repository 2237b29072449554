"""The API's own chain of middlewares: what programs need of the one for people, and nothing else.

Pages need sessions, CSRF tokens, messages and parts by script. A program sends a token with each request, so none of
that is looked at, and a cookie that it sends counts for the language alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from csp.constants import HEADER as CONTENT_SECURITY_POLICY
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.urls import Resolver404, ResolverMatch, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from lostpost.api.http.middleware import problem_of_exception
from lostpost.api.http.problem_pages import BELOW as OF_PROBLEMS
from lostpost.web.problems import API_PREFIXES
from lostpost.web.security_log import OriginMiddleware

_FOR_BROWSERS = ("/api/v1/docs", OF_PROBLEMS)  # Pages of the API, which people read.
_V1 = "api/v1/"


class ApiChainMiddleware:
    """Answer requests of programs by the short chain, and all others by what stands behind it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.page_response = get_response
        self.api_response: Any = LocaleMiddleware(OriginMiddleware(_response))
        self.headers = {CONTENT_SECURITY_POLICY: build_policy(), "X-Frame-Options": settings.X_FRAME_OPTIONS}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request. Raises: DisallowedHost, which is answered 400."""
        path = request.path_info
        if not path.startswith(API_PREFIXES) or path.startswith(_FOR_BROWSERS):
            return self.page_response(request)
        request.get_host()
        response: HttpResponse = self.api_response(request)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)  # A download has a stricter policy of its own.
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


def _response(request: HttpRequest) -> HttpResponse:
    """Let the view of the address answer, and turn what it raises into a problem."""
    try:
        request.resolver_match = match = match_of(request.path_info)
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return response
    except Exception as error:  # noqa: BLE001  As Django does for what its middlewares turn into responses.
        return problem_of_exception(request, error)


def match_of(path: str) -> ResolverMatch:
    """Return the view of an address, as Django does, which tries all patterns. Raises: Resolver404.

    Here only those are tried whose first part is the address's; in the same order.
    """
    if not path.startswith(f"/{_V1}"):
        return get_resolver().resolve(path)
    resolver = _resolvers().get(path[len(_V1) + 1 :].partition("/")[0])
    if resolver is None:
        raise Resolver404({"path": path})
    return resolver.resolve(path)


@cache
def _resolvers() -> dict[str, URLResolver]:
    """Return a resolver for each first part of the addresses below `/api/v1/`, as `write-offs`."""
    v1: Any
    (v1,) = (part for part in get_resolver().url_patterns if str(part.pattern) == _V1)
    routes: dict[str, list[Any]] = {}
    for route in v1.url_patterns:
        routes.setdefault(str(route.pattern).partition("/")[0], []).append(route)
    return {
        first: URLResolver(
            RegexPattern(r"^/"), [URLResolver(v1.pattern, of_first, app_name=v1.app_name, namespace=v1.namespace)]
        )
        for first, of_first in routes.items()
    }
