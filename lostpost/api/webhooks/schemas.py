"""Webhooks as they are sent and answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from lostpost.api.http.fields import Sent

Secret = Annotated[str, Field(description="Signs what is sent (Standard Webhooks); shown this once")]


class WebhookIn(Sent):
    url: Annotated[str, Field(min_length=1, max_length=500, examples=["https://partner.example/lostpost"])]
    after: Annotated[
        int | None,
        Field(ge=0, le=2**63 - 1, strict=True, description="Of a new one: send what follows this event; else from now"),
    ] = None


class WebhookOut(Schema):
    name: str
    url: str
    state: Annotated[Literal["active", "parked"], Field(description="Parked: it failed for a day, or is gone")]
    delivered: Annotated[int, Field(description="`sequence` of the newest event that it took")]
    failing_since: datetime | None
    problem: str


class WebhookMadeOut(WebhookOut):
    secret: Secret


class WebhooksOut(Schema):
    items: list[WebhookOut]


class SecretOut(Schema):
    secret: Secret
