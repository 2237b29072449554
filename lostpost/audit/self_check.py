"""The self-check that anyone may read: write-offs = refunds = ledger = sales invoices, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from lostpost.core.sql import fetch, sql_file

_CHECKED = sql_file(__name__, "checked_months")
_INVOICES = sql_file(__name__, "checked_invoices")


@dataclass(frozen=True, slots=True)
class CheckedMonth:
    """One month's write-offs and compensations in one currency: sums of five kinds of rows, in minor units."""

    month: date  # Its first day, in the marketplace's time zone.
    currency: str
    write_offs: int
    written_off_minor: int
    refunds_minor: int
    ledger_minor: int
    invoiced_minor: int  # Of the ledger, on issued sales invoices; the rest will be on the next one.
    confirmed_minor: int  # Confirmed refunds.
    paid_minor: int  # Refunds paid and not bounced, by the ledger.
    commission_minor: int  # Given back, VAT included, by the lines.
    commission_ledger_minor: int  # The same by the ledger.
    restored_minor: int  # Paid again by customers who have the goods after all.

    @property
    def to_be_invoiced_minor(self) -> int:
        """What is not on a sales invoice yet."""
        return self.ledger_minor - self.invoiced_minor

    @property
    def to_be_paid_minor(self) -> int:
        """The part of the refunds that is not paid yet."""
        return self.refunds_minor - self.paid_minor

    @property
    def agrees(self) -> bool:
        """Whether all sums agree."""
        return (
            self.written_off_minor == self.refunds_minor == self.ledger_minor
            and self.confirmed_minor == self.paid_minor
            and self.commission_minor == self.commission_ledger_minor
            and 0 <= self.invoiced_minor <= self.ledger_minor
            and 0 <= self.restored_minor <= self.refunds_minor  # One that came back since is paid once more.
        )


@dataclass(frozen=True, slots=True)
class StillToCome:
    """What is not paid or not invoiced yet of write-offs, in one currency; not a difference."""

    currency: str
    to_be_paid_minor: int
    to_be_invoiced_minor: int


def still_to_come(months: Sequence[CheckedMonth]) -> list[StillToCome]:
    """Add up what is not paid or not invoiced yet, by currency; currencies without are left out."""
    open_amounts = []
    for currency in sorted({month.currency for month in months}):
        of_currency = [month for month in months if month.currency == currency]
        to_be_paid_minor = sum(month.to_be_paid_minor for month in of_currency)
        to_be_invoiced_minor = sum(month.to_be_invoiced_minor for month in of_currency)
        if to_be_paid_minor or to_be_invoiced_minor:
            open_amounts.append(StillToCome(currency, to_be_paid_minor, to_be_invoiced_minor))
    return open_amounts


@dataclass(frozen=True, slots=True)
class CheckedInvoice:
    """The amounts of one sales invoice by itself, its lines and its transfers."""

    number: str
    currency: str
    period_from_on: date
    net_minor: int
    vat_minor: int
    lines_net_minor: int
    lines_vat_minor: int
    transfers_minor: int

    @property
    def total_minor(self) -> int:
        """The invoice's total, VAT included."""
        return self.net_minor + self.vat_minor

    @property
    def lines_total_minor(self) -> int:
        """The total of its lines, VAT included."""
        return self.lines_net_minor + self.lines_vat_minor

    @property
    def agrees(self) -> bool:
        """Whether invoice, lines and transfers agree."""
        return (self.net_minor, self.vat_minor) == (
            self.lines_net_minor,
            self.lines_vat_minor,
        ) and self.total_minor == self.transfers_minor


def checked_months(*, seller_id: UUID, begin: datetime, end: datetime, zone: str) -> Sequence[CheckedMonth]:
    """Add up the write-offs confirmed from `begin` until before `end`, by month and currency, newest first.

    Args: `begin`, `end`: aware. `zone`: the marketplace's time zone, in which its months begin.
    """
    parameters = {"seller": seller_id, "begin": begin, "end": end, "zone": zone}
    return [CheckedMonth(*row) for row in fetch(_CHECKED, parameters)]


def checked_invoices(*, seller_id: UUID, begin: datetime, end: datetime) -> Sequence[CheckedInvoice]:
    """Compare the invoices issued from `begin` until before `end` with their lines and transfers, newest first."""
    return [CheckedInvoice(*row) for row in fetch(_INVOICES, {"seller": seller_id, "begin": begin, "end": end})]
