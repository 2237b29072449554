"""Sales invoices as they were issued, and the one that is coming."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from lostpost.accounts.invoice_cadence import CadenceFrom, cadences_of
from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.core.errors import NotFound
from lostpost.core.keyset import Page, PageKey, page_of
from lostpost.core.sql import fetch
from lostpost.core.text import is_storable, quoted
from lostpost.invoicing.figures import INVOICED_KINDS, InvoiceFigures, interim_figures
from lostpost.invoicing.models import SalesInvoice, SalesInvoiceLine
from lostpost.invoicing.periods import Period, held_days, period_before, period_of_shop

_CURRENCIES = f"""
    SELECT currency FROM lostpost_transfer
     WHERE seller_id = %(seller)s AND effective_at < %(until)s AND invoice_id IS NULL AND kind IN ({INVOICED_KINDS})
     UNION
    SELECT currency FROM lostpost_salesinvoice WHERE seller_id = %(seller)s AND period_from_on = %(from_on)s
     ORDER BY currency
"""  # noqa: S608  Of nothing but our own words.


class InvoiceNotFound(NotFound):
    """There is no such sales invoice in this shop."""


@dataclass(frozen=True, slots=True)
class Interim:
    """What is coming: the next invoice of a shop in one currency, as far as it is known."""

    period: Period  # Its cut-off says until when something can still be added.
    figures: InvoiceFigures
    held_from_on: date  # First and last day of what stands on it so far.
    held_to_on: date


def invoices_of(seller_id: UUID, *, after: PageKey | None, size: int) -> Page[SalesInvoice]:
    """Return a page of a shop's sales invoices, the newest first."""
    rows = SalesInvoice.objects.filter(seller_id=seller_id)
    return page_of(rows, by="issued_at", after=after, size=size, newest_first=True)


def invoice_of(seller_id: UUID, number: str, *, lock: bool = False) -> SalesInvoice:
    """Return one sales invoice, on demand locked until commit. Raises: InvoiceNotFound."""
    rows = SalesInvoice.objects.filter(seller_id=seller_id, number=number)
    invoice = (rows.select_for_update() if lock else rows).first() if is_storable(number) else None
    if invoice is None:
        raise InvoiceNotFound(_("There is no sales invoice “%(number)s” in this shop.") % {"number": quoted(number)})
    return invoice


def lines_of(invoice: SalesInvoice) -> list[SalesInvoiceLine]:
    """Return the lines of a sales invoice in their order."""
    rows = SalesInvoiceLine.objects.filter(seller_id=invoice.seller_id, invoice_id=invoice.id)
    return list(rows.order_by("place"))


def currencies_of(seller_id: UUID, period: Period) -> list[str]:
    """Return the currencies in which a shop has, or would have, an invoice for the period."""
    parameters = {"seller": seller_id, "until": period.cut_off_at, "from_on": period.from_on}
    return [currency for (currency,) in fetch(_CURRENCIES, parameters)]


def interim_invoices(seller: Seller, *, now: datetime) -> list[Interim]:
    """Return what the shop's next invoice will say, in each currency, as of now.

    That is the invoice of the period that ended last until it is issued, and of the running one from then on.
    """
    zone = current_policy().zone
    today = now.astimezone(zone).date()
    cadences = cadences_of(seller.id) or [CadenceFrom(today, seller.invoice_cadence)]
    running = period_of_shop(cadences, today, zone)
    ended = period_before(running, cadences, zone)
    issued = set(
        SalesInvoice.objects.filter(seller_id=seller.id, period_from_on=ended.from_on).values_list(
            "currency", flat=True
        )
    )
    coming = []
    for currency in sorted({*currencies_of(seller.id, running), seller.currency}):
        period = running if currency in issued else ended
        figures = interim_figures(seller_id=seller.id, currency=currency, until_at=period.cut_off_at)
        if not figures.lines and period is ended:
            period = running
            figures = interim_figures(seller_id=seller.id, currency=currency, until_at=period.cut_off_at)
        before = period_before(period, cadences, zone)
        coming.append(Interim(period, figures, *held_days(period, before, zone, first_at=figures.first_at)))
    return coming
