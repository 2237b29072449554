"""How the OpenAPI document describes signing in, which is the OAuth2 library's and no operation of the API's own."""

from __future__ import annotations

from typing import Any

from lostpost.api.openapi.responses import headers, problem_response

SIGN_IN_PATH, CLIENT = "/oauth/token", "client"


def sign_in() -> dict[str, Any]:
    """Describe `POST /oauth/token`."""
    uncached: dict[str, Any] = {"Cache-Control": ("`no-store`", {"type": "string"})}
    asks: dict[str, Any] = {"WWW-Authenticate": ("How to say who the client is", {"type": "string"})}
    form = {
        "schema": _shape("TokenIn"),
        "examples": {"usual": {"value": {"grant_type": "client_credentials"}}},
    }
    token = {
        "access_token": "f3DqkQ0T1nXy5WbG8sJzRm2LhCvAe7",
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": "seller:read seller:write",
    }
    return {
        "operationId": "get_token",
        "summary": "Get token",
        "description": "Sign in with a client's id and secret (OAuth2 client credentials): the token is for all other "
        "operations. What OAuth2 has a word for is said in its form (`error`), everything else as a problem.",
        "parameters": [],
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": form}},
        "responses": {
            "200": {
                "description": "The token",
                "headers": headers(uncached),
                "content": {
                    "application/json": {"schema": _shape("TokenOut"), "examples": {"usual": {"value": token}}}
                },
            },
            "400": _oauth_error(
                "The request or its scope cannot be granted: `invalid_request`, `invalid_scope`, "
                "`unsupported_grant_type`; as a problem, what is no request at all: `refused`",
                {"error": "unsupported_grant_type"},
                problem=True,
                named=uncached,
            ),
            "401": _oauth_error(
                "The client is unknown or revoked, or its secret another: `invalid_client`",
                {"error": "invalid_client"},
                problem=False,
                named=uncached | asks,
            ),
            "408": problem_response(408, ["request-timeout"], client_known=False),
            "411": problem_response(411, ["refused"], client_known=False),
            "413": problem_response(413, ["body-too-large"], client_known=False),
            "429": problem_response(429, ["too-many-requests"], client_known=False),
            "500": problem_response(500, ["unexpected"], client_known=False),
            "503": problem_response(503, ["busy", "unavailable"], client_known=False),
        },
        "tags": ["signing in"],
        "security": [{CLIENT: []}, {}],
    }


def _oauth_error(text: str, example: dict[str, str], *, problem: bool, named: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {
        "application/json": {"schema": _shape("OAuthErrorOut"), "examples": {"usual": {"value": example}}}
    }
    if problem:
        content |= problem_response(500, [])["content"]
    return {"description": text, "headers": headers(named), "content": content}


def _shape(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
