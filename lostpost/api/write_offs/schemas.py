"""Write-offs, as they are sent and answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import (
    Field,
)

from lostpost.api.http.fields import ONE_LINE, Name, Quantity, Sent
from lostpost.api.http.schemas import MinorOut
from lostpost.api.refunds.schemas import RefundState
from lostpost.writeoffs.preview_token import LONGEST_TOKEN


class LineIn(Sent):
    parcel: Name
    item: Name
    quantity: Quantity


class PreviewIn(Sent):
    customer_query: Annotated[str, Field(pattern="^[0-9]{1,20}$", examples=["4711039288"])]
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=500)]


class WriteOffIn(PreviewIn):
    token: (
        Annotated[
            str,
            Field(
                pattern=ONE_LINE, max_length=LONGEST_TOKEN, description="Of the preview: refused if anything changed"
            ),
        ]
        | None
    ) = None


class LineOut(Schema):
    parcel: str
    item: str
    title: str
    quantity: int
    refund_minor: MinorOut
    commission_minor: MinorOut
    commission_vat_minor: MinorOut


class InvoiceLineOut(Schema):
    """A line that the seller's sales invoice will have; what the seller owes is positive."""

    type: str
    net_minor: MinorOut
    vat_minor: MinorOut


class PreviewOut(Schema):
    token: str
    order_number: str
    currency: str
    lines: list[LineOut]
    delivery_minor: MinorOut
    refund_minor: MinorOut
    invoice_lines: list[InvoiceLineOut]


class RefundStateOut(Schema):
    state: RefundState
    amount_minor: MinorOut


class WriteOffOut(Schema):
    number: str
    customer_query: str
    order_number: str
    confirmed_at: datetime
    policy_version: int
    by: str
    currency: str
    refund: RefundStateOut
    delivery_minor: MinorOut
    lines: list[LineOut]


class WriteOffsOut(Schema):
    items: list[WriteOffOut]
    next: str | None
