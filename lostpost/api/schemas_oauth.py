"""What is sent and answered where machines sign in, as OAuth2 has it (RFC 6749, 4.4 and 5)."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field


class TokenIn(Schema):
    grant_type: Literal["client_credentials"]
    scope: Annotated[str, Field(description="Scopes with a blank in between; without it all that the client has")] = ""
    client_id: Annotated[str, Field(description="Here or, better, in the Authorization header")] = ""
    client_secret: str = ""


class TokenOut(Schema):
    access_token: str
    expires_in: Annotated[int, Field(description="Seconds")]
    token_type: Literal["Bearer"]
    scope: Annotated[str, Field(description="Scopes with a blank in between")]


class OAuthErrorOut(Schema):
    """An error as RFC 6749 (5.2) has it, which every OAuth2 library reads."""

    error: Annotated[str, Field(examples=["invalid_client"])]
    error_description: str | None = None
