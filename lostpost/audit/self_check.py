"""The self-check that anyone may read: write-offs = refunds = ledger = sales invoices, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from lostpost.core.sql import fetch

# Each sum is computed from rows of its own kind, so that none of them can agree by being a copy of another. A transfer
# belongs to the write-off whose line, delivery costs or restoration it books; it is counted in the write-off's month.
_CHECKED = """
    WITH write_offs AS (
        SELECT id, refund_id, currency, refund_minor,
               date_trunc('month', confirmed_at AT TIME ZONE %(zone)s)::date AS month
          FROM lostpost_writeoff
         WHERE seller_id = %(seller)s AND confirmed_at >= %(begin)s AND confirmed_at < %(end)s
    ), lines AS (
        SELECT line.id, line.write_off_id, line.refund_minor, line.commission_minor, line.commission_vat_minor
          FROM lostpost_writeoffline line
          JOIN write_offs ON write_offs.id = line.write_off_id
         WHERE line.seller_id = %(seller)s
    ), of_lines AS (
        SELECT write_off_id, sum(commission_minor + commission_vat_minor) AS commission_minor
          FROM lines GROUP BY write_off_id
    ), of_ledger AS (
        SELECT source.write_off_id,
               sum(amount_minor) FILTER (WHERE kind IN ('correction_turnover', 'correction_delivery')) AS refund_minor,
               sum(amount_minor) FILTER (WHERE kind IN ('correction_commission', 'correction_commission_vat'))
                   AS commission_minor,
               sum(amount_minor) FILTER (
                   WHERE kind IN ('correction_turnover', 'correction_delivery') AND invoice_id IS NOT NULL
               ) AS invoiced_minor
          FROM (SELECT id, id AS write_off_id FROM write_offs UNION ALL SELECT id, write_off_id FROM lines) source
          JOIN lostpost_transfer transfer ON transfer.seller_id = %(seller)s AND transfer.source_id = source.id
         GROUP BY source.write_off_id
    ), of_payments AS (
        SELECT source.write_off_id,
               sum(CASE transfer.kind WHEN 'refund_paid' THEN amount_minor ELSE -amount_minor END) AS paid_minor
          FROM (
                SELECT id AS write_off_id, refund_id AS id FROM write_offs
                UNION ALL
                SELECT write_offs.id, bounce.id
                  FROM write_offs
                  JOIN lostpost_refundbounce bounce
                    ON bounce.seller_id = %(seller)s AND bounce.refund_id = write_offs.refund_id
               ) source
          JOIN lostpost_transfer transfer
            ON transfer.seller_id = %(seller)s AND transfer.source_id = source.id
           AND transfer.kind IN ('refund_paid', 'refund_bounced')
         GROUP BY source.write_off_id
    ), of_restorations AS (
        SELECT write_off_id, sum(amount_minor) AS restored_minor
          FROM lostpost_restoration
         WHERE seller_id = %(seller)s AND state = 'received' AND write_off_id IN (SELECT id FROM write_offs)
         GROUP BY write_off_id
    )
    SELECT write_offs.month, write_offs.currency, count(*)::bigint,
           sum(write_offs.refund_minor)::bigint, sum(refund.amount_minor)::bigint,
           coalesce(sum(of_ledger.refund_minor), 0)::bigint, coalesce(sum(of_ledger.invoiced_minor), 0)::bigint,
           coalesce(sum(refund.amount_minor) FILTER (WHERE refund.state = 'confirmed'), 0)::bigint,
           coalesce(sum(of_payments.paid_minor), 0)::bigint,
           coalesce(sum(of_lines.commission_minor), 0)::bigint, coalesce(sum(of_ledger.commission_minor), 0)::bigint,
           coalesce(sum(of_restorations.restored_minor), 0)::bigint
      FROM write_offs
      LEFT JOIN lostpost_refund refund ON refund.seller_id = %(seller)s AND refund.id = write_offs.refund_id
      LEFT JOIN of_lines ON of_lines.write_off_id = write_offs.id
      LEFT JOIN of_ledger ON of_ledger.write_off_id = write_offs.id
      LEFT JOIN of_payments ON of_payments.write_off_id = write_offs.id
      LEFT JOIN of_restorations ON of_restorations.write_off_id = write_offs.id
     GROUP BY write_offs.month, write_offs.currency
     ORDER BY write_offs.month DESC, write_offs.currency
"""
# For each invoice: its own sums, those of its lines, and those of its transfers.
_INVOICES = """
    SELECT invoice.number, invoice.currency, invoice.period_from_on, invoice.net_minor, invoice.vat_minor,
           coalesce(line.net_minor, 0)::bigint, coalesce(line.vat_minor, 0)::bigint,
           coalesce(transfer.total_minor, 0)::bigint
      FROM lostpost_salesinvoice invoice
      LEFT JOIN (
            SELECT invoice_id, sum(net_minor) AS net_minor, sum(vat_minor) AS vat_minor
              FROM lostpost_salesinvoiceline WHERE seller_id = %(seller)s GROUP BY invoice_id
           ) line ON line.invoice_id = invoice.id
      LEFT JOIN (
            SELECT invoice_id, sum(CASE WHEN debit = 'seller' THEN amount_minor ELSE -amount_minor END) AS total_minor
              FROM lostpost_transfer
             WHERE seller_id = %(seller)s AND invoice_id IS NOT NULL
               AND kind NOT IN ('settled', 'debt_settled', 'paid_out', 'debt_paid')
             GROUP BY invoice_id
           ) transfer ON transfer.invoice_id = invoice.id
     WHERE invoice.seller_id = %(seller)s AND invoice.issued_at >= %(begin)s AND invoice.issued_at < %(end)s
     ORDER BY invoice.issued_at DESC, invoice.id DESC
"""


@dataclass(frozen=True, slots=True)
class CheckedMonth:
    """The write-offs of one month in one currency, summed up from five kinds of rows, in minor units."""

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
