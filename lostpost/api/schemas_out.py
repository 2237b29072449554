"""What is answered. Amounts are integers of minor units with their currency; instants are RFC 3339 with offset."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

from lostpost.api.schemas_in import ScanStatus, ShippingMethod

Minor = Annotated[int, Field(description="Minor units of the currency")]
QueryState = Literal["open", "waiting_for_customer", "follow_up_later", "handled", "with_partnerservice"]
RefundState = Literal["requested", "sent", "confirmed", "failed"]
Cadence = Literal["monthly", "twice_a_month"]


class WrongValueOut(Schema):
    path: Annotated[str, Field(description="Where it stands", examples=["body.items[2].quantity"])]
    detail: str
    code: str


EligibleFrom = Annotated[
    datetime | None,
    Field(
        description="When time alone takes this reason away; null where it does not. "
        "`text` says whether something else stands in the way by then"
    ),
]


class RefusedOut(Schema):
    code: str
    text: str
    eligible_from: EligibleFrom = None


class RefusedLineOut(Schema):
    parcel: str | None
    item: str
    refusals: list[RefusedOut]


class ProblemOut(Schema):
    """Problem details (RFC 9457). `code` is stable, and `type` leads to a page about it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "https://lostpost.example/api/v1/problems/not-found",
                    "title": "Not Found",
                    "status": 404,
                    "code": "not-found",
                    "detail": "There is nothing at this address, or it is not yours to see.",
                    "instance": "/api/v1/orders/2398-4471",
                }
            ]
        }
    )

    type: Annotated[str, Field(description="Address of the page about this code")]
    title: str
    status: int
    code: Annotated[str, Field(description="Stable; decide by it")]
    detail: Annotated[str, Field(description="For people; its words may change")]
    instance: Annotated[str, Field(description="The address that was asked")]
    errors: Annotated[list[WrongValueOut] | None, Field(description="With `validation-failed`")] = None
    lines: Annotated[list[RefusedLineOut] | None, Field(description="With `not-eligible`: every reason")] = None
    refusals: Annotated[list[RefusedOut] | None, Field(description="Of the customer query's state")] = None
    parcel: Annotated[str | None, Field(description="With `quantity-unavailable`")] = None
    item: Annotated[str | None, Field(description="With `quantity-unavailable`")] = None
    available: Annotated[int | None, Field(description="With `quantity-unavailable`: the units left")] = None


class SellerOut(Schema):
    seller: Annotated[str, Field(validation_alias="code")]
    name: str
    country: str
    language: str
    currency: str
    invoice_cadence: Annotated[Cadence, Field(description="As asked for last")]
    invoice_cadence_from: Annotated[
        date, Field(description="First day on which it holds; until then it is the one before")
    ]
    legal: Annotated[dict[str, str], Field(description="What invoices say of the seller, as far as it is known")]


class PutOut(Schema):
    state: Literal["created", "updated", "unchanged"]


class ScanRejectedOut(Schema):
    index: int
    path: str
    code: str
    detail: str


class ScansOut(Schema):
    accepted: int
    duplicates: int
    rejected: list[ScanRejectedOut]
    waiting: Annotated[
        list[int], Field(description="Indexes of accepted scans whose parcel is not there yet; kept until it comes")
    ]


class CustomerOut(Schema):
    name: str
    email: str
    language: str
    country: str


class PaymentOut(Schema):
    provider: str
    reference: str


class CustomerInvoiceOut(Schema):
    number: str
    issued_on: date
    name: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    vat_number: str = ""


class OrderRowOut(Schema):
    order_number: str
    placed_at: datetime
    currency: str
    customer_name: str


class ItemOut(Schema):
    item: str
    sku: str
    title: str
    quantity: int
    quantity_cancelled: int
    quantity_written_off: Annotated[int, Field(description="By every write-off; a unit may be lost again")]
    quantity_paid_again: Annotated[int, Field(description="Of which were found and paid again")]
    paid_minor: Minor
    commission_minor: Minor
    refunded_minor: Annotated[Minor, Field(description="By every write-off")]
    paid_again_minor: Annotated[Minor, Field(description="Of which the customer has paid again")]
    vat_rate_bp: Annotated[int | None, Field(description="Of the goods: 2100 is 21 %")]


class ParcelUnitOut(Schema):
    item: str
    quantity: int
    quantity_written_off: Annotated[int, Field(description="By every write-off; a unit may be lost again")]
    quantity_paid_again: Annotated[int, Field(description="Of which were found and paid again")]
    quantity_returned: Annotated[int, Field(description="Returned or in return")]


class ParcelOut(Schema):
    parcel: str
    shipping_method: ShippingMethod
    carrier: str
    tracking_number: str
    shipped_at: datetime
    last_scanned_at: datetime | None
    last_status: ScanStatus | None
    units: list[ParcelUnitOut]


class OrderOut(Schema):
    order_number: str
    placed_at: datetime
    currency: str
    delivery_costs_minor: Minor
    customer: CustomerOut
    payment: Annotated[PaymentOut | None, Field(description="Null where nobody said who took it")]
    customer_invoice: CustomerInvoiceOut | None
    items: list[ItemOut]
    parcels: list[ParcelOut]


class OrdersOut(Schema):
    items: list[OrderRowOut]
    next: str | None


class RefusalOut(Schema):
    code: str
    text: str
    eligible_from: EligibleFrom = None


class WarningOut(Schema):
    code: str
    text: str


class AssessedUnitOut(Schema):
    parcel: str | None
    item: str
    title: str
    shipped: int
    available: int
    eligible: bool
    refusals: list[RefusalOut]
    warnings: list[WarningOut]
    refund_minor: Annotated[int, Field(description="What the customer would receive for all that is available")]


class AssessmentOut(Schema):
    order_number: str
    assessed_at: datetime
    policy_version: int
    currency: str
    eligible: bool
    units: list[AssessedUnitOut]


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


class LineOut(Schema):
    parcel: str
    item: str
    title: str
    quantity: int
    refund_minor: Minor
    commission_minor: Minor
    commission_vat_minor: Minor


class InvoiceLineOut(Schema):
    """A line that the seller's sales invoice will have; what the seller owes is positive."""

    type: str
    net_minor: Minor
    vat_minor: Minor


class PreviewOut(Schema):
    token: str
    order_number: str
    currency: str
    lines: list[LineOut]
    delivery_minor: Minor
    refund_minor: Minor
    invoice_lines: list[InvoiceLineOut]


class RefundStateOut(Schema):
    state: RefundState
    amount_minor: Minor


class WriteOffOut(Schema):
    number: str
    customer_query: str
    order_number: str
    confirmed_at: datetime
    policy_version: int
    by: str
    currency: str
    refund: RefundStateOut
    delivery_minor: Minor
    lines: list[LineOut]


class WriteOffsOut(Schema):
    items: list[WriteOffOut]
    next: str | None


class RefundOut(Schema):
    number: str
    order_number: Annotated[str, Field(validation_alias="order.number")]
    amount_minor: Minor
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
