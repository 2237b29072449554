"""Finance: sales invoices to be paid out, debts of sellers, and paid ones of both."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lostpost.accounts.models import Seller
from lostpost.accounts.reads import seller_of_code
from lostpost.core.errors import Refused
from lostpost.core.keyset import key_from_text, pager
from lostpost.desk.access import DeskRequest, staff
from lostpost.invoicing.models import SalesInvoice
from lostpost.invoicing.reads import invoice_of, lines_of
from lostpost.invoicing.settle_invoice import mark_invoice_paid
from lostpost.invoicing.to_be_paid import BUCKETS, PAID, PAY_OUT, invoice_totals_in, invoices_in
from lostpost.ledger.models import InvoiceLineKind
from lostpost.texts.vat_numbers import vat_number_sentences
from lostpost.web.fresh_proof import require_fresh_proof
from lostpost.web.http import status_of

PAGE_SIZE = 25


@staff("finance")
@require_safe
def invoices_to_pay(request: DeskRequest) -> HttpResponse:
    """List the invoices to be paid, over all sellers, with their totals."""
    bucket = request.GET.get("show", "")
    bucket = bucket if bucket in BUCKETS else PAY_OUT
    page = invoices_in(bucket, after=key_from_text(request.GET.get("after", "")), size=PAGE_SIZE)
    totals = {each: invoice_totals_in(each) for each in BUCKETS if each != PAID}  # Those paid are a history.
    context = {
        "bucket": bucket,
        "buckets": [
            {"name": each, "count": sum(total.count for total in totals[each]) if each in totals else None}
            for each in BUCKETS
        ],
        "totals": totals.get(bucket, []),
        "invoices": [{"invoice": invoice, "url": _url(invoice.seller, invoice)} for invoice in page.rows],
        **pager(page, request.GET),
    }
    return render(request, "desk/invoices.html", context)


@staff("finance")
@require_http_methods(["GET", "HEAD", "POST"])
def one_invoice(request: DeskRequest, seller: str, number: str) -> HttpResponse:
    """Show an invoice and its bank account; record that it was paid."""
    shop = _shop(seller)
    invoice = invoice_of(shop.id, number)
    if request.method != "POST":
        return _page(request, shop, invoice)
    require_fresh_proof(request)
    reference = request.POST.get("reference", "")
    try:
        mark_invoice_paid(
            seller_id=shop.id, number=invoice.number, reference=reference, by=request.actor, now=timezone.now()
        )
    except Refused as refusal:
        problems = [{"text": str(refusal), "href": "#reference"}]
        return _page(request, shop, invoice_of(shop.id, number), problems=problems, status=status_of(refusal))
    done = _("Sales invoice %(number)s is marked as paid.") % {"number": invoice.number}
    messages.success(request, done, extra_tags=_url(shop, invoice))
    bucket = "pay-out" if invoice.payable_minor < 0 else "debts"
    return redirect(f"{reverse('desk:invoices')}?show={bucket}")


def _shop(code: str) -> Seller:
    shop = seller_of_code(code)
    if shop is None:
        raise Http404
    return shop


def _url(shop: Seller, invoice: SalesInvoice) -> str:
    return reverse("desk:invoice", kwargs={"seller": shop.code, "number": invoice.number})


def _page(
    request: DeskRequest,
    shop: Seller,
    invoice: SalesInvoice,
    *,
    problems: list[dict[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "invoice": invoice,
        "url": _url(shop, invoice),
        "shop": shop,
        "lines": [
            {"label": InvoiceLineKind(line.kind).label, "net_minor": line.net_minor, "vat_minor": line.vat_minor}
            for line in lines_of(invoice)
        ],
        "typed": request.POST.get("reference", ""),
        "vat_number": list(vat_number_sentences(shop)),
        "problems": problems or [],
    }
    return render(request, "desk/invoice.html", context, status=status)
