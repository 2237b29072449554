"""A shop's periods, and invoices that must equal the interim ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import takewhile

from lostpost.accounts.invoice_cadence import cadences_of
from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.invoicing.figures import InvoiceFigures, interim_figures
from lostpost.invoicing.issue_invoice import EarlierPeriodFirst, issue_invoice
from lostpost.invoicing.models import SalesInvoice, SalesInvoiceLine
from lostpost.invoicing.periods import Period, periods_from
from lostpost.ledger.models import Transfer
from tests.invoicing.rates import rates_known

Figures = list[tuple[str, str, int, int, int, int]]


def periods(seller: Seller, now: datetime) -> Sequence[Period]:
    """Return the shop's periods of the year up to the running one."""
    zone = current_policy().zone
    today = now.astimezone(zone).date()
    return list(takewhile(lambda it: it.from_on <= today, periods_from(cadences_of(seller.id), date(2026, 1, 1), zone)))


def ended_periods(seller: Seller, now: datetime) -> Sequence[Period]:
    return [it for it in periods(seller, now) if it.ends_at <= now]


def issue_as_announced(seller: Seller, period: Period, currency: str, now: datetime) -> None:
    """Issue an invoice, those of earlier periods first if they are due, and assert that it equals the interim one."""
    invoices = SalesInvoice.objects.filter(seller_id=seller.id, currency=currency)
    known = invoices.filter(period_from_on=period.from_on, apart=False).first()
    later = invoices.filter(period_from_on__gt=period.from_on).exists()
    before = (invoices.count(), Transfer.objects.filter(seller_id=seller.id).count())
    coming = interim_figures(seller_id=seller.id, currency=currency, until_at=period.cut_off_at)
    rates_known(now)
    try:
        issued = issue_invoice(seller=seller, period=period, currency=currency, now=now)
    except EarlierPeriodFirst:
        earlier = [it for it in ended_periods(seller, now) if it.from_on < period.from_on][-1]
        issue_as_announced(seller, earlier, currency, now)
        issue_as_announced(seller, period, currency, now)
        return
    if known or later or not coming.lines:
        assert issued == known
        assert before == (invoices.count(), Transfer.objects.filter(seller_id=seller.id).count())
        return
    assert issued
    apart = invoices.filter(period_from_on=period.from_on, apart=True).first()
    both = [apart, issued] if apart else [issued]
    assert sorted(line for each in both for line in _lines_of(each)) == sorted(_lines_of_figures(coming))
    taken_over = sum(each.payable_minor for each in both if each.carried_to_id == issued.id)
    assert (
        sum(each.net_minor for each in both),
        sum(each.vat_minor for each in both),
        issued.carried_minor - taken_over,
        sum(each.payable_minor for each in both) - taken_over,
    ) == (coming.net_minor, coming.vat_minor, coming.carried_minor, coming.payable_minor)


def _lines_of_figures(figures: InvoiceFigures) -> Figures:
    return [
        (it.kind.value, it.vat_category, it.vat_rate_bp, it.transfers, it.net_minor, it.vat_minor)
        for it in figures.lines
    ]


def _lines_of(invoice: SalesInvoice) -> Figures:
    lines = SalesInvoiceLine.objects.filter(seller_id=invoice.seller_id, invoice_id=invoice.id).order_by("place")
    return list(lines.values_list("kind", "vat_category", "vat_rate_bp", "transfers", "net_minor", "vat_minor"))
