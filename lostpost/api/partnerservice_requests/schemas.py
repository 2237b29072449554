"""Requests to Partnerservice as they are sent and answered. Amounts are integers of minor units."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from lostpost.api.http.fields import WORDS, Name, Sent
from lostpost.api.http.schemas import MinorOut

RequestState = Literal["waiting", "answered"]
RequestKind = Literal["order-too-old", "delivered", "other-method", "found", "hold", "refund-failed", "appeal"]
RequestOutcome = Literal["answered", "approved", "declined", "released", "upheld"]
RequestParty = Literal["seller", "customer"]

_Sentence = Annotated[
    str,
    Field(pattern=WORDS, min_length=1, max_length=1000, description="What Partnerservice should decide, in a sentence"),
]


class RequestIn(Sent):
    customer_query: Annotated[str, Field(pattern="^[0-9]{1,20}$")]
    parcel: Annotated[Name | None, Field(description="With `item`: the units in question")] = None
    item: Name | None = None
    kind: Annotated[
        Literal["found", "refund-failed"] | None,
        Field(description="Instead of units, about the query as a whole: what was written off was found, or a refund"),
    ] = None
    sentence: _Sentence


class ReplyIn(Sent):
    reply: Annotated[str, Field(pattern=WORDS, min_length=1, max_length=10_000)]


class AppealIn(Sent):
    sentence: _Sentence


class ApprovedOut(Schema):
    codes: Annotated[list[str], Field(description="Of the refusals that are lifted")]
    quantity: int
    refund_minor: Annotated[MinorOut, Field(description="Of the units, if they are written off")]
    may_be_written_off: Annotated[bool, Field(description="false: the customer gets money alone, and keeps the units")]
    granted_items_minor: Annotated[MinorOut, Field(description="Granted of what was paid for the units")]
    granted_delivery_minor: Annotated[MinorOut, Field(description="Granted of the delivery costs")]
    until: Annotated[datetime, Field(description="Until when the units may be written off, once")]
    by_partnerservice: Annotated[bool, Field(description="Whether Partnerservice writes them off itself")]


class RequestOut(Schema):
    id: UUID
    customer_query: str
    order_number: str
    kind: RequestKind
    parcel: Annotated[str | None, Field(description="null where it is about the query as a whole")]
    item: str | None
    reasons: Annotated[list[str], Field(description="Codes of what stood in the way when it was asked")]
    sentence: str
    at_stake_minor: MinorOut
    currency: str
    state: RequestState
    outcome: Annotated[RequestOutcome | None, Field(description="null while it waits")]
    waiting_for: Annotated[RequestParty | None, Field(description="Whose reply it waits for; `seller`: yours")]
    asked_at: datetime
    asked_by: str
    deadline_at: Annotated[datetime, Field(description="By when it should be decided, or the reply should be there")]
    answered_at: datetime | None
    answer: str
    approved: Annotated[ApprovedOut | None, Field(description="What two agents decided, where it was approved")]


class RequestsOut(Schema):
    items: list[RequestOut]
    next: str | None
