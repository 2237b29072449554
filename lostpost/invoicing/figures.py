"""The amounts of a sales invoice: transfers added up into lines, VAT rounded once on the total of each rate.

Amounts are signed as on issued invoices: what the seller owes is positive, what the seller is owed is negative.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from lostpost.accounts.policy import current_policy
from lostpost.core.money import rounded_rate
from lostpost.core.sql import fetch
from lostpost.core.vat import STANDARD, TRANSFERRED
from lostpost.ledger.models import INVOICE_LINES, Account, InvoiceLineKind, Kind
from lostpost.ledger.post_transfers import SIDES

PASSED_THROUGH = (InvoiceLineKind.TURNOVER, InvoiceLineKind.CORRECTION_TURNOVER)
ORDER = tuple(InvoiceLineKind)  # In which lines stand on an invoice.
INVOICED_KINDS = ", ".join(f"'{kind.value}'" for kind in INVOICE_LINES)  # As the partial index has them.

# Transfers that stand on no invoice yet; the same rows for an interim invoice and for issuing.
TO_BE_INVOICED = f"""
    seller_id = %(seller)s AND currency = %(currency)s AND effective_at < %(until)s
    AND invoice_id IS NULL AND kind IN ({INVOICED_KINDS})
"""
_INTERIM = f"""
    SELECT kind, vat_category, vat_rate_bp, count(*), sum(amount_minor)::bigint, min(effective_at)
      FROM lostpost_transfer
     WHERE {TO_BE_INVOICED}
     GROUP BY kind, vat_category, vat_rate_bp
"""  # noqa: S608  Of nothing but our own words.
# Earlier invoices that are open, the newest first; the same rows for an interim invoice and for issuing.
OPEN = """
    SELECT id, payable_minor
      FROM lostpost_salesinvoice
     WHERE seller_id = %(seller)s AND currency = %(currency)s AND state = 'issued'
     ORDER BY issued_at DESC, id DESC
"""


class KindSum(NamedTuple):
    """Transfers of one kind with one category and rate of VAT, added up."""

    kind: str
    vat_category: str  # Empty: of turnover, or booked before transfers had one.
    vat_rate_bp: int | None  # None: likewise.
    transfers: int
    amount_minor: int
    first_at: datetime  # When the first of them happened.


@dataclass(frozen=True, slots=True)
class FiguresLine:
    """Everything of one kind with one category and rate of VAT."""

    kind: InvoiceLineKind
    vat_category: str
    vat_rate_bp: int
    transfers: int
    net_minor: int
    vat_minor: int


@dataclass(frozen=True, slots=True)
class InvoiceFigures:
    """All amounts of one invoice, in minor units of its currency."""

    currency: str
    lines: Sequence[FiguresLine]
    carried_minor: int = 0  # Of earlier invoices that are set off with it: what the seller owes is positive.
    first_at: datetime | None = None  # When the first of it happened.

    @property
    def net_minor(self) -> int:
        """VAT excluded."""
        return sum(line.net_minor for line in self.lines)

    @property
    def vat_minor(self) -> int:
        """VAT alone."""
        return sum(line.vat_minor for line in self.lines)

    @property
    def total_minor(self) -> int:
        """VAT included."""
        return self.net_minor + self.vat_minor

    @property
    def payable_minor(self) -> int:
        """What is to be paid: positive by the seller, negative to the seller."""
        return self.total_minor + self.carried_minor


def invoice_lines(sums: Iterable[KindSum], *, rate_bp: int) -> list[FiguresLine]:
    """Add sums up into the lines of an invoice, in their order; the rounding of VAT comes last.

    Args: `rate_bp`: of transfers booked before they had a rate.
    """
    counted: dict[tuple[InvoiceLineKind, str, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for kind, own_category, own_rate_bp, transfers, amount_minor, _first_at in sums:
        line, part = INVOICE_LINES[Kind(kind)]
        category = category_of(line, own_category)
        at_rate = 0 if category == TRANSFERRED else (rate_bp if own_rate_bp is None else own_rate_bp)
        figures = counted[line, category, at_rate]
        figures[0] += transfers
        figures[1 if part == "net" else 2] += sign_of(kind) * amount_minor
    lines = [FiguresLine(*key, *figures) for key, figures in counted.items()]
    lines += _rounding(lines)
    return sorted(lines, key=lambda line: (ORDER.index(line.kind), line.vat_rate_bp, line.vat_category))


def category_of(line: InvoiceLineKind, booked: str) -> str:
    """Return the VAT category of a line. Args: `booked`: of its transfers; those of before had none."""
    return TRANSFERRED if line in PASSED_THROUGH else booked or STANDARD


def sign_of(kind: str) -> int:
    """Return how a transfer of this kind counts on the invoice: 1 where the seller owes it."""
    return 1 if SIDES[Kind(kind)][0] == Account.SELLER else -1


def interim_figures(*, seller_id: UUID, currency: str, until_at: datetime) -> InvoiceFigures:
    """Return the amounts of an invoice over all that happened before `until_at`, as of now, without issuing it."""
    parameters = {"seller": seller_id, "currency": currency, "until": until_at}
    sums = [KindSum(*row) for row in fetch(_INTERIM, parameters)]
    lines = invoice_lines(sums, rate_bp=current_policy().commission_vat_rate_bp)
    total_minor = sum(line.net_minor + line.vat_minor for line in lines)
    set_off = set_off_with(total_minor, fetch(OPEN, parameters)) if lines else []
    return InvoiceFigures(currency, lines, sum(payable_minor for _id, payable_minor in set_off), first_of(sums))


def set_off_with(total_minor: int, open_invoices: Sequence[tuple[UUID, int]]) -> list[tuple[UUID, int]]:
    """Choose the earlier invoices that one of this total is set off with: all debts, and credits while it is owed.

    So nobody pays somebody who owes them. Credits that are not needed are paid out by themselves, as they were to be.

    Args: `open_invoices`: each with what is payable on it, the newest first: an older credit may be at the bank by now.
    """
    chosen = [each for each in open_invoices if each[1] > 0]
    owed_minor = total_minor + sum(payable_minor for _id, payable_minor in chosen)
    for invoice_id, payable_minor in open_invoices:
        if payable_minor < 0 < owed_minor:
            chosen.append((invoice_id, payable_minor))
            owed_minor += payable_minor
    return chosen


def first_of(sums: Iterable[KindSum]) -> datetime | None:
    """Return when the first of the transfers happened; None of none."""
    return min((each.first_at for each in sums), default=None)


def _rounding(lines: Iterable[FiguresLine]) -> list[FiguresLine]:
    """Return the difference, for each rate, between the sum of the lines' VAT and the VAT of their total.

    Where the shop accounts for the VAT itself, or there is none, there is nothing to be rounded.
    """
    totals: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for line in lines:
        if line.vat_category == STANDARD:
            totals[line.vat_rate_bp][0] += line.net_minor
            totals[line.vat_rate_bp][1] += line.vat_minor
    missing = {rate_bp: rounded_rate(net, rate_bp) - vat for rate_bp, (net, vat) in totals.items()}
    return [
        FiguresLine(InvoiceLineKind.VAT_ROUNDING, STANDARD, rate_bp, 1, 0, vat_minor)
        for rate_bp, vat_minor in missing.items()
        if vat_minor
    ]
