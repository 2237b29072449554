"""The API's document as a client reads it, once for all tests of a process."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from scripts.openapi import WRITTEN


@cache
def document() -> dict[str, Any]:
    """Return it; nobody may change it. What is written is what the program makes: tests/repo/test_openapi.py."""
    schema: dict[str, Any] = json.loads(WRITTEN.read_text("utf-8"))
    return schema
