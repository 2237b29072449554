"""The API's document as the program makes it, once for all tests of a process."""

from __future__ import annotations

import json
from functools import cache
from typing import Any


@cache
def document() -> dict[str, Any]:
    """Return it as a client reads it; nobody may change it."""
    from lostpost.api.api import api

    schema: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
    return schema
