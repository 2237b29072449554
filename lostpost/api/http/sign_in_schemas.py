"""What is sent and answered where machines sign in, as OAuth2 has it (RFC 6749, 4.4 and 5)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field


def _no_default(schema: dict[str, Any]) -> None:
    """Leave out of the document what stands for nothing: generated clients would send it, and no scope is empty."""
    del schema["default"]


Optional = Field(json_schema_extra=_no_default)


class TokenIn(Schema):
    grant_type: Literal["client_credentials"]
    scope: Annotated[
        str, Optional, Field(description="Scopes with a blank in between; without it all that the client has")
    ] = ""
    client_id: Annotated[str, Optional, Field(description="Here or, better, in the Authorization header")] = ""
    client_secret: Annotated[str, Optional] = ""


class TokenOut(Schema):
    access_token: str
    expires_in: Annotated[int, Field(description="Seconds")]
    token_type: Literal["Bearer"]
    scope: Annotated[str, Field(description="Scopes with a blank in between")]


class OAuthErrorOut(Schema):
    """An error as RFC 6749 (5.2) has it, which every OAuth2 library reads."""

    error: Annotated[str, Field(examples=["invalid_client"])]
    error_description: str | None = None
