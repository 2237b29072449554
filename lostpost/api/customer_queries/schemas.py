"""Customer queries, as they are sent and answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import (
    Field,
    StrictBool,
)

from lostpost.api.http.fields import WORDS, Name, Sent


class ContactIn(Sent):
    order_number: Name
    subject: Annotated[str, Field(pattern=WORDS, min_length=1, max_length=200)]
    message: Annotated[str, Field(pattern=WORDS, min_length=1, max_length=10_000)]
    leave_open: StrictBool
    item: Name | None = None


class MessageIn(Sent):
    message: Annotated[str, Field(pattern=WORDS, min_length=1, max_length=10_000)]
    leave_open: StrictBool


QueryState = Literal["open", "waiting_for_customer", "follow_up_later", "handled", "with_partnerservice"]


class QueryStateOut(Schema):
    number: str
    state: QueryState


class QueryOut(QueryStateOut):
    order_number: str
    subject: str
    opened_at: datetime
    waits_since: datetime
    unanswered_since: Annotated[
        datetime | None, Field(description="The customer's last message that nobody answered; null where there is none")
    ]
    handled_at: datetime | None


class QueriesOut(Schema):
    items: list[QueryOut]
    next: str | None


class TimelineEntryOut(Schema):
    id: UUID
    at: datetime
    kind: str
    by: str
    text: str
    data: dict[str, Any]


class TimelineOut(Schema):
    items: list[TimelineEntryOut]
    next: str | None
