"""Restorations and credit notes as they are sent and answered. Amounts are integers of minor units."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from lostpost.api.http.fields import ONE_LINE, WORDS, Instant, Name, Quantity, Sent
from lostpost.api.http.schemas import MinorOut

RestorationState = Literal["agreed", "received", "withdrawn"]


class RestoredLineIn(Sent):
    parcel: Name
    item: Name
    quantity: Quantity


class RestorationIn(Sent):
    lines: Annotated[
        list[RestoredLineIn], Field(max_length=200, description="Which units; none: everything that is left")
    ] = []
    consent: Annotated[
        str,
        Field(
            pattern=WORDS,
            min_length=1,
            max_length=1000,
            description="How and in which words the customer agreed to pay again",
        ),
    ]
    consented_at: Instant
    reference: Annotated[
        str,
        Field(pattern=ONE_LINE, max_length=200, description="Of the customer's payment, where it is there already"),
    ] = ""


class RestorationOutcomeIn(Sent):
    outcome: Literal["paid", "withdrawn"]
    reference: Annotated[
        str, Field(pattern=ONE_LINE, max_length=200, description="Needed with paid: of the customer's payment")
    ] = ""
    reason: Annotated[str, Field(pattern=ONE_LINE, max_length=500, description="Needed with withdrawn: why")] = ""


class RestoredLineOut(Schema):
    parcel: str
    item: str
    title: str
    quantity: int
    refund_minor: Annotated[int, Field(description="Of what was refunded, in minor units: what is paid again")]
    commission_minor: MinorOut
    commission_vat_minor: MinorOut


class RestorationOut(Schema):
    number: str
    write_off: str
    order_number: str
    state: RestorationState
    amount_minor: Annotated[int, Field(description="What the customer pays again, in minor units")]
    delivery_minor: MinorOut
    delivery_waived_minor: Annotated[
        MinorOut, Field(description="Delivery costs that were agreed to and are not collected: not everything is kept")
    ]
    currency: str
    consent: str
    consented_at: datetime
    agreed_at: datetime
    by: str
    received_at: datetime | None
    reference: str
    withdrawn_at: datetime | None
    reason: str
    lines: list[RestoredLineOut]


class RestorationsOut(Schema):
    items: list[RestorationOut]
    next: str | None


class CreditNoteLineOut(Schema):
    item: Annotated[str, Field(description="Empty: delivery costs")]
    sku: str
    title: str
    quantity: int
    vat_category: Annotated[str, Field(description="S, Z, E, AE, K, G or O; empty: issued before it was kept")]
    vat_rate_bp: Annotated[int, Field(description="In basis points: 2100 is 21 %")]
    net_minor: MinorOut
    vat_minor: MinorOut


class CreditNoteOut(Schema):
    number: str
    type: Annotated[
        Literal["credit-note", "invoice"], Field(description="An invoice takes a credit note back: it was paid again")
    ]
    write_off: Annotated[str | None, Field(description="null for a compensation and a restoration")]
    compensation: Annotated[str | None, Field(description="That Partnerservice granted without a write-off")]
    restoration: Annotated[str | None, Field(description="Of what an invoice is over")]
    order_number: str
    invoice_number: Annotated[str, Field(description="The customer's initial invoice, which it refers to")]
    invoice_issued_on: date
    amends_number: Annotated[
        str, Field(description="The credit note that an invoice takes back, or the invoice whose units are lost again")
    ]
    issued_on: date
    supplied_on: Annotated[date | None, Field(description="When the last of it was handed over to the carrier")]
    delivered_to: Annotated[str, Field(description="Country; empty: issued before it was kept")]
    currency: str
    net_minor: MinorOut
    vat_minor: MinorOut
    total_minor: MinorOut
    lines: list[CreditNoteLineOut]


class CreditNotesOut(Schema):
    items: list[CreditNoteOut]
    next: str | None
