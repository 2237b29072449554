"""What may be sent: shapes and limits, checked before anything is done. Amounts are integers of minor units."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, NamedTuple, cast

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StrictBool,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from lostpost.accounts.put_seller import SellerData
from lostpost.core.clock import utc
from lostpost.core.mail_address import LONGEST_ADDRESS, cleaned_address
from lostpost.core.money import LARGEST_MINOR
from lostpost.core.text import INVISIBLE_RANGES
from lostpost.orders.data import CustomerInvoiceData, ItemData, OrderData, ParcelData, ReturnData, ScanData, UnitData
from lostpost.orders.problems import HIGHEST_RATE_BP, LARGEST_QUANTITY

NAME = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$"
ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
# No database and no e-mail takes a NUL; of blanks and signs that nobody sees, nobody learns anything.
_SEEN = rf"[^\s\x00-\x1f\x7f-\x9f{INVISIBLE_RANGES}]"
ONE_LINE_WORDS = rf"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*{_SEEN}[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
WORDS = rf"^[^\x00]*{_SEEN}[^\x00]*$"
_OF_ADDRESS = r"[^@\s<>\x22,;\x00-\x1f\x7f-\x9f]+"
EMAIL = f"^{_OF_ADDRESS}@{_OF_ADDRESS}$"  # A first look; `core.mail_address` says which can be delivered to.
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _written_out(value: Any) -> Any:
    """Take instants as RFC 3339 writes them; a bare number could be seconds or milliseconds."""
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        return value
    raise ValueError("write an instant with its offset, such as 2026-03-04T14:32:00+01:00")


def _a_day(value: Any) -> Any:
    """Take days as RFC 3339 writes them, for the same reason."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    raise ValueError("write a day such as 2026-03-04")


def _without_invisible_signs(value: Any) -> Any:
    return cleaned_address(value) if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_a_day), Field(examples=["2026-03-04"])]


def _in_utc(value: datetime) -> datetime:
    """Bring every instant to UTC at the door: no database takes all offsets that RFC 3339 allows."""
    try:
        return utc(value)
    except OverflowError:
        raise ValueError("this instant lies in no year that there is") from None


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_written_out),
    AfterValidator(_in_utc),
    Field(examples=["2026-03-04T14:32:00+01:00"]),
]
Name = Annotated[str, Field(pattern=NAME, max_length=64, examples=["2398-4471"])]
Minor = Annotated[int, Field(ge=0, le=LARGEST_MINOR, strict=True, examples=[3995])]
Quantity = Annotated[int, Field(ge=1, le=LARGEST_QUANTITY, strict=True, examples=[1])]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["EUR"])]
Language = Annotated[str, Field(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=10, examples=["nl"])]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["NL"])]
PaymentProvider = Literal["manual", "mollie", "stripe"]
ShippingMethod = Literal["own", "logistics_via_platform", "shipping_via_platform", "label_via_platform"]
ScanStatus = Literal[
    "announced",
    "with_carrier",
    "in_transit",
    "exception",
    "at_pickup_point",
    "picked_up",
    "delivered_at_neighbours",
    "delivered",
    "returning",
    "returned",
]


_SAID = ("title", "description", "default", "examples")


def _or_null(schema: JsonSchemaValue) -> JsonSchemaValue:
    """Describe a value that may be null too; what is said of it stays where it stands."""
    if {"type": "null"} in schema.get("anyOf", []):
        return schema
    said: JsonSchemaValue = {name: schema[name] for name in _SAID if name in schema}
    return {"anyOf": [{name: schema[name] for name in schema if name not in said}, {"type": "null"}], **said}


class Sent(BaseModel):
    """Something sent by a caller: a name that is not known is a mistake, and is said so; null is the same as left out.

    No schema of the API's library: where no other names are allowed, that looks at each object twice at every depth.
    """

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _leave_nulls_out(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        optional = {name for name, field in cls.model_fields.items() if not field.is_required()}
        return {name: value for name, value in values.items() if value is not None or name not in optional}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core)
        described = handler.resolve_ref_schema(schema)
        for name, of_field in described.get("properties", {}).items():
            if name not in described.get("required", []):
                described["properties"][name] = _or_null(of_field)
        return schema


