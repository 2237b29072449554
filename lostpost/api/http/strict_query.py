"""Validate the query string strictly: refuse unknown or repeated names, and numbers that are not plain digits.

A misspelled filter would otherwise return everything, and somebody would act on it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from ninja.operation import Operation

from lostpost.web.problems import wrong_values

_PLAIN_NUMBER = re.compile(r"0|-?[1-9][0-9]*")  # Not 1_0, 1.0, +5 or 05, which could be meant otherwise.


def strict_query(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse, before an operation begins, what it would not look at."""
    # `_ninja_operation` and `__ninja_param_source__` are the only private names of ninja in the project: it tells a
    # decorator nothing of the operation, and to read the parameters off the OpenAPI document would take a second at the
    # first request.
    parameters = _parameters(vars(inspect.unwrap(view))["_ninja_operation"])
    numbers = {name for name, schema in parameters.items() if schema.get("type") == "integer"}

    @wraps(view)
    def strict(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        wrong = [
            {"path": f"query.{name}", "detail": "There is no such name here", "code": "extra_forbidden"}
            for name in request.GET
            if name not in parameters
        ] + [
            {"path": f"query.{name}", "detail": "It stands there twice", "code": "given_twice"}
            for name, values in request.GET.lists()
            if name in parameters and len(values) > 1
        ]
        wrong += [
            {"path": f"query.{name}", "detail": "Write a whole number in digits, such as 50", "code": "int_parsing"}
            for name in sorted(numbers & request.GET.keys())
            if not _PLAIN_NUMBER.fullmatch(request.GET[name])
        ]
        if wrong:
            raise wrong_values(wrong)
        return view(request, *args, **kwargs)

    return strict


def _parameters(operation: Operation) -> dict[str, dict[str, Any]]:
    return {
        name: schema
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name, schema in model.model_json_schema()["properties"].items()
    }
