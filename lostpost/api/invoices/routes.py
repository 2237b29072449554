"""Sales invoices: what is coming, what was issued, their documents and specifications, and that they were paid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language_from_request
from ninja import Path, Query, Router

from lostpost.accounts.actor import Actor
from lostpost.accounts.policy import current_policy
from lostpost.api.http.auth import ApiRequest, acting_seller, known_seller, scope
from lostpost.api.http.fields import NAME
from lostpost.api.http.pagination import After, Shop, Size, after_key, page_out
from lostpost.api.invoices.schemas import (
    InterimsOut,
    InvoiceHeadOut,
    InvoiceOut,
    InvoiceOutcomeIn,
    InvoicesOut,
    SpecificationOut,
)
from lostpost.api.restorations.routes import CreditNotePath
from lostpost.core.keyset import page_of
from lostpost.invoicing.documents.content import credit_note_content, invoice_content
from lostpost.invoicing.documents.files import CONTENT_TYPES, specification_file
from lostpost.invoicing.documents.pdf import credit_note_pdf, invoice_pdf
from lostpost.invoicing.documents.ubl import credit_note_ubl, invoice_ubl
from lostpost.invoicing.figures import FiguresLine
from lostpost.invoicing.models import CreditNote, SalesInvoice, SalesInvoiceLine
from lostpost.invoicing.periods import period_on
from lostpost.invoicing.reads import interim_invoices, invoice_of, lines_of
from lostpost.invoicing.settle_invoice import mark_invoice_paid
from lostpost.reporting.specification import SpecificationLine, specification
from lostpost.reporting.specification_pages import specification_page
from lostpost.web.http import download
from lostpost.web.problems import not_found

router = Router(tags=["invoices"])
reads, platform = scope("seller:read", "seller:write"), scope("platform")
InvoicePath = Annotated[str, Path(pattern=r"^INV-[A-Za-z0-9_.:-]{1,64}-[0-9]{1,15}$")]
SellerPath = Annotated[str, Path(pattern=NAME)]
OfState = Annotated[str | None, Query(pattern="^(" + "|".join(SalesInvoice.State.values) + ")$")]
OfCurrency = Annotated[str | None, Query(pattern="^[A-Z]{3}$", examples=["EUR"])]
ForCurrency = Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="Left out: the shop's own")]
Written = Annotated[str, Query(pattern="^(pdf|ubl)$", description="pdf: to read; ubl: Peppol BIS Billing 3")]
Listed = Annotated[
    str, Query(pattern="^(json|csv|xlsx)$", description="json: in pages; csv, xlsx: all of it, as a file")
]
Language = Annotated[
    str | None, Query(pattern="^(en|nl)$", description="Of the document; left out: as `Accept-Language` says")
]
OfOrder = Annotated[str | None, Query(pattern=NAME)]
OfSku = Annotated[str | None, Query(pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,64}$", description="EAN or sku")]
UBL = "application/xml"
Answer = HttpResponse | StreamingHttpResponse


@router.get("/invoices", response=InvoicesOut, auth=reads, operation_id="list_invoices")
def list_invoices(
    request: ApiRequest,
    seller: Shop = None,
    currency: OfCurrency = None,
    state: OfState = None,
    after: After = None,
    size: Size = 50,
) -> dict[str, Any]:
    """List sales invoices, newest first."""
    shop = acting_seller(request, seller)
    rows = SalesInvoice.objects.filter(seller_id=shop.id)
    if currency is not None:
        rows = rows.filter(currency=currency)
    if state is not None:
        rows = rows.filter(state=state)
    page = page_of(rows, by="issued_at", after=after_key(after), size=size, newest_first=True)
    heads = {row["number"]: row for row in _heads(shop.id, page.rows)}
    return page_out(page, lambda invoice: heads[invoice.number])


@router.get("/invoices/interim", response=InterimsOut, auth=reads, operation_id="get_interim_invoices")
def list_interim_invoices(request: ApiRequest, seller: Shop = None) -> dict[str, Any]:
    """Get what the next sales invoice will say in each currency, as of now, and until when something is added."""
    shop = acting_seller(request, seller)
    return {
        "items": [
            {
                "period": coming.period.name,
                "period_from_on": coming.period.from_on,
                "period_to_on": coming.period.to_on,
                "held_from_on": coming.held_from_on,
                "held_to_on": coming.held_to_on,
                "cut_off_at": coming.period.cut_off_at,
                "ends_at": coming.period.ends_at,
                "currency": coming.figures.currency,
                **_sums(coming.figures),
                "lines": [_line(line) for line in coming.figures.lines],
            }
            for coming in interim_invoices(shop, now=timezone.now())
        ]
    }


@router.get(
    "/invoices/interim/specification",
    response=SpecificationOut,
    auth=reads,
    operation_id="get_interim_specification",
)
def get_interim_specification(
    request: ApiRequest,
    seller: Shop = None,
    currency: ForCurrency = None,
    format: Listed = "json",  # noqa: A002 - its name in the address.
    language: Language = None,
    order_number: OfOrder = None,
    sku: OfSku = None,
    after: After = None,
    size: Size = 50,
) -> Any:
    """Get what stands behind the sales invoice that is coming, by order and EAN on demand; as JSON or as a file.

    A page may have a few lines more than asked: those of one sale stay together.
    """
    shop = acting_seller(request, seller)
    currency = currency or shop.currency
    coming = [invoice for invoice in interim_invoices(shop, now=timezone.now()) if invoice.figures.currency == currency]
    selection: dict[str, Any] = {
        "seller_id": shop.id,
        "invoice_id": None,
        "currency": currency,
        "until_at": coming[0].period.cut_off_at if coming else timezone.now(),
        "order_number": order_number or "",
        "sku": sku or "",
    }
    return _specification(request, selection, format, language, after, size, name=f"interim-{shop.code}-{currency}")


@router.get("/invoices/{number}", response=InvoiceOut, auth=reads, operation_id="get_invoice")
def get_invoice(request: ApiRequest, number: InvoicePath, seller: Shop = None) -> dict[str, Any]:
    """Get one sales invoice with its lines and parties."""
    shop = acting_seller(request, seller)
    return _invoice(invoice_of(shop.id, number))


@router.get("/invoices/{number}/document", response=Any, auth=reads, operation_id="get_invoice_document")
def get_invoice_document(
    request: ApiRequest,
    number: InvoicePath,
    seller: Shop = None,
    format: Written = "pdf",  # noqa: A002 - its name in the address.
    language: Language = None,
) -> Answer:
    """Get a sales invoice to read or print (PDF), or as structured e-invoice (UBL 2.1)."""
    invoice = invoice_of(acting_seller(request, seller).id, number)
    content, language_code = invoice_content(invoice, lines_of(invoice), zone=_zone()), _language(request, language)
    if format == "ubl":
        return _document(request, invoice_ubl(content, language_code), f"{number}.xml", UBL)
    return _document(request, invoice_pdf(content, language_code), f"{number}.pdf", "application/pdf")


@router.get(
    "/invoices/{number}/specification",
    response=SpecificationOut,
    auth=reads,
    operation_id="get_invoice_specification",
)
def get_invoice_specification(
    request: ApiRequest,
    number: InvoicePath,
    seller: Shop = None,
    format: Listed = "json",  # noqa: A002 - its name in the address.
    language: Language = None,
    order_number: OfOrder = None,
    sku: OfSku = None,
    after: After = None,
    size: Size = 50,
) -> Any:
    """Get what stands behind a sales invoice, by order and EAN on demand; as JSON or as a file.

    A page may have a few lines more than asked: those of one sale stay together.
    """
    invoice = invoice_of(acting_seller(request, seller).id, number)
    selection: dict[str, Any] = {
        "seller_id": invoice.seller_id,
        "invoice_id": invoice.id,
        "currency": invoice.currency,
        "order_number": order_number or "",
        "sku": sku or "",
    }
    return _specification(request, selection, format, language, after, size, name=number, number=number)


@router.post(
    "/invoices/{seller}/{number}/outcome",
    response=InvoiceOut,
    auth=platform,
    operation_id="post_invoice_outcome",
    tags=["platform"],
)
def post_invoice_outcome(
    request: ApiRequest, seller: SellerPath, number: InvoicePath, body: InvoiceOutcomeIn
) -> dict[str, Any]:
    """Say that a sales invoice was paid, out to the seller or by the seller. The same again changes nothing."""
    shop = known_seller(seller)
    by = Actor.of_client(request.auth.client)
    return _invoice(
        mark_invoice_paid(seller_id=shop.id, number=number, reference=body.reference, by=by, now=timezone.now())
    )


@router.get("/credit-notes/{number}/document", response=Any, auth=reads, operation_id="get_credit_note_document")
def get_credit_note_document(
    request: ApiRequest,
    number: CreditNotePath,
    seller: Shop = None,
    format: Written = "pdf",  # noqa: A002 - its name in the address.
    language: Language = None,
) -> Answer:
    """Get a credit note to read or print (PDF), or as structured e-invoice (UBL 2.1, type 381)."""
    shop = acting_seller(request, seller)
    note = CreditNote.objects.filter(seller_id=shop.id, number=number).first()
    if note is None:
        raise not_found()
    content, language_code = credit_note_content(note), _language(request, language)
    if format == "ubl":
        return _document(request, credit_note_ubl(content, language_code), f"{number}.xml", UBL)
    return _document(request, credit_note_pdf(content, language_code), f"{number}.pdf", "application/pdf")


def _specification(
    request: ApiRequest,
    selection: dict[str, Any],
    form: str,
    language: str | None,
    after: str | None,
    size: int,
    *,
    name: str,
    number: str = "",
) -> Any:
    if form == "json":
        page = specification_page(**selection, after=after_key(after), size=size)
        return page_out(page, _specification_line)
    language_code = _language(request, language)
    file = specification_file(
        form,
        specification(**selection),
        currency=selection["currency"],
        number=number,
        language=language_code,
        zone=_zone(),
    )
    return _document(request, file, f"{name}.{form}", CONTENT_TYPES[form])


def _specification_line(line: SpecificationLine) -> dict[str, Any]:
    fields = ("id", "order_number", "item", "sku", "title", "parcel", "document", "quantity", "effective_at")
    amounts = ("net_minor", "vat_minor", "vat_category", "vat_rate_bp")
    return {"type": line.kind, **{name: getattr(line, name) for name in (*fields, *amounts)}}


def _document(request: ApiRequest, content: Any, name: str, content_type: str) -> Answer:
    response = download(request, content, name=name, content_type=content_type)
    response.headers["Vary"] = "Accept-Language"
    return response


def _language(request: ApiRequest, language: str | None) -> str:
    return language or get_language_from_request(request)


def _zone() -> ZoneInfo:
    return current_policy().zone


def _invoice(invoice: SalesInvoice) -> dict[str, Any]:
    (head,) = _heads(invoice.seller_id, [invoice])
    return {
        **head,
        "lines": [_line(line) for line in lines_of(invoice)],
        "supplier": invoice.supplier,
        "customer": invoice.customer,
    }


def _heads(seller_id: UUID, invoices: Sequence[SalesInvoice]) -> list[dict[str, Any]]:
    """Return invoices with the numbers of those that their debts were carried to, in one more statement."""
    carried_to_ids = {invoice.carried_to_id for invoice in invoices if invoice.carried_to_id}
    rows = (
        SalesInvoice.objects.filter(seller_id=seller_id, id__in=carried_to_ids)
        if carried_to_ids
        else SalesInvoice.objects.none()
    )
    numbers = dict(rows.values_list("id", "number"))
    zone = _zone()
    own = set(InvoiceHeadOut.model_fields) - {"period", "carried_to"}
    return [
        {
            **{name: getattr(invoice, name) for name in own},
            "period": period_on(invoice.period_from_on, invoice.cadence, zone).name,
            "carried_to": numbers[invoice.carried_to_id] if invoice.carried_to_id else None,
        }
        for invoice in invoices
    ]


def _sums(figures: Any) -> dict[str, int]:
    names = ("net_minor", "vat_minor", "total_minor", "carried_minor", "payable_minor")
    return {name: getattr(figures, name) for name in names}


def _line(line: SalesInvoiceLine | FiguresLine) -> dict[str, Any]:
    names = ("vat_category", "vat_rate_bp", "transfers", "net_minor", "vat_minor")
    return {"type": line.kind, **{name: getattr(line, name) for name in names}}
