"""Sales invoices and credit notes as the commands write them, built without a database."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from lostpost.core.ownership import uuid7
from lostpost.invoicing.documents.content import (
    CreditNoteContent,
    InvoiceContent,
    credit_note_content,
    invoice_content,
)
from lostpost.invoicing.models import CreditNote, CreditNoteLine, SalesInvoice, SalesInvoiceLine

MARKETPLACE = {
    "name": "Marktplein B.V.",
    "street": "Voorbeeldkade 1",
    "postal_code": "1012 AB",
    "city": "Amsterdam",
    "country": "NL",
    "vat_number": "NL000099998B57",
    "registration_number": "90001354",
    "iban": "NL91ABNA0417164300",
    "electronic_address": "0106:90001354",
}
SHOP = {
    "code": "lampenhuis",
    "name": "Lampenhuis V.O.F.",
    "street": "Oudegracht 12",
    "postal_code": "3511 AB",
    "city": "Utrecht",
    "country": "NL",
    "vat_number": "NL123456789B13",
    "registration_number": "12345678",
    "iban": "NL20INGB0001234567",
    "electronic_address": "0106:12345678",
}
KLAAS = {
    "name": "Klaas Vaak Advies B.V.",
    "street": "Nieuwstraat 3",
    "postal_code": "2000",
    "city": "Antwerpen",
    "country": "BE",
    "vat_number": "BE0123456749",
    "electronic_address": "0208:0123456749",
}

LineRow = tuple[str, str, int, int, int, int]  # kind, category, rate, transfers, net, VAT

FEBRUARY: list[LineRow] = [  # A sample of a real one, in cents.
    ("TURNOVER", "B", 0, 212, -3_409_51, 0),
    ("CORRECTION_TURNOVER", "B", 0, 9, 167_41, 0),
    ("COMMISSION", "S", 2100, 212, 527_69, 110_81),
    ("CORRECTION_COMMISSION", "S", 2100, 9, -26_25, -5_51),
    ("VAT_ROUNDING", "S", 2100, 1, 0, 0),
]


def invoice(
    rows: Sequence[LineRow] = FEBRUARY,
    *,
    currency: str = "EUR",
    carried_minor: int = 0,
    supplier: dict[str, str] = MARKETPLACE,
    customer: dict[str, str] = SHOP,
    number: str = "lampenhuis-2026-00014",
) -> InvoiceContent:
    """Build the content of an invoice from its rows."""
    net_minor, vat_minor = sum(row[4] for row in rows), sum(row[5] for row in rows)
    sales_invoice = SalesInvoice(
        seller_id=uuid7(),
        number=number,
        currency=currency,
        cadence="monthly",
        period_from_on=date(2026, 10, 1),
        period_to_on=date(2026, 10, 31),
        held_from_on=date(2026, 10, 1),
        held_to_on=date(2026, 10, 31),
        cut_off_at=datetime(2026, 10, 31, 23, tzinfo=UTC),
        issued_on=date(2026, 11, 1),
        issued_at=datetime(2026, 11, 1, 2, tzinfo=UTC),
        net_minor=net_minor,
        vat_minor=vat_minor,
        total_minor=net_minor + vat_minor,
        carried_minor=carried_minor,
        payable_minor=net_minor + vat_minor + carried_minor,
        supplier=supplier,
        customer=customer,
    )
    lines = [
        SalesInvoiceLine(
            seller_id=sales_invoice.seller_id,
            invoice_id=sales_invoice.id,
            place=place,
            kind=kind,
            vat_category=category,
            vat_rate_bp=rate_bp,
            transfers=transfers,
            net_minor=net,
            vat_minor=vat,
        )
        for place, (kind, category, rate_bp, transfers, net, vat) in enumerate(rows, start=1)
    ]
    return invoice_content(sales_invoice, reversed(lines), zone=ZoneInfo("Europe/Amsterdam"))


CreditRow = tuple[str, str, str, int, int, int, int]  # item, sku, title, quantity, rate, net, VAT

LAMPS: list[CreditRow] = [
    ("1", "8712345678906", "Ceramic lamp, white", 2, 2100, 66_03, 13_87),
    ("2", "8712345678913", "Book of lamps", 1, 900, 18_30, 1_65),
    ("", "", "", 1, 2100, 3_26, 69),
]


def credit_note(
    rows: Sequence[CreditRow] = LAMPS,
    *,
    currency: str = "EUR",
    supplier: dict[str, str] = SHOP,
    customer: dict[str, str] = KLAAS,
    category: str = "",
    paid_again: bool = False,
) -> CreditNoteContent:
    """Build the content of a credit note from its rows, or of the invoice over what was paid again.

    Args: `category`: of its lines; empty: as of before.
    """
    net_minor, vat_minor = sum(row[5] for row in rows), sum(row[6] for row in rows)
    note = CreditNote(
        seller_id=uuid7(),
        number="CIN-lampenhuis-00002" if paid_again else "lampenhuis-C-00003",
        restoration_id=uuid7() if paid_again else None,
        amends_number="CRN-lampenhuis-00001" if paid_again else "",
        invoice_number="2026-0815",
        invoice_issued_on=date(2026, 10, 3),
        currency=currency,
        issued_on=date(2026, 11, 5),
        issued_at=datetime(2026, 11, 5, 9, tzinfo=UTC),
        net_minor=net_minor,
        vat_minor=vat_minor,
        total_minor=net_minor + vat_minor,
        supplied_on=date(2026, 10, 2),
        delivered_to=customer.get("country", ""),
        supplier=supplier,
        customer=customer,
    )
    lines = [
        CreditNoteLine(
            seller_id=note.seller_id,
            credit_note_id=note.id,
            place=place,
            item=item,
            sku=sku,
            title=title,
            quantity=quantity,
            vat_category=category,
            vat_rate_bp=rate_bp,
            net_minor=net,
            vat_minor=vat,
        )
        for place, (item, sku, title, quantity, rate_bp, net, vat) in enumerate(rows, start=1)
    ]
    return credit_note_content(note, lines, order_number="23984471")
