"""Which operation an address and a method mean: an order may be numbered `assessment`, a shop be called `preview`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.csrf import csrf_exempt

Route = URLPattern | URLResolver
Paths = dict[str, Any]  # As the OpenAPI document describes them.


def by_method(routes: Sequence[Route], documented_paths: Callable[[], Paths]) -> list[Route]:
    """Return the routes of the API such that they are told apart by the method, too.

    Django takes the first route that matches a path; here another one that matches too answers if it alone has the
    method. So two overlapping routes both work with every parameter. HEAD is answered as GET.

    Args: `documented_paths`: says what a parameter in a path looks like; called when two routes first match.
    """
    patterns = [route for route in routes if isinstance(route, URLPattern) and str(route.pattern)]
    legal = cache(lambda: _legal_parameters(documented_paths()))
    ours: dict[Route, Route] = {
        pattern: path(
            str(pattern.pattern),
            _view(pattern, [other for other in patterns if str(other.pattern) != str(pattern.pattern)], legal),
            name=pattern.name,
        )
        for pattern in patterns
    }
    return [ours.get(route, route) for route in routes]


def _view(
    pattern: URLPattern, others: Sequence[URLPattern], legal: Callable[[], dict[str, dict[str, re.Pattern[str]]]]
) -> Callable[..., HttpResponseBase]:
    def matching(request: HttpRequest) -> Iterator[tuple[URLPattern, dict[str, Any]]]:
        assert request.resolver_match is not None
        before = len(request.resolver_match.route.removesuffix(str(pattern.pattern)))
        for other in others:
            match = other.resolve(request.path_info[1 + before :])
            if match and _is_legal(match.kwargs, legal().get(_template(other), {})):
                yield other, match.kwargs

    @csrf_exempt
    def answer(request: HttpRequest, **names: Any) -> HttpResponseBase:
        response = _response(pattern, request, names)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        allowed = _allowed(response)
        for other, other_names in matching(request):
            response = _response(other, request, other_names)
            if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
                return response
            allowed |= _allowed(response)
        return HttpResponseNotAllowed(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))

    return answer


def _response(pattern: URLPattern, request: HttpRequest, names: dict[str, Any]) -> HttpResponseBase:
    """Let a route answer; HEAD as GET, whose content is left out when it is sent."""
    method = request.method
    request.method = "GET" if method == "HEAD" else method
    try:
        response: HttpResponseBase = pattern.callback(request, **names)
        return response
    finally:
        request.method = method


def _allowed(response: HttpResponseBase) -> set[str]:
    return set(response.headers["Allow"].split(", "))


def _template(pattern: URLPattern) -> str:
    """Spell a route as the document does: `orders/<order_number>` is `/orders/{order_number}` there."""
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))


def _legal_parameters(paths: Paths) -> dict[str, dict[str, re.Pattern[str]]]:
    return {
        template: {
            parameter["name"]: re.compile(parameter["schema"].get("pattern", ""))
            for operation in operations.values()
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "path"
        }
        for template, operations in paths.items()
    }


def _is_legal(values: dict[str, Any], legal: dict[str, re.Pattern[str]]) -> bool:
    return all(pattern.search(str(values[name])) for name, pattern in legal.items() if name in values)


def without_content(response: HttpResponse) -> None:
    """Remove the body of a response to HEAD."""
    response.headers.setdefault("Content-Length", str(len(response.content)))
    response.content = b""
