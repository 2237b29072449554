"""The content of a sales invoice or a credit note: fixed when it was issued, the same for every format.

Of a sales invoice only what never changes: whether it was paid is shown elsewhere, so that the document of an
invoice never changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple, TypeVar

from django.utils import timezone

from lostpost.core.vat import OUTSIDE, REVERSE_CHARGE, STANDARD, ZERO_RATED
from lostpost.invoicing.exchange_rates import NationalVat
from lostpost.invoicing.models import CreditNote, CreditNoteLine, SalesInvoice, SalesInvoiceLine
from lostpost.ledger.models import InvoiceLineKind


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a document. What was not known is empty."""

    name: str
    code: str = ""  # Of the shop on the marketplace.
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""  # ISO 3166-1 alpha-2
    vat_number: str = ""
    registration_number: str = ""
    iban: str = ""
    electronic_address: str = ""  # scheme:identifier of Peppol.

    @property
    def endpoint(self) -> tuple[str, str] | None:
        """Return the Peppol scheme and identifier, if there is such an address."""
        scheme, colon, identifier = self.electronic_address.partition(":")
        return (scheme, identifier) if colon and scheme and identifier else None


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """Everything of one kind with one category and rate of VAT, on a sales invoice."""

    kind: InvoiceLineKind
    vat_category: str  # As on paper: one of `core.vat`.
    vat_rate_bp: int
    transfers: int
    net_minor: int
    vat_minor: int


@dataclass(frozen=True, slots=True)
class CreditLine:
    """Units of one item, or the delivery costs (`item` empty), that a customer is credited for."""

    item: str
    sku: str
    title: str
    quantity: int
    vat_category: str  # STANDARD or one of WITHOUT_VAT in `core.vat`.
    vat_rate_bp: int
    net_minor: int
    vat_minor: int


@dataclass(frozen=True, slots=True)
class InvoiceContent:
    """A sales invoice of the marketplace (supplier) to a seller (customer).

    Amounts owed by the seller are positive, amounts owed to the seller negative.
    """

    number: str
    currency: str
    held_from_on: date  # First and last day of what stands on it.
    held_to_on: date
    cut_off_at: datetime  # In the marketplace's zone; what happened before stands on it.
    issued_on: date
    due_on: date | None  # Until when a debt is to be paid.
    national_vat: NationalVat | None
    net_minor: int
    vat_minor: int
    total_minor: int
    carried_minor: int
    payable_minor: int
    supplier: Party
    customer: Party
    lines: tuple[DocumentLine, ...]

    @property
    def outside_vat(self) -> bool:
        """Whether its commission is outside the scope of VAT; then all of it is (decision record 0039)."""
        return any(line.vat_category == OUTSIDE for line in self.lines)

    @property
    def reverse_charge(self) -> bool:
        """Whether the shop accounts for the VAT of its commission."""
        return any(line.vat_category == REVERSE_CHARGE for line in self.lines)


@dataclass(frozen=True, slots=True)
class CreditNoteContent:
    """A credit note of a seller (supplier) to a customer, over units of an invoice; amounts are positive.

    Or the invoice over what was credited and is paid again.
    """

    number: str
    currency: str
    issued_on: date
    order_number: str
    invoice_number: str  # The initial invoice.
    invoice_issued_on: date
    amends_number: str  # The document between that one and this, if there is one.
    is_invoice: bool  # Over what was paid again.
    for_compensation: bool  # Over money that was granted without a loss.
    supplied_on: date | None  # When the last of it was handed over to the carrier.
    delivered_to: str  # ISO 3166-1 alpha-2; empty: not known.
    net_minor: int
    vat_minor: int
    total_minor: int
    supplier: Party
    customer: Party
    lines: tuple[CreditLine, ...]

    @property
    def categories(self) -> frozenset[str]:
        """The categories of VAT of its lines."""
        return frozenset(line.vat_category for line in self.lines)

    @property
    def outside_vat(self) -> bool:
        """Whether it is outside the scope of VAT; then all of it is (EN 16931, BR-O-11)."""
        return OUTSIDE in self.categories


class VatGroup(NamedTuple):
    """The lines of one category and rate, added up."""

    category: str
    rate_bp: int
    net_minor: int
    vat_minor: int


_Grouped = TypeVar("_Grouped", DocumentLine, CreditLine)


def party(values: Mapping[str, Any]) -> Party:
    """Read a party as documents keep it; what is missing is empty, what is unknown is left out."""
    known = {name: values.get(name) for name in Party.__slots__}
    return Party(**{name: str(value).strip() if value is not None else "" for name, value in known.items()})


