"""Found parcels, as they are sent and answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from lostpost.api.http.fields import NAME, ONE_LINE, Sent
from lostpost.api.http.schemas import MinorOut

FoundState = Literal["open", "asked", "unanswered", "settled"]
OutcomeKind = Literal["pay-again", "return", "let-go"]


class CameBackIn(Sent):
    write_off: Annotated[str, Field(pattern="^[0-9]{1,20}-[0-9]{1,9}$", examples=["4711039288-1"])]
    parcel: Annotated[str, Field(pattern=NAME)]
    note: Annotated[str, Field(pattern=ONE_LINE, max_length=500)] = ""


class FoundUnitsIn(Sent):
    item: Annotated[str, Field(pattern=NAME)]
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]


class FoundOutcomeIn(Sent):
    kind: Annotated[OutcomeKind, Field(description="The last two are final")]
    units: Annotated[
        list[FoundUnitsIn] | None,
        Field(min_length=1, max_length=500, description="Each item once; left out: all that are left to decide about"),
    ] = None
    reason: Annotated[str, Field(pattern=ONE_LINE, max_length=500, description="Needed with `let-go`")] = ""
    expected_amount_minor: Annotated[
        int | None,
        Field(ge=0, le=10**15, description="The amount of the preview: refused if it is another one now"),
    ] = None


class FoundLineOut(Schema):
    item: str
    title: str
    quantity: Annotated[int, Field(description="Written off in this parcel")]
    left: Annotated[int, Field(description="Of which still to be decided about")]


class EvidenceOut(Schema):
    kind: Literal["scan", "customer", "came-back"]
    at: datetime
    status: Annotated[str | None, Field(description="Of a scan")]
    preferred_outcome: Annotated[
        Literal["keep", "send-back"] | None, Field(description="What the customer would like best")
    ]
    note: str


class FoundUnitsOut(Schema):
    item: str
    quantity: int
    amount_minor: MinorOut


class FoundOutcomePreviewOut(Schema):
    kind: OutcomeKind
    currency: str
    amount_minor: Annotated[MinorOut, Field(description="What is paid again, or what the customer keeps")]
    delivery_minor: MinorOut
    units: list[FoundUnitsOut]


class FoundOutcomeOut(Schema):
    kind: OutcomeKind
    state: Literal["asked", "agreed", "not-paid", "declined", "withdrawn", "unanswered", "done"]
    currency: str
    amount_minor: MinorOut
    units: list[FoundUnitsOut]
    reason: str
    decided_at: datetime
    by: str
    ended_at: datetime | None
    answer: Annotated[Literal["no", "did-not-come"] | None, Field(description="Of a customer who declined")]
    restoration: Annotated[str | None, Field(description="What the customer's consent led to")]
    consent: Annotated[str | None, Field(description="The sentence that the customer agreed to")]
    consent_language: str | None


class FoundParcelOut(Schema):
    number: str
    state: FoundState
    write_off: str
    parcel: str
    customer_query: str
    order_number: str
    opened_at: datetime
    ended_at: datetime | None


class FoundParcelDetailOut(FoundParcelOut):
    lines: list[FoundLineOut]
    evidence: list[EvidenceOut]
    outcomes: list[FoundOutcomeOut]


class FoundParcelsOut(Schema):
    items: list[FoundParcelOut]
    next: str | None
