"""Which operation an address and a method mean: an order may be numbered `assessment`, a shop be called `preview`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from ninja.operation import Operation, PathView
from ninja.router import BoundRouter


class MethodRoute(NamedTuple):
    """An address, as it is written in the routes, and what may be done there."""

    pattern: URLPattern
    operations: Sequence[Operation]
    legal: dict[str, re.Pattern[str]]  # What a value in the address looks like, by its name.

    def names(self, path: str) -> dict[str, Any] | None:
        """Return the parameters in a path; None if it does not match, or one of them is invalid."""
        match = self.pattern.pattern.match(path)
        if match is None or not all(self.legal[name].search(str(value)) for name, value in match[2].items()):
            return None
        return dict(match[2])

    def operation(self, method: str) -> Operation | None:
        """Return what the method does here."""
        return next((operation for operation in self.operations if method in operation.methods), None)


def routes(routers: Iterable[BoundRouter]) -> list[URLPattern]:
    """Return the routes of the API.

    Django takes the first route that matches a path; here another one that matches too answers if it alone has the
    method. So two overlapping routes both work with every parameter.
    """
    method_routes = list(_method_routes(routers))
    return [
        path(
            str(route.pattern.pattern),
            _view(route, [other for other in method_routes if other is not route]),
            name=route.pattern.name,
        )
        for route in method_routes
    ]


def _method_routes(routers: Iterable[BoundRouter]) -> Iterator[MethodRoute]:
    for router in routers:
        views = [view for view in router.path_operations.values() for _operation in view.operations]
        for pattern, view in zip(router.urls_paths(router.prefix), views, strict=True):
            yield MethodRoute(pattern, view.operations, _legal(view))


def _legal(view: PathView) -> dict[str, re.Pattern[str]]:
    patterns: dict[str, re.Pattern[str]] = {}
    for operation in view.operations:
        for model in operation.models:
            if model.__ninja_param_source__ == "path":
                for name, schema in model.model_json_schema()["properties"].items():
                    patterns[name] = re.compile(schema.get("pattern", ""))
    return patterns


def _view(route: MethodRoute, others: Sequence[MethodRoute]) -> Any:
    @csrf_exempt
    def answer(request: HttpRequest, **names: Any) -> HttpResponseBase:
        method = "GET" if request.method == "HEAD" else str(request.method)  # The same, without what it would send.
        if operation := route.operation(method):
            return operation.run(request, **names)
        assert request.resolver_match is not None
        before = len(request.resolver_match.route.removesuffix(str(route.pattern.pattern)))
        rest = request.path_info[1 + before :]
        allowed = {method for operation in route.operations for method in operation.methods}
        for other in others:
            fits = other.names(rest)
            if fits is None:
                continue
            if operation := other.operation(method):
                return operation.run(request, **fits)
            allowed |= {method for operation in other.operations for method in operation.methods}
        return HttpResponseNotAllowed(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))

    return answer


def without_content(response: HttpResponse) -> None:
    """Remove the body of a response to HEAD."""
    response.headers.setdefault("Content-Length", str(len(response.content)))
    response.content = b""