def invoice_content(
    invoice: SalesInvoice, lines: Iterable[SalesInvoiceLine] | None = None, *, zone: tzinfo | None = None
) -> InvoiceContent:
    """Read a sales invoice with its lines.

    Args: `lines`: where they were read already. `zone`: the marketplace's; the settings' where none is given.
    """
    if lines is None:
        lines = SalesInvoiceLine.objects.filter(seller_id=invoice.seller_id, invoice_id=invoice.id)
    return InvoiceContent(
        number=invoice.number,
        currency=invoice.currency,
        held_from_on=invoice.held_from_on,
        held_to_on=invoice.held_to_on,
        cut_off_at=invoice.cut_off_at.astimezone(zone or timezone.get_default_timezone()),
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        national_vat=_national_vat(invoice),
        net_minor=invoice.net_minor,
        vat_minor=invoice.vat_minor,
        total_minor=invoice.total_minor,
        carried_minor=invoice.carried_minor,
        payable_minor=invoice.payable_minor,
        supplier=party(invoice.supplier),
        customer=party(invoice.customer),
        lines=tuple(
            DocumentLine(
                kind=InvoiceLineKind(line.kind),
                vat_category=line.vat_category,
                vat_rate_bp=line.vat_rate_bp,
                transfers=line.transfers,
                net_minor=line.net_minor,
                vat_minor=line.vat_minor,
            )
            for line in sorted(lines, key=lambda line: line.place)
        ),
    )


def _national_vat(invoice: SalesInvoice) -> NationalVat | None:
    rate, rate_on = invoice.exchange_rate, invoice.exchange_rate_on
    if rate is None or rate_on is None:
        return None
    return NationalVat(invoice.national_currency, invoice.national_vat_minor, rate, rate_on)


def credit_note_content(
    credit_note: CreditNote, lines: Iterable[CreditNoteLine] | None = None, *, order_number: str | None = None
) -> CreditNoteContent:
    """Read a credit note with its lines. Args: `order_number`, `lines`: where they were read already."""
    if lines is None:
        lines = CreditNoteLine.objects.filter(seller_id=credit_note.seller_id, credit_note_id=credit_note.id)
    lines = sorted(lines, key=lambda line: line.place)
    # Lines of before have no category: without a VAT number, and without VAT, it was outside the scope.
    taxable = bool(credit_note.supplier.get("vat_number")) or any(line.vat_rate_bp for line in lines)
    return CreditNoteContent(
        number=credit_note.number,
        currency=credit_note.currency,
        issued_on=credit_note.issued_on,
        order_number=credit_note.order.number if order_number is None else order_number,
        invoice_number=credit_note.invoice_number,
        invoice_issued_on=credit_note.invoice_issued_on,
        amends_number=credit_note.amends_number,
        is_invoice=credit_note.is_invoice,
        for_compensation=credit_note.compensation_id is not None,
        supplied_on=credit_note.supplied_on,
        delivered_to=credit_note.delivered_to,
        net_minor=credit_note.net_minor,
        vat_minor=credit_note.vat_minor,
        total_minor=credit_note.total_minor,
        supplier=party(credit_note.supplier),
        customer=party(credit_note.customer),
        lines=tuple(
            CreditLine(
                item=line.item,
                sku=line.sku,
                title=line.title,
                quantity=line.quantity,
                vat_category=line.vat_category or _category_of_before(line, taxable=taxable),
                vat_rate_bp=line.vat_rate_bp,
                net_minor=line.net_minor,
                vat_minor=line.vat_minor,
            )
            for line in lines
        ),
    )


def _category_of_before(line: CreditNoteLine, *, taxable: bool) -> str:
    if not taxable:
        return OUTSIDE
    return STANDARD if line.vat_rate_bp else ZERO_RATED


def grouped(lines: Sequence[_Grouped], categories: Iterable[str]) -> Iterator[VatGroup]:
    """Add the lines up by category and rate, in the order in which these first appear.

    Args: `categories`: of each line, as the document at hand calls it.
    """
    sums: dict[tuple[str, int], tuple[int, int]] = {}
    for line, category in zip(lines, categories, strict=True):
        net_minor, vat_minor = sums.get((category, line.vat_rate_bp), (0, 0))
        sums[category, line.vat_rate_bp] = (net_minor + line.net_minor, vat_minor + line.vat_minor)
    for (category, rate_bp), (net_minor, vat_minor) in sums.items():
        yield VatGroup(category, rate_bp, net_minor, vat_minor)
