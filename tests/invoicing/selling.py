"""Helpers to sell and to invoice."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lostpost.accounts.models import Seller
from lostpost.invoicing.issue_invoice import issue_invoice
from lostpost.invoicing.models import SalesInvoice
from lostpost.invoicing.periods import Period, cadence_of_name, period_named
from lostpost.invoicing.reads import lines_of
from lostpost.ledger.models import Account, Transfer
from lostpost.orders.models import Order
from lostpost.reporting.specification import specification
from lostpost.reporting.statement import balances
from tests.cast import a_parcel, an_item, an_order
from tests.invoicing.rates import rates_known

ZONE = ZoneInfo("Europe/Amsterdam")


def on(day: int, month: int = 3, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def period(name: str) -> Period:
    return period_named(name, cadence_of_name(name), ZONE)


def sold(
    seller: Seller,
    at: datetime,
    *,
    paid_minor: int = 25_00,
    commission_minor: int = 3_00,
    reported_days: float = 0,
    **order: Any,
) -> Order:
    """Sell one item and hand it over at that time; it is reported so many days later."""
    reported_at = at + timedelta(days=reported_days)
    item = an_item(paid_minor=paid_minor, commission_minor=commission_minor, sku=order.pop("sku", ""))
    placed = an_order(seller, item, placed_days=reported_days + 1, now=reported_at, **order)
    a_parcel(placed, shipped_days=reported_days, now=reported_at)
    return placed


def issued(seller: Seller, name: str, *, currency: str = "EUR", now: datetime | None = None) -> SalesInvoice | None:
    """Issue a period's invoice, an hour after it ended."""
    issued_period = period(name)
    now = now or issued_period.ends_at + timedelta(hours=1)
    if currency != "EUR":
        rates_known(now)
    return issue_invoice(seller=seller, period=issued_period, currency=currency, now=now)


def an_invoice(seller: Seller, name: str, **more: Any) -> SalesInvoice:
    invoice = issued(seller, name, **more)
    assert invoice is not None
    assert_explained(invoice)
    return invoice


def shown(invoice: SalesInvoice) -> list[tuple[str, str, int, int, int]]:
    """Return kind, category, rate, net amount and VAT of the lines."""
    return [
        (line.kind, line.vat_category, line.vat_rate_bp, line.net_minor, line.vat_minor) for line in lines_of(invoice)
    ]


def assert_explained(invoice: SalesInvoice) -> None:
    """Assert that the invoice's transfers, specification and lines agree."""
    lines = lines_of(invoice)
    marked = Transfer.objects.filter(seller_id=invoice.seller_id, invoice_id=invoice.id)
    assert sum(line.transfers for line in lines) == marked.count()
    specified = list(specification(seller_id=invoice.seller_id, invoice_id=invoice.id, currency=invoice.currency))
    assert len({line.id for line in specified}) == len(specified)
    net, vat = Counter[tuple[str, str, int]](), Counter[tuple[str, str, int]]()
    for line in specified:
        net[line.kind.value, line.vat_category, line.vat_rate_bp] += line.net_minor
        vat[line.kind.value, line.vat_category, line.vat_rate_bp] += line.vat_minor
    assert {(line.kind, line.vat_category, line.vat_rate_bp): (line.net_minor, line.vat_minor) for line in lines} == {
        key: (net[key], vat[key]) for key in net
    }
    assert invoice.total_minor == sum(line.net_minor + line.vat_minor for line in lines)


def owed(seller: Seller, account: Account, currency: str = "EUR") -> int:
    """Return the balance of an account; what we owe is positive."""
    matching = [it for it in balances(seller.id) if (it.account, it.currency) == (account, currency)]
    return matching[0].balance_minor if matching else 0
