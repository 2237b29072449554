"""Compensations, as they are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field

from lostpost.api.http.schemas import MinorOut
from lostpost.api.write_offs.schemas import RefundStateOut


class CompensationOut(Schema):
    number: str
    customer_query: str
    order_number: str
    request: Annotated[UUID, Field(description="The request to Partnerservice that it answers")]
    parcel: str
    item: str
    title: str
    currency: str
    refund: RefundStateOut
    items_minor: Annotated[MinorOut, Field(description="Of what was paid for the units")]
    delivery_minor: MinorOut
    commission_minor: Annotated[MinorOut, Field(description="Given back to the seller, excluding VAT")]
    commission_vat_minor: MinorOut
    granted_at: datetime
    policy_version: int
    reason: str
    by: str


class CompensationsOut(Schema):
    items: list[CompensationOut]
    next: str | None
