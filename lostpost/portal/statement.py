"""The statement: what the marketplace and the shop owe each other, entry by entry, from any day."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lostpost.accounts.sections import Section
from lostpost.core.clock import day_begins_at, months_after
from lostpost.core.keyset import Page, key_from_text, pager
from lostpost.invoicing.models import SalesInvoice
from lostpost.ledger.models import Kind
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.reporting.statement import Entry
from lostpost.reporting.statement import statement as statement_of

PAGE_SIZE = 50
_MONTHS_BACK = 2  # Shown if no day is given.
_OF_INVOICES = {Kind.SETTLED, Kind.DEBT_SETTLED, Kind.PAID_OUT, Kind.DEBT_PAID}


@of_shop(Section.FINANCE)
@require_safe
def statement_page(request: PortalRequest) -> HttpResponse:
    """Show what was booked since a day, with the balance before, after each entry, and now."""
    zone, today = request.policy.zone, timezone.localdate()
    typed = request.GET.get("from", "")
    from_on = _day(typed)
    since = from_on or months_after(today.replace(day=1), -_MONTHS_BACK)
    in_currency = partial(
        statement_of,
        seller_id=request.seller.id,
        from_at=day_begins_at(since, zone),
        after=key_from_text(request.GET.get("after", "")),
        size=PAGE_SIZE,
    )
    own, chosen = request.seller.currency, request.GET.get("currency", "")
    page = in_currency(currency=own)
    currencies = sorted({*page.currencies, own})
    if chosen in currencies and chosen != own:
        page = in_currency(currency=chosen)
    numbers = _numbers(request, page.entries)
    context = {
        "statement": page,
        "since": since,
        "currency": page.currency,
        "currencies": currencies,
        "not_a_day": bool(typed) and from_on is None,
        "entries": [_entry(entry, numbers) for entry in page.entries],
        **pager(Page(page.entries, page.next), request.GET),
    }
    return render(request, "portal/statement.html", context)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _numbers(request: PortalRequest, entries: Any) -> dict[Any, str]:
    """Return the numbers of these entries' invoices."""
    ids = {entry.invoice_id for entry in entries if entry.invoice_id}
    rows = SalesInvoice.objects.filter(seller_id=request.seller.id, id__in=ids)
    return dict(rows.values_list("id", "number")) if ids else {}


def _entry(entry: Entry, numbers: dict[Any, str]) -> dict[str, Any]:
    """Return an entry for the page, with what it links to: the order, the customer query, the invoice."""
    source = entry.source
    of_invoice = entry.kind in _OF_INVOICES or not source.order_number
    return {
        "booked_at": entry.booked_at,
        "label": Kind(entry.kind).label,
        "title": source.title,
        "quantity": source.quantity,
        "order_number": source.order_number,
        "query_number": source.document.partition("-")[0] if source.document and not of_invoice else "",
        "document": "" if of_invoice else source.document,
        "invoice": source.document if of_invoice else numbers.get(entry.invoice_id, ""),
        "current_minor": entry.current_minor,
        "payable_minor": entry.payable_minor,
        "balance_minor": entry.after.total_minor,
    }
