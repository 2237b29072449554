"""Read bodies: JSON as RFC 8259 has it, sent as JSON, and nothing that two readers could take differently."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from lostpost.web.problems import Problem


class StrictParser(Parser):
    """Refuse a body that is no JSON with a problem that says why."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Read the body. Raises Problem 400 or 415."""
        if request.content_type != "application/json":
            raise Problem(415, "not-json", "Send the body as JSON: Content-Type: application/json.")
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Problem(
                415, "not-json", "Send the body as it is, not compressed.", headers={"Accept-Encoding": "identity"}
            )
        try:
            return json.loads(
                request.body.decode("utf-8"), object_pairs_hook=_without_repeats, parse_constant=_no_constant
            )
        except RecursionError:
            raise Problem(400, "malformed-body", "The body is nested too deeply.") from None
        except ValueError as error:
            raise Problem(400, "malformed-body", f"The body is no JSON in UTF-8: {error}.") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a name stands twice in an object")
    return values


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")
