"""What issuing a month's sales invoices costs: thousands of shops with a hundred specification lines each."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from typing import Any
from uuid import uuid4

import psycopg
from django.core.management import call_command
from django.db import connection

from bench.marketplace import analyze
from bench.measure import Way, interleaved, median_ms, median_ratio
from bench.raw import raw_connection
from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.invoicing.figures import INVOICED_KINDS
from lostpost.invoicing.issue_invoice import issue_invoice
from lostpost.invoicing.models import SalesInvoice
from lostpost.invoicing.periods import MONTHLY, Period, period_named

PERIOD = "2026-03"
HEAD = ("path", "shops", "program ms", "raw ms", "ratio", "wall ratio", "invoices a second", "memory MB")

_SHOPS = """
    INSERT INTO lostpost_seller (id, code, name, country, language, currency, invoice_cadence, legal)
    SELECT gen_random_uuid(), 'bench-' || lpad(n::text, 6, '0'), 'Shop ' || n, 'NL', 'nl', 'EUR', 'monthly', '{}'
      FROM generate_series(1, %s) n
"""
_CADENCES = """
    INSERT INTO lostpost_invoicecadence (seller_id, id, cadence, from_on)
    SELECT id, gen_random_uuid(), 'monthly', '2026-01-01' FROM lostpost_seller WHERE code LIKE 'bench-%%'
"""
# Turnover, commission and its VAT of each sale: two lines of a specification, three transfers.
_TRANSFERS = """
    INSERT INTO lostpost_transfer (seller_id, id, debit, credit, amount_minor, currency, kind, source_id, vat_rate_bp,
                                   effective_at, booked_at)
    SELECT seller.id, gen_random_uuid(), side.debit, side.credit, side.amount_minor, 'EUR', side.kind, sale.id,
           side.rate, sale.at, sale.at
      FROM (SELECT id FROM lostpost_seller WHERE code LIKE 'bench-%%' ORDER BY code OFFSET %s LIMIT %s) seller
     CROSS JOIN generate_series(1, %s) n
     CROSS JOIN LATERAL (SELECT gen_random_uuid() AS id, timestamptz '2026-03-02 10:00Z' + n * interval '7 hours' AS at,
                                seller.id AS of) sale
     CROSS JOIN (VALUES ('provider', 'seller', 2500, 'turnover', NULL),
                        ('seller', 'commission', 312, 'commission', 2100),
                        ('seller', 'commission_vat', 66, 'commission_vat', 2100))
             AS side (debit, credit, amount_minor, kind, rate)
"""
# The least that must be sent for an invoice: its number and row, its transfers marked and added up.
_RAW = [
    """
    INSERT INTO lostpost_documentcounter AS counter (seller_id, id, series, last)
    VALUES (%(seller)s, %(id)s, 'sales-invoice', 1)
    ON CONFLICT ON CONSTRAINT document_counter_once_per_series DO UPDATE SET last = counter.last + 1
    RETURNING last
    """,
    """
    INSERT INTO lostpost_salesinvoice (
        seller_id, id, number, currency, cadence, period_from_on, period_to_on, cut_off_at, issued_on, issued_at,
        net_minor, vat_minor, total_minor, carried_minor, payable_minor, state, reference, supplier, customer
    ) VALUES (%(seller)s, %(id)s, 'INV-1', 'EUR', 'monthly', %(from_on)s, %(to_on)s, %(until)s, %(to_on)s, %(until)s,
              0, 0, 0, 0, 0, 'settled', '', '{}', '{}')
    """,
    f"""
    WITH taken AS (
        UPDATE lostpost_transfer SET invoice_id = %(id)s
         WHERE seller_id = %(seller)s AND currency = 'EUR' AND effective_at < %(until)s AND invoice_id IS NULL
           AND kind IN ({INVOICED_KINDS})
        RETURNING kind, vat_rate_bp, amount_minor
    )
    SELECT kind, vat_rate_bp, count(*), sum(amount_minor)::bigint FROM taken GROUP BY kind, vat_rate_bp
    """,
]


@dataclass(frozen=True)
class Measured:
    """What came of it."""

    cells: tuple[str, ...]

    def row(self) -> tuple[str, ...]:
        """Give a line of the table."""
        return self.cells


def measure_invoices(*, sellers: int, pairs: int, lines: int = 100) -> list[Measured]:
    """Fill in the shops, issue some invoices beside the raw statements, and all the others as the command does."""
    _fill(sellers, sales=lines // 2)
    period = period_named(PERIOD, MONTHLY, current_policy().zone)
    shops = list(Seller.objects.filter(code__startswith="bench-").order_by("code")[: 2 * pairs])
    raw = raw_connection()
    ways: list[Way[Seller]] = [
        Way("program", lambda shop: _program(shop, period), connection.connection.info.backend_pid),
        Way("raw", lambda shop: _raw(raw, shop, period), raw.info.backend_pid),
    ]
    costs = interleaved(ways, shops, warm_up=pairs // 10)
    program, floor = costs["program"], costs["raw"]
    del shops
    before, began = SalesInvoice.objects.count(), time.perf_counter()
    memory = _peak_mb()
    call_command("invoice", "--period", PERIOD, stdout=StringIO())
    took, invoice_count = time.perf_counter() - began, SalesInvoice.objects.count() - before
    one = (
        "issue an invoice",
        f"{pairs:,}",
        f"{median_ms(program, 'core'):.2f}",
        f"{median_ms(floor, 'core'):.2f}",
        f"{median_ratio(program, floor, 'core'):.2f}",
        f"{median_ratio(program, floor, 'wall'):.2f}",
        f"{1000 / median_ms(program, 'wall'):,.0f}",
        "",
    )
    every = (
        "lostpost invoice",
        f"{invoice_count:,}",
        *[""] * 4,
        f"{invoice_count / took:,.0f}",
        f"{memory:.0f}, then {_peak_mb():.0f}",
    )
    return [Measured(one), Measured(every)]


def _program(shop: Seller, period: Period) -> Callable[[], object]:
    now = datetime.now(UTC)
    return lambda: issue_invoice(seller=shop, period=period, currency="EUR", now=now)


def _raw(raw: psycopg.Connection, shop: Seller, period: Period) -> Callable[[], object]:
    parameters: dict[str, Any] = {
        "seller": shop.id,
        "id": uuid4(),
        "from_on": period.from_on,
        "to_on": period.to_on,
        "until": period.cut_off_at,
    }

    def send() -> None:
        with raw.transaction(), raw.cursor() as cursor:
            for statement in _RAW:
                cursor.execute(statement, parameters)
                if cursor.description:
                    cursor.fetchall()

    return send


def _fill(sellers: int, *, sales: int) -> None:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(_SHOPS, [sellers])
        cursor.execute(_CADENCES, [])
        for start in range(0, sellers, 500):
            cursor.execute(_TRANSFERS, [start, 500, sales])
            print(f"Transfers: of {min(start + 500, sellers):,} shops", file=sys.stderr, end="\r")
    analyze()
    print(f"\nFilled in {time.perf_counter() - began:.0f} s", file=sys.stderr)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