class LegalIn(Sent):
    name: Annotated[str, Field(pattern=ONE_LINE, max_length=200, examples=["Lampenhuis B.V."])] = ""
    street: Annotated[str, Field(pattern=ONE_LINE, max_length=200, examples=["Oudegracht 12"])] = ""
    postal_code: Annotated[str, Field(pattern=ONE_LINE, max_length=20, examples=["3511 AB"])] = ""
    city: Annotated[str, Field(pattern=ONE_LINE, max_length=100, examples=["Utrecht"])] = ""
    vat_number: Annotated[str, Field(pattern=ONE_LINE, max_length=20, examples=["NL123456789B13"])] = ""
    registration_number: Annotated[str, Field(pattern=ONE_LINE, max_length=40, examples=["12345678"])] = ""
    iban: Annotated[str, Field(pattern=ONE_LINE, max_length=42, examples=["NL91 ABNA 0417 1643 00"])] = ""
    electronic_address: Annotated[
        str,
        Field(
            pattern=ONE_LINE,
            max_length=60,
            description="Where e-invoices are sent: scheme and identifier of Peppol",
            examples=["0106:12345678"],
        ),
    ] = ""


class SellerIn(Sent):
    name: Annotated[str, Field(pattern=ONE_LINE_WORDS, min_length=1, max_length=200, examples=["Lampenhuis"])]
    country: Country = "NL"
    language: Language = "en"
    currency: Currency = "EUR"
    invoice_cadence: Annotated[
        Literal["monthly", "twice_a_month"],
        Field(description="Another one than before holds from the first day of the next quarter"),
    ] = "monthly"
    legal: Annotated[
        LegalIn | None, Field(description="What invoices say of the seller; left out, it stays as it was")
    ] = None

    def data(self, code: str) -> SellerData:
        """Give what the command takes."""
        legal = None if self.legal is None else self.legal.model_dump()
        return SellerData(code=code, **{**self.model_dump(), "legal": legal})


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


class ScanIn(Sent):
    seller: Name | None = None
    parcel: Name | None = None
    carrier: Annotated[str, Field(max_length=64)] | None = None
    tracking_number: Annotated[str, Field(max_length=64)] | None = None
    occurred_at: Instant
    status: ScanStatus
    code: Annotated[str, Field(max_length=64)] = ""
    text: Annotated[str, Field(max_length=300)] = ""
    location: Annotated[str, Field(max_length=100)] = ""
    id: Annotated[str, Field(max_length=100, description="The carrier's own id of the event")] = ""

    def data(self, parcel: str, *, by_number: bool) -> ScanData:
        """Give it to the command, for one of the parcels that it speaks for."""
        return ScanData(
            parcel, self.occurred_at, self.status, self.code, self.text, self.location, self.id, by_number=by_number
        )


class WrongElement(NamedTuple):
    """What is wrong with the shape of one element of a batch, as the library says it."""

    errors: Sequence[Mapping[str, Any]]


def _by_itself(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """Keep what is wrong with one element from keeping the others out."""
    try:
        return read(value)
    except ValidationError as error:
        return WrongElement(error.errors(include_url=False, include_context=False, include_input=False))


class ScansIn(Sent):
    scans: Annotated[list[Annotated[ScanIn, WrapValidator(_by_itself)]], Field(min_length=1, max_length=1000)]

    def each(self) -> Iterator[tuple[int, ScanIn | WrongElement]]:
        """Return every element with its index: a scan, or what is wrong with its shape."""
        return enumerate(cast("list[ScanIn | WrongElement]", self.scans))


class ContactIn(Sent):
    order_number: Name
    subject: Annotated[str, Field(pattern=WORDS, min_length=1, max_length=200)]
    message: Annotated[str, Field(pattern=WORDS, min_length=1, max_length=10_000)]
    leave_open: StrictBool
    item: Name | None = None


class MessageIn(Sent):
    message: Annotated[str, Field(pattern=WORDS, min_length=1, max_length=10_000)]
    leave_open: StrictBool


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
            str, Field(pattern=ONE_LINE, max_length=200, description="Of the preview: refused if anything changed")
        ]
        | None
    ) = None


class OutcomeIn(Sent):
    outcome: Literal["paid", "failed"]
    reference: Annotated[
        str, Field(pattern=ONE_LINE, max_length=200, description="Needed with paid: the bank's reference")
    ] = ""
    problem: Annotated[str, Field(pattern=ONE_LINE, max_length=500, description="Needed with failed: why")] = ""
