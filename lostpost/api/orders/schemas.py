"""Orders, parcels and returns, as they are sent and answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import (
    BeforeValidator,
    Field,
)

from lostpost.api.http.fields import (
    EMAIL,
    ONE_LINE,
    ONE_LINE_WORDS,
    Country,
    Currency,
    Day,
    Instant,
    Language,
    Minor,
    Name,
    PaymentProvider,
    Quantity,
    ScanStatus,
    Sent,
    ShippingMethod,
    _without_invisible_signs,
)
from lostpost.api.http.schemas import EligibleFrom, MinorOut
from lostpost.core.mail_address import LONGEST_ADDRESS
from lostpost.orders.data import CustomerInvoiceData, ItemData, OrderData, ParcelData, ReturnData, UnitData
from lostpost.orders.problems import HIGHEST_RATE_BP, LARGEST_QUANTITY, LONGEST_POSTAL_CODE


class CustomerIn(Sent):
    name: Annotated[str, Field(pattern=ONE_LINE_WORDS, min_length=1, max_length=200, examples=["Klaas Vaak"])]
    email: Annotated[
        str,
        Field(
            pattern=EMAIL,
            max_length=LONGEST_ADDRESS,
            description="Invisible signs are taken out; what cannot be delivered to as it is written is refused",
            examples=["klaas@example.com"],
        ),
        BeforeValidator(_without_invisible_signs),
    ]
    language: Language = "en"
    country: Country = "NL"
    postal_code: Annotated[
        str,
        Field(
            pattern=ONE_LINE,
            max_length=LONGEST_POSTAL_CODE,
            description="Where the order is to be delivered",
            examples=["3511 AB"],
        ),
    ] = ""


class PaymentIn(Sent):
    provider: Annotated[PaymentProvider, Field(description="Who took the customer's payment; refunds go back there")]
    reference: Annotated[
        str,
        Field(
            pattern=ONE_LINE, max_length=200, description="Of the payment at the provider", examples=["tr_7UhSN1zuXS"]
        ),
    ] = ""


class CustomerInvoiceIn(Sent):
    number: Annotated[str, Field(pattern=ONE_LINE_WORDS, min_length=1, max_length=90, examples=["2026-0117"])]
    issued_on: Day
    name: Annotated[str, Field(pattern=ONE_LINE, max_length=200)] = ""
    street: Annotated[str, Field(pattern=ONE_LINE, max_length=200)] = ""
    postal_code: Annotated[str, Field(pattern=ONE_LINE, max_length=20)] = ""
    city: Annotated[str, Field(pattern=ONE_LINE, max_length=100)] = ""
    vat_number: Annotated[str, Field(pattern=ONE_LINE, max_length=30)] = ""
    country: Annotated[
        str, Field(pattern="^([A-Z]{2})?$", description="Where it is billed to; empty: where the order goes")
    ] = ""
    registration_number: Annotated[str, Field(pattern=ONE_LINE, max_length=40)] = ""
    electronic_address: Annotated[
        str,
        Field(pattern=ONE_LINE, max_length=60, description="`scheme:identifier` of Peppol, such as 0106:12345678"),
    ] = ""
    vat_category: Annotated[
        Literal["", "Z", "E", "AE", "K", "G", "O"],
        Field(
            description="Why its lines at 0 % bear no VAT: Z, E (exempt), AE (reverse charge), K (intra-community), G "
            "(export) or O (outside the scope); empty: it follows from the parties"
        ),
    ] = ""


class ItemIn(Sent):
    item: Name
    sku: Annotated[str, Field(pattern=ONE_LINE, max_length=64)] = ""
    title: Annotated[str, Field(pattern=ONE_LINE_WORDS, min_length=1, max_length=300, examples=["Ceramic lamp, white"])]
    quantity: Quantity
    quantity_cancelled: Annotated[int, Field(ge=0, le=LARGEST_QUANTITY, strict=True)] = 0
    paid_minor: Annotated[Minor, Field(description="The whole line, VAT included, after discounts")]
    commission_minor: Annotated[Minor, Field(description="The whole line, VAT excluded")]
    vat_rate_bp: (
        Annotated[
            int, Field(ge=0, le=HIGHEST_RATE_BP, strict=True, description="Of the goods: 2100 is 21 %", examples=[2100])
        ]
        | None
    ) = None


class OrderIn(Sent):
    placed_at: Instant
    currency: Currency
    delivery_costs_minor: Minor = 0
    customer: CustomerIn
    items: Annotated[list[ItemIn], Field(min_length=1, max_length=500)]
    payment: PaymentIn | None = None
    customer_invoice: Annotated[
        CustomerInvoiceIn | None, Field(description="The seller's invoice to the customer, where there is one")
    ] = None

    def data(self, number: str) -> OrderData:
        """Give it to the command."""
        invoice = CustomerInvoiceData(**self.customer_invoice.model_dump()) if self.customer_invoice else None
        return OrderData(
            number=number,
            placed_at=self.placed_at,
            currency=self.currency,
            delivery_costs_minor=self.delivery_costs_minor,
            customer_name=self.customer.name,
            customer_email=self.customer.email,
            customer_language=self.customer.language,
            customer_country=self.customer.country,
            customer_postal_code=self.customer.postal_code,
            items=[ItemData(**item.model_dump()) for item in self.items],
            payment_provider=self.payment.provider if self.payment else "",
            payment_reference=self.payment.reference if self.payment else "",
            customer_invoice=invoice,
        )


class UnitIn(Sent):
    item: Name
    quantity: Quantity


class ParcelIn(Sent):
    order_number: Name
    shipping_method: ShippingMethod
    carrier: Annotated[str, Field(pattern=ONE_LINE, max_length=64, examples=["dpd"])] = ""
    tracking_number: Annotated[
        str, Field(pattern=ONE_LINE, max_length=64, description="Empty: sent without Track & Trace")
    ] = ""
    shipped_at: Instant
    units: Annotated[list[UnitIn], Field(min_length=1, max_length=500)]

    def data(self, parcel: str) -> ParcelData:
        """Give it to the command."""
        units = [UnitData(unit.item, unit.quantity) for unit in self.units]
        return ParcelData(code=parcel, units=units, **self.model_dump(exclude={"units"}))


class ReturnUnitIn(UnitIn):
    parcel: Name


class ReturnIn(Sent):
    order_number: Name
    units: Annotated[list[ReturnUnitIn], Field(min_length=1, max_length=500)]
    status: Literal["announced", "in_transit", "received", "cancelled"]

    def data(self, code: str) -> ReturnData:
        """Give it to the command."""
        units = [UnitData(unit.item, unit.quantity, unit.parcel) for unit in self.units]
        return ReturnData(code=code, order_number=self.order_number, status=self.status, units=units)


class PutOut(Schema):
    state: Literal["created", "updated", "unchanged"]


class CustomerOut(Schema):
    name: str
    email: str
    language: str
    country: str
    postal_code: str


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
    country: str = ""
    registration_number: str = ""
    electronic_address: str = ""
    vat_category: str = ""


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
    paid_minor: MinorOut
    commission_minor: MinorOut
    refunded_minor: Annotated[MinorOut, Field(description="By every write-off")]
    paid_again_minor: Annotated[MinorOut, Field(description="Of which the customer has paid again")]
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
    delivery_costs_minor: MinorOut
    customer: CustomerOut
    payment: Annotated[PaymentOut | None, Field(description="Null where nobody said who took it")]
    customer_invoice: CustomerInvoiceOut | None
    items: list[ItemOut]
    parcels: list[ParcelOut]


class OrdersOut(Schema):
    items: list[OrderRowOut]
    next: str | None


class LiftedOut(Schema):
    code: str
    text: str
    until: datetime
    reason: str


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
    lifted: Annotated[list[LiftedOut], Field(description="Refusals that an override of Partnerservice lifts")]
    warnings: list[WarningOut]
    refund_minor: Annotated[int, Field(description="What the customer would receive for all that is available")]


class AssessmentOut(Schema):
    order_number: str
    assessed_at: datetime
    policy_version: int
    currency: str
    eligible: bool
    units: list[AssessedUnitOut]
