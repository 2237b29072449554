"""Checks of ours that Schemathesis runs beside its own; it imports this file by itself."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis.generation import GenerationMode


@schemathesis.check
def a_right_shape_is_not_called_wrong(_context: Any, response: Any, case: Any) -> None:
    """Fail if what the document allows is answered `validation-failed` or as something unreadable.

    JSON Schema takes 3926.0 for an integer and we do not: whoever writes amounts with a point will write 39.26 one day.
    """
    if case.path.startswith("/oauth/"):  # 400 is right for a scope that this client has not.
        return
    positive = case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE
    if positive and response.status_code in (400, 415, 422):
        problem = response.json()
        if problem["code"] != "validation-failed" or any(each["code"] != "int_type" for each in problem["errors"]):
            assert problem["code"] not in ("validation-failed", "malformed-body", "not-json"), problem


@schemathesis.check
def every_refusal_is_a_problem(_context: Any, response: Any, case: Any) -> None:
    """Fail if a refusal is anything but problem details, or tells of the program's inside.

    What OAuth2 has a word for is said in its form where machines sign in.
    """
    if case.path.startswith("/oauth/") and response.headers["content-type"][0] == "application/json":
        assert set(response.json()) <= {"error", "error_description"}
    elif response.status_code >= 400:
        assert response.headers["content-type"][0] == "application/problem+json", response.headers
        problem = response.json()
        assert problem["status"] == response.status_code
        assert problem["type"].endswith(f"/problems/{problem['code']}")
        assert "Traceback" not in problem["detail"]


@schemathesis.check
def allow_names_the_methods_of_the_document(_context: Any, response: Any, case: Any) -> None:
    """Fail if `Allow` leaves out a method of the document, or names one that it has not."""
    if response.request.method != "OPTIONS" or "allow" not in response.headers:
        return
    allowed = {method.strip().lower() for method in ", ".join(response.headers["allow"]).split(",")}
    declared = {"get", "put", "post", "delete"} & set(case.operation.schema[case.operation.path])
    assessment = case.operation.path == "/api/v1/orders/{order_number}/assessment"  # Or an order of this number.
    assert declared <= allowed <= declared | {"head", "options"} | ({"put"} if assessment else set()), allowed
