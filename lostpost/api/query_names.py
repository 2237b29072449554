"""What stands behind the question mark: a name that is not known, or stands twice, is a mistake and is said so.

A filter that is spelled wrong would otherwise find everything, and somebody would act on it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from ninja.operation import Operation

from lostpost.api.problems import wrong_values


def known_names_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse, before an operation begins, what it would not look at."""
    known = _names(vars(inspect.unwrap(view))["_ninja_operation"])  # Where ninja keeps it.

    @wraps(view)
    def strict(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        wrong = [
            {"path": f"query.{name}", "detail": "There is no such name here", "code": "extra_forbidden"}
            for name in request.GET
            if name not in known
        ] + [
            {"path": f"query.{name}", "detail": "It stands there twice", "code": "given_twice"}
            for name, values in request.GET.lists()
            if name in known and len(values) > 1
        ]
        if wrong:
            raise wrong_values(wrong)
        return view(request, *args, **kwargs)

    return strict


def _names(operation: Operation) -> frozenset[str]:
    return frozenset(
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in model.model_json_schema()["properties"]
    )
