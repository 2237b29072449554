"""Refunds, as they are sent and answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import (
    Field,
)

from lostpost.api.http.fields import ONE_LINE, Sent
from lostpost.api.http.schemas import MinorOut


class OutcomeIn(Sent):
    outcome: Literal["paid", "failed"]
    reference: Annotated[
        str, Field(pattern=ONE_LINE, max_length=200, description="Needed with paid: the bank's reference")
    ] = ""
    problem: Annotated[str, Field(pattern=ONE_LINE, max_length=500, description="Needed with failed: why")] = ""


RefundState = Literal["requested", "sent", "confirmed", "failed"]


class RefundOut(Schema):
    number: str
    order_number: Annotated[str, Field(validation_alias="order.number")]
    amount_minor: MinorOut
    currency: str
    state: RefundState
    requested_at: datetime
    sent_at: datetime | None
    confirmed_at: datetime | None
    failed_at: datetime | None
    reference: str
    problem: str


class RefundsOut(Schema):
    items: list[RefundOut]
    next: str | None
