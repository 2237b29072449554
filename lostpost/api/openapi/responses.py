"""How the OpenAPI document describes answers: their refusals, and the headers that come with them."""

from __future__ import annotations

from typing import Any

from lostpost.web.problems import CONTENT_TYPE

Headers = dict[str, tuple[str, dict[str, Any]]]

PHRASE = {
    400: "The body is no JSON",
    401: "No token, or one that is not good any more",
    403: "The token is not good for this",
    404: "There is no such thing, or it is another seller's",
    409: "It contradicts what is recorded, or something changed in between",
    408: "The request took too long to arrive",
    411: "The body is sent in chunks",
    413: "The body is too large",
    415: "The body is not sent as JSON",
    422: "A value is wrong, or the rules forbid it",
    429: "Too many requests",
    500: "Something went wrong here",
    503: "It cannot be done now; repeat it",
}
BEFORE_SIGNING_IN = (401, 408, 503)  # Refused before it is known who asks.
COUNT = {"type": "integer", "minimum": 0}
RATE: Headers = {  # On every response to a known client.
    "RateLimit-Limit": ("Requests that this client may send in a minute", COUNT),
    "RateLimit-Remaining": ("How many of them are left", COUNT),
    "RateLimit-Reset": ("Seconds until the next minute begins", COUNT),
}
HEADERS: dict[int, Headers] = {
    401: {"WWW-Authenticate": ("How to sign in", {"type": "string"})},
    403: {"WWW-Authenticate": ("The scope that is missing", {"type": "string"})},
    415: {"Accept-Encoding": ("`identity`, where the body was compressed", {"type": "string"})},
    429: {"Retry-After": ("Seconds to wait", COUNT)},
    503: {"Retry-After": ("Seconds to wait", COUNT)},
}


def problem_response(status: int, codes: list[str], *, client_known: bool = True) -> dict[str, Any]:
    """Describe the problems of a status; `client_known`: the client has signed in, and gets rate limit headers."""
    own_headers = dict(HEADERS.get(status, {}))
    if "in-progress" in codes:
        own_headers["Retry-After"] = ("Seconds to wait, with `in-progress`", COUNT)
    named = headers(own_headers) | (rate_headers() if client_known and status not in BEFORE_SIGNING_IN else {})
    answer: dict[str, Any] = {
        "description": f"{PHRASE[status]}: {', '.join(f'`{code}`' for code in sorted(codes))}",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
    }
    return {**answer, "headers": named} if named else answer


def rate_headers() -> dict[str, Any]:
    """Return the headers of every response to a known client."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in RATE}


def headers(named: Headers) -> dict[str, Any]:
    """Describe headers as OpenAPI has it."""
    return {name: {"description": text, "schema": schema} for name, (text, schema) in named.items()}
