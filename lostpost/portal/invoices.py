"""The shop's sales invoices: the coming one, issued ones, the details of each line, and downloads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lostpost.accounts.sections import Section
from lostpost.core.keyset import key_from_text, pager
from lostpost.core.vat import VatTreatment
from lostpost.invoicing.documents.content import invoice_content
from lostpost.invoicing.documents.files import CONTENT_TYPES, specification_file
from lostpost.invoicing.documents.pdf import invoice_pdf, invoice_pdf_problems
from lostpost.invoicing.documents.ubl import invoice_ubl
from lostpost.invoicing.documents.ubl_problems import ubl_problems
from lostpost.invoicing.figures import FiguresLine
from lostpost.invoicing.models import SalesInvoice, SalesInvoiceLine
from lostpost.invoicing.reads import Interim, interim_invoices, invoice_of, invoices_of, lines_of
from lostpost.ledger.models import InvoiceLineKind
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.figures import vat_text
from lostpost.reporting.specification import specification
from lostpost.reporting.specification_pages import specification_page
from lostpost.texts.vat_numbers import vat_number_sentences
from lostpost.web.http import download

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of an invoice, and what it means."""

    label: str
    meaning: str
    rate: str  # Of VAT; empty where there is none.
    net_minor: int
    vat_minor: int


@of_shop(Section.FINANCE)
@require_safe
def invoices_page(request: PortalRequest) -> HttpResponse:
    """List the sales invoices, newest first; above them what is coming."""
    after = key_from_text(request.GET.get("after", ""))
    page = invoices_of(request.seller.id, after=after, size=PAGE_SIZE)
    first = "after" not in request.GET
    coming = interim_invoices(request.seller, now=timezone.now()) if first else []
    context = {
        "coming": [{**_coming(invoice), "lines": _lines(invoice.figures.lines)} for invoice in coming],
        "vat_number": list(vat_number_sentences(request.seller)) if first else [],
        "invoices": page.rows,
        **pager(page, request.GET),
    }
    return render(request, "portal/invoices.html", context)


@of_shop(Section.FINANCE)
@require_safe
def interim_invoice(request: PortalRequest) -> HttpResponse:
    """Show the coming invoice, as of now, with its specification."""
    interim = _interim(request, timezone.now())
    context = {
        "coming": {**_coming(interim), "lines": _lines(interim.figures.lines)},
        "currency": interim.figures.currency,
        **_specification(request, _behind(request, interim)),
    }
    return render(request, "portal/invoice_coming.html", context)


@of_shop(Section.FINANCE)
@require_safe
def interim_invoice_file(request: PortalRequest) -> HttpResponseBase:
    """Return the specification of the coming invoice as a file."""
    interim = _interim(request, timezone.now())
    form = request.GET.get("form", "csv")
    if form not in CONTENT_TYPES:
        raise Http404
    name = f"interim-{request.seller.code}-{interim.figures.currency}.{form}"
    return _table(request, form, _behind(request, interim), name=name)


@of_shop(Section.FINANCE)
@require_safe
def invoice(request: PortalRequest, number: str) -> HttpResponse:
    """Show a sales invoice: its lines, its payment, its files, and its specification."""
    sales_invoice = invoice_of(request.seller.id, number)
    lines = lines_of(sales_invoice)
    selection = {
        "seller_id": sales_invoice.seller_id,
        "invoice_id": sales_invoice.id,
        "currency": sales_invoice.currency,
    }
    content = invoice_content(sales_invoice, lines, zone=request.policy.zone)
    context = {
        "invoice": sales_invoice,
        "currency": sales_invoice.currency,
        "lines": _lines(lines),
        "carried_to": _number(request, sales_invoice.carried_to_id) if sales_invoice.carried_to_id else "",
        "pdf_problems": invoice_pdf_problems(content, get_language() or "en"),
        "ubl_problems": ubl_problems(content),
        **_specification(request, selection),
    }
    return render(request, "portal/invoice.html", context)


