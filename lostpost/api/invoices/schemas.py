"""Sales invoices, the statement, balances and the self-check as they are answered. Amounts are in minor units."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from lostpost.api.http.fields import ONE_LINE, Sent
from lostpost.api.http.schemas import MinorOut

LineType = Literal["TURNOVER", "CORRECTION_TURNOVER", "COMMISSION", "CORRECTION_COMMISSION", "VAT_ROUNDING"]
Signed = Annotated[int, Field(description="In minor units; positive: the seller owes it, negative: is owed it")]
Owed = Annotated[int, Field(description="In minor units; positive: the seller is owed it, negative: owes it")]
VatCategory = Annotated[
    Literal["B", "S", "AE", "O"],
    Field(
        description="B: the customer's money, passed on without VAT; S: at the rate; AE: reverse charged, the shop "
        "accounts for it in its country of the European Union; O: outside the scope of VAT"
    ),
]
Rate = Annotated[int, Field(description="In basis points: 2100 is 21 %")]


class InvoiceOutcomeIn(Sent):
    reference: Annotated[
        str, Field(pattern=ONE_LINE, min_length=1, max_length=200, description="Of the payment, as the bank shows it")
    ]


class SalesInvoiceLineOut(Schema):
    type: LineType
    vat_category: VatCategory
    vat_rate_bp: Rate
    transfers: Annotated[int, Field(description="How many lines of the specification's parts stand behind it")]
    net_minor: Signed
    vat_minor: Signed


class PartyOut(Schema):
    """One side, as it was called when the invoice was issued; what was not known is empty."""

    name: str
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    vat_number: str = ""
    registration_number: str = ""
    iban: str = ""
    electronic_address: str = ""


class InvoiceFiguresOut(Schema):
    period: Annotated[str, Field(description="A month, or the half of one: 2026-03, 2026-03-1")]
    period_from_on: date
    period_to_on: Annotated[date, Field(description="Its last day")]
    held_from_on: Annotated[date, Field(description="First day of what stands on it")]
    held_to_on: Annotated[date, Field(description="Last day of what stands on it")]
    cut_off_at: Annotated[datetime, Field(description="What happened before stands on it")]
    currency: str
    net_minor: Signed
    vat_minor: Signed
    total_minor: Signed
    carried_minor: Annotated[
        int, Field(description="Of earlier invoices that are set off with it; positive: the seller owed it")
    ]
    payable_minor: Annotated[int, Field(description="Positive: by the seller. Negative: to the seller")]


class InvoiceHeadOut(InvoiceFiguresOut):
    number: str
    cadence: Literal["monthly", "twice_a_month"]
    issued_on: date
    issued_at: datetime
    due_on: Annotated[date | None, Field(description="Until when a debt is to be paid; null where none is named")]
    state: Annotated[
        Literal["issued", "paid", "carried", "settled"],
        Field(description="issued: to be paid; carried: set off with a later invoice; settled: nothing to pay"),
    ]
    paid_at: datetime | None
    reference: Annotated[str, Field(description="Of the payment; empty until it is paid")]
    national_currency: Annotated[
        str, Field(description="The marketplace's own; empty where the invoice is in it, or has no VAT")
    ]
    national_vat_minor: Annotated[int, Field(description="Its VAT in that currency; 0 where none is named")]
    exchange_rate: Annotated[
        Decimal | None, Field(description="Units of its currency for one of that", examples=["1.0832"])
    ]
    exchange_rate_on: Annotated[date | None, Field(description="The day of that rate")]
    carried_to: Annotated[str | None, Field(description="The invoice with which it was set off")]


class InvoiceOut(InvoiceHeadOut):
    lines: list[SalesInvoiceLineOut]
    supplier: PartyOut
    customer: PartyOut


class InvoicesOut(Schema):
    items: list[InvoiceHeadOut]
    next: str | None


class InterimOut(InvoiceFiguresOut):
    """What the next invoice would say, as of now."""

    ends_at: Annotated[datetime, Field(description="From then on it can be issued")]
    lines: list[SalesInvoiceLineOut]


class InterimsOut(Schema):
    items: Annotated[list[InterimOut], Field(description="One for each currency")]


class SpecificationLineOut(Schema):
    id: Annotated[str, Field(description="Stays the same; unique within the invoice")]
    type: LineType
    order_number: str
    item: Annotated[str, Field(description="Empty: delivery costs, or the rounding of VAT")]
    sku: str
    title: str
    parcel: str
    document: Annotated[str, Field(description="Number of the write-off or restoration; empty for a sale")]
    quantity: int
    effective_at: datetime
    net_minor: Signed
    vat_minor: Signed
    vat_category: VatCategory
    vat_rate_bp: Rate


class SpecificationOut(Schema):
    items: list[SpecificationLineOut]
    next: str | None


class StandingOut(Schema):
    current_minor: Annotated[int, Field(description="On the current account: no sales invoice says it yet")]
    payable_minor: Annotated[int, Field(description="On sales invoices that are to be paid")]
    total_minor: Owed


class EntryOut(Schema):
    id: UUID
    kind: Annotated[str, Field(description="Why it was booked", examples=["turnover", "correction_turnover"])]
    booked_at: datetime
    effective_at: Annotated[datetime, Field(description="When it happened")]
    current_minor: Annotated[int, Field(description="By how much it moved the current account")]
    payable_minor: Annotated[int, Field(description="By how much it moved the invoices to be paid")]
    after: StandingOut
    order_number: str
    item: str
    title: str
    document: Annotated[str, Field(description="Number of the write-off, restoration or sales invoice it books")]
    invoice_number: Annotated[str | None, Field(description="The sales invoice on which it stands")]


class StatementOut(Schema):
    """Opening and closing balance are those of the whole span, on every page."""

    currency: str
    opening: StandingOut
    items: list[EntryOut]
    closing: StandingOut
    next: str | None


class KindTotalOut(Schema):
    kind: str
    transfers: int
    amount_minor: Annotated[int, Field(description="In minor units; credits positive, debits negative")]


class BalanceOut(Schema):
    account: Literal["seller", "payable", "customer", "provider", "commission", "commission_vat"]
    currency: str
    balance_minor: Annotated[int, Field(description="In minor units; credits positive, debits negative")]
    kinds: Annotated[list[KindTotalOut], Field(description="What it is made of; they add up to the balance")]


class BalancesOut(Schema):
    items: list[BalanceOut]


class CheckedMonthOut(Schema):
    """What the write-offs of one month come to in one currency, told by each of those who know."""

    month: Annotated[str, Field(description="In the marketplace's time zone", examples=["2026-03"])]
    currency: str
    write_offs: int
    written_off_minor: MinorOut
    refunds_minor: MinorOut
    ledger_minor: MinorOut
    invoiced_minor: Annotated[int, Field(description="Of the ledger's, what stands on sales invoices, in minor units")]
    to_be_invoiced_minor: Annotated[int, Field(description="The rest: it will stand on the next one, in minor units")]
    confirmed_minor: Annotated[int, Field(description="Refunds that are confirmed, in minor units")]
    paid_minor: Annotated[int, Field(description="What the ledger says was paid of them, in minor units")]
    commission_minor: Annotated[int, Field(description="Given back, VAT included, as decided, in minor units")]
    commission_ledger_minor: Annotated[int, Field(description="The same, as booked, in minor units")]
    restored_minor: Annotated[int, Field(description="Paid again for goods that were found, in minor units")]
    agrees: bool


class CheckedInvoiceOut(Schema):
    """One sales invoice, told by its head, its lines and its transfers."""

    number: str
    currency: str
    period_from_on: date
    net_minor: Signed
    vat_minor: Signed
    total_minor: Signed
    lines_net_minor: Signed
    lines_vat_minor: Signed
    transfers_minor: Signed
    agrees: bool


class SelfCheckOut(Schema):
    agrees: Annotated[bool, Field(description="Whether everything below does")]
    months: list[CheckedMonthOut]
    invoices: list[CheckedInvoiceOut]
