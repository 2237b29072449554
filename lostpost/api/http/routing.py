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

    def names(self, rest: str) -> dict[str, Any] | None:
        """Return the values that stand in an address; None if it is another, or one of them cannot be meant."""
        found = self.pattern.pattern.match(rest)
        if found is None or not all(self.legal[name].search(str(value)) for name, value in found[2].items()):
            return None
        return dict(found[2])

    def operation(self, method: str) -> Operation | None:
        """Return what the method does here."""
        return next((each for each in self.operations if method in each.methods), None)


def routes(routers: Iterable[BoundRouter]) -> list[URLPattern]:
    """Return the routes of the API.

    Django takes the first route that an address fits; here another that it fits as well answers, if it alone knows the
    method. So both of two such addresses work with every name that there may be.
    """
    ways = list(_ways(routers))
    return [
        path(str(way.pattern.pattern), _view(way, [each for each in ways if each is not way]), name=way.pattern.name)
        for way in ways
    ]


def _ways(routers: Iterable[BoundRouter]) -> Iterator[MethodRoute]:
    for router in routers:
        views = [view for view in router.path_operations.values() for _operation in view.operations]
        for pattern, view in zip(router.urls_paths(router.prefix), views, strict=True):
            yield MethodRoute(pattern, view.operations, _legal(view))


def _legal(view: PathView) -> dict[str, re.Pattern[str]]:
    found: dict[str, re.Pattern[str]] = {}
    for operation in view.operations:
        for model in operation.models:
            if model.__ninja_param_source__ == "path":
                for name, schema in model.model_json_schema()["properties"].items():
                    found[name] = re.compile(schema.get("pattern", ""))
    return found


def _view(way: MethodRoute, others: Sequence[MethodRoute]) -> Any:
    @csrf_exempt
    def answer(request: HttpRequest, **names: Any) -> HttpResponseBase:
        method = "GET" if request.method == "HEAD" else str(request.method)  # The same, without what it would send.
        if operation := way.operation(method):
            return operation.run(request, **names)
        assert request.resolver_match is not None
        before = len(request.resolver_match.route.removesuffix(str(way.pattern.pattern)))
        rest = request.path_info[1 + before :]
        allowed = {method for each in way.operations for method in each.methods}
        for other in others:
            fits = other.names(rest)
            if fits is None:
                continue
            if operation := other.operation(method):
                return operation.run(request, **fits)
            allowed |= {method for each in other.operations for method in each.methods}
        return HttpResponseNotAllowed(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))

    return answer


def without_content(response: HttpResponse) -> None:
    """Leave of an answer to HEAD what stands before its content."""
    response.headers.setdefault("Content-Length", str(len(response.content)))
    response.content = b""