@of_shop(Section.FINANCE)
@require_safe
def invoice_file(request: PortalRequest, number: str) -> HttpResponseBase:
    """Hand out a sales invoice as PDF or UBL, or its specification as a table."""
    sales_invoice = invoice_of(request.seller.id, number)
    form = request.GET.get("form", "pdf")
    if form in CONTENT_TYPES:
        selection = {
            "seller_id": sales_invoice.seller_id,
            "invoice_id": sales_invoice.id,
            "currency": sales_invoice.currency,
        }
        return _table(request, form, selection, name=f"{sales_invoice.number}.{form}", number=sales_invoice.number)
    content, language = invoice_content(sales_invoice, zone=request.policy.zone), get_language() or "en"
    if form == "pdf":
        file = invoice_pdf(content, language)
        return download(request, file, name=f"{sales_invoice.number}.pdf", content_type="application/pdf")
    if form == "ubl":
        file = invoice_ubl(content, language)
        return download(request, file, name=f"{sales_invoice.number}.xml", content_type="application/xml")
    raise Http404


def _interim(request: PortalRequest, now: datetime) -> Interim:
    """Return the coming invoice in the requested currency; by default in the shop's own."""
    currency = request.GET.get("currency") or request.seller.currency
    invoices = [
        invoice for invoice in interim_invoices(request.seller, now=now) if invoice.figures.currency == currency
    ]
    if not invoices:
        raise Http404
    return invoices[0]


def _coming(interim: Interim) -> dict[str, Any]:
    return {
        "period": interim.period,
        "held_from_on": interim.held_from_on,
        "held_to_on": interim.held_to_on,
        "figures": interim.figures,
        "currency": interim.figures.currency,
    }


def _behind(request: PortalRequest, interim: Interim) -> dict[str, Any]:
    return {
        "seller_id": request.seller.id,
        "invoice_id": None,
        "currency": interim.figures.currency,
        "until_at": interim.period.cut_off_at,
    }


def _specification(request: PortalRequest, selection: dict[str, Any]) -> dict[str, Any]:
    """Return a page of an invoice's specification, optionally only of an order or an article."""
    filters: dict[str, Any] = {name: request.GET.get(name, "").strip() for name in ("order_number", "sku")}
    page = specification_page(**selection, **filters, after=key_from_text(request.GET.get("after", "")), size=PAGE_SIZE)
    return {**filters, "specification": page.rows, "searched": any(filters.values()), **pager(page, request.GET)}


def _table(
    request: PortalRequest, form: str, selection: dict[str, Any], *, name: str, number: str = ""
) -> HttpResponseBase:
    filters: dict[str, Any] = {
        name_of_filter: request.GET.get(name_of_filter, "").strip() for name_of_filter in ("order_number", "sku")
    }
    file = specification_file(
        form,
        specification(**selection, **filters),
        currency=selection["currency"],
        number=number,
        language=get_language() or "en",
        zone=request.policy.zone,
    )
    return download(request, file, name=name, content_type=CONTENT_TYPES[form])


def _number(request: PortalRequest, invoice_id: Any) -> str:
    return SalesInvoice.objects.values_list("number", flat=True).get(seller_id=request.seller.id, id=invoice_id)


def _lines(lines: Sequence[SalesInvoiceLine] | Sequence[FiguresLine]) -> list[ShownLine]:
    meanings = {
        InvoiceLineKind.TURNOVER: _(
            "What customers paid for parcels that you handed over. It is yours, so it is negative."
        ),
        InvoiceLineKind.CORRECTION_TURNOVER: _(
            "Write-offs, returns and changed orders take turnover back; restored payments add it again."
        ),
        InvoiceLineKind.COMMISSION: _("What you pay us for those sales."),
        InvoiceLineKind.CORRECTION_COMMISSION: _("Commission that comes back to you where turnover was taken back."),
        InvoiceLineKind.VAT_ROUNDING: _(
            "VAT is rounded once on the whole invoice; this is the difference to its lines."
        ),
    }
    return [
        ShownLine(
            label=str(InvoiceLineKind(line.kind).label),
            meaning=meanings[InvoiceLineKind(line.kind)],
            rate=vat_text(VatTreatment(line.vat_category, line.vat_rate_bp)),
            net_minor=line.net_minor,
            vat_minor=line.vat_minor,
        )
        for line in lines
    ]
