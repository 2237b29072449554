"""The shop's refunds to customers, and the credit notes that went with them."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from lostpost.accounts.sections import Section
from lostpost.compensations.credit_compensation import orders_to_credit
from lostpost.core.keyset import key_from_text, page_of, pager
from lostpost.invoicing.documents.content import credit_note_content
from lostpost.invoicing.documents.pdf import credit_note_pdf, credit_note_pdf_problems
from lostpost.invoicing.documents.ubl import credit_note_ubl
from lostpost.invoicing.documents.ubl_problems import ubl_problems
from lostpost.invoicing.models import CreditNote, CreditNoteLine
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.refunds.models import Refund
from lostpost.refunds.reads import money_on_its_way
from lostpost.reporting.losses_of_shop import SPAN, losses_of_shop
from lostpost.web.http import download

PAGE_SIZE = 25


@of_shop(Section.FINANCE)
@require_safe
def refunds_page(request: PortalRequest) -> HttpResponse:
    """List the refunds, newest first, or those in a state; each with its next step."""
    state = request.GET.get("state", "")
    state = state if state in Refund.State.values else ""
    rows = Refund.objects.select_related("order", "query").filter(seller_id=request.seller.id)
    if state:
        rows = rows.filter(state=state)
    after = key_from_text(request.GET.get("after", ""))
    page = page_of(rows, by="requested_at", after=after, size=PAGE_SIZE, newest_first=True)
    context = {
        "state": state,
        "states": Refund.State.values,
        "refunds": page.rows,
        "on_its_way": money_on_its_way(request.seller.id),
        "losses": losses_of_shop(request.seller.id, now=timezone.now()),
        "days": SPAN.days,
        **pager(page, request.GET),
    }
    return render(request, "portal/shop_refunds.html", context)


@of_shop(Section.FINANCE)
@require_safe
def credit_notes_page(request: PortalRequest) -> HttpResponse:
    """List the credit notes to customers who got an invoice, and invoices over what was paid again, newest first."""
    related = CreditNote.objects.select_related(
        "order", "write_off__query", "compensation__query", "restoration__write_off__query"
    )
    rows = related.filter(seller_id=request.seller.id)
    after = key_from_text(request.GET.get("after", ""))
    page = page_of(rows, by="issued_at", after=after, size=PAGE_SIZE, newest_first=True)
    lines: dict[UUID, list[CreditNoteLine]] = defaultdict(list)
    ids = [note.id for note in page.rows]
    for line in CreditNoteLine.objects.filter(seller_id=request.seller.id, credit_note_id__in=ids):
        lines[line.credit_note_id].append(line)
    contents = {note: credit_note_content(note, lines[note.id], order_number=note.order.number) for note in page.rows}
    language = get_language() or "en"
    context = {
        "credit_notes": [
            {
                "note": note,
                "of": note.restoration or note.write_off or note.compensation,
                "query": (note.write_off or note.compensation or note.restoration.write_off).query,
                "pdf_problems": credit_note_pdf_problems(content, language),
                "ubl_problems": ubl_problems(content),
            }
            for note, content in contents.items()
        ],
        "waiting": not request.seller.legal.get("vat_number") and bool(orders_to_credit(request.seller.id)),
        **pager(page, request.GET),
    }
    return render(request, "portal/credit_notes.html", context)


@of_shop(Section.FINANCE)
@require_safe
def credit_note_file(request: PortalRequest, number: str) -> HttpResponseBase:
    """Hand out a credit note as PDF or UBL."""
    note = CreditNote.objects.filter(seller_id=request.seller.id, number=number).first()
    form = request.GET.get("form", "pdf")
    if note is None or form not in ("pdf", "ubl"):
        raise Http404
    content, language = credit_note_content(note), get_language() or "en"
    if form == "ubl":
        file = credit_note_ubl(content, language)
        return download(request, file, name=f"{note.number}.xml", content_type="application/xml")
    file = credit_note_pdf(content, language)
    return download(request, file, name=f"{note.number}.pdf", content_type="application/pdf")
