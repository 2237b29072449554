"""Issue the sales invoice of one period in one currency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.invoice_cadence import CadenceFrom, cadence_on, cadences_of
from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.core.errors import Conflict
from lostpost.core.sql import fetch
from lostpost.events.record import record_events
from lostpost.invoicing.figures import TO_BE_INVOICED, InvoiceFigures, KindSum, invoice_lines
from lostpost.invoicing.models import SalesInvoice, SalesInvoiceLine
from lostpost.invoicing.numbers import Series, lock_series, next_number
from lostpost.invoicing.parties import marketplace_party, seller_party
from lostpost.invoicing.periods import Period, period_before
from lostpost.ledger.models import InvoiceLineKind, Kind
from lostpost.ledger.post import Posting, post_transfers

State = SalesInvoice.State

_STANDING = f"""
    SELECT (SELECT id FROM lostpost_salesinvoice
             WHERE seller_id = %(seller)s AND currency = %(currency)s AND period_from_on = %(from_on)s),
           EXISTS (SELECT FROM lostpost_salesinvoice
                    WHERE seller_id = %(seller)s AND currency = %(currency)s AND period_from_on > %(from_on)s),
           EXISTS (SELECT FROM lostpost_salesinvoice
                    WHERE seller_id = %(seller)s AND currency = %(currency)s AND period_from_on = %(before_on)s)
           OR NOT EXISTS (SELECT FROM lostpost_transfer
                           WHERE {TO_BE_INVOICED} AND effective_at < %(before_cut_off)s
                             AND booked_at < %(before_ends)s),
           EXISTS (SELECT FROM lostpost_transfer WHERE {TO_BE_INVOICED})
"""  # noqa: S608  Of nothing but our own words.
# One statement claims the transfers: one that commits meanwhile is on the next invoice, and none is on two.
_CLAIM_TRANSFERS = f"""
    WITH claimed AS (
        UPDATE lostpost_transfer SET invoice_id = %(invoice)s
         WHERE {TO_BE_INVOICED}
        RETURNING kind, vat_rate_bp, amount_minor
    )
    SELECT kind, vat_rate_bp, count(*), sum(amount_minor)::bigint FROM claimed GROUP BY kind, vat_rate_bp
"""  # noqa: S608
_CARRY = """
    UPDATE lostpost_salesinvoice SET state = 'carried', carried_to_id = %(invoice)s
     WHERE seller_id = %(seller)s AND currency = %(currency)s AND state = 'issued' AND payable_minor > 0
    RETURNING payable_minor
"""


class PeriodNotEnded(Conflict):
    """The period still runs, so more may come."""

    code = "period-not-ended"


class PeriodOfAnotherCadence(Conflict):
    """The shop was invoiced in other periods at that time."""

    code = "period-of-another-cadence"


class EarlierPeriodFirst(Conflict):
    """The period before has not been invoiced yet, and there is something to invoice for it."""

    code = "earlier-period-first"


class _Standing(NamedTuple):
    issued_id: UUID | None
    later_issued: bool
    earlier_done: bool
    anything: bool


@transaction.atomic(durable=True)
def issue_invoice(*, seller: Seller, period: Period, currency: str, now: datetime) -> SalesInvoice | None:
    """Issue the invoice over all that happened before the period's cut-off and is not invoiced yet, and settle it.

    A repeat returns the same invoice. None where there is nothing to invoice: a debt alone stays on its invoice, as an
    invoice needs a line (EN 16931, BR-16). None, too, where a later period was invoiced already: what was reported too
    late is on the next invoice. Periods are invoiced in their order, so that each invoice is about its own; an earlier
    one is not issued implicitly, as it has its own date and number.

    Raises: PeriodNotEnded, PeriodOfAnotherCadence, EarlierPeriodFirst; none of them uses a number.
    """
    policy = current_policy()
    history = _cadences(seller, period)
    _require_ended(period, policy.zone, now)
    lock_series(seller, Series.SALES_INVOICE)  # Held until commit: one invoice at a time is issued to a shop.
    before = period_before(period, history, policy.zone)
    parameters = {
        "seller": seller.id,
        "currency": currency,
        "from_on": period.from_on,
        "until": period.cut_off_at,
        "before_on": before.from_on,
        "before_cut_off": before.cut_off_at,
        "before_ends": before.ends_at,
    }
    (row,) = fetch(_STANDING, parameters)
    standing = _Standing(*row)
    if standing.issued_id:
        return SalesInvoice.objects.get(seller_id=seller.id, id=standing.issued_id)
    if standing.later_issued or not standing.anything:
        return None
    if not standing.earlier_done:
        raise EarlierPeriodFirst(
            _("Issue the invoice of %(before)s first: there is something to invoice for it.") % {"before": before.name}
        )
    invoice = _numbered(seller, period, currency, policy.zone, now)
    figures = _claim_transfers(invoice, rate_bp=policy.commission_vat_rate_bp)
    lines = _save_amounts(invoice, figures)
    post_transfers(_postings(invoice, lines), seller_id=seller.id, currency=currency, now=now)
    data = {"number": invoice.number, "period": period.name, "currency": currency}
    record_events(
        seller.id, [("invoice.issued", {**data, "payable_minor": invoice.payable_minor})], now
    )  # The last lock.
    return invoice


def _cadences(seller: Seller, period: Period) -> list[CadenceFrom]:
    history = cadences_of(seller.id) or [CadenceFrom(period.from_on, seller.invoice_cadence)]
    if cadence_on(history, period.from_on) != period.cadence:
        raise PeriodOfAnotherCadence(
            _("%(period)s is no period of %(seller)s, which was invoiced %(cadence)s then.")
            % {
                "period": period.name,
                "seller": seller.name,
                "cadence": Seller.Cadence(cadence_on(history, period.from_on)).label,
            }
        )
    return history


def _require_ended(period: Period, zone: ZoneInfo, now: datetime) -> None:
    if now < period.ends_at:
        ends_at = f"{period.ends_at.astimezone(zone):%Y-%m-%d %H:%M}"
        raise PeriodNotEnded(
            _("The period %(period)s ends on %(at)s; until then look at the interim invoice.")
            % {"period": period.name, "at": ends_at}
        )


def _numbered(seller: Seller, period: Period, currency: str, zone: ZoneInfo, now: datetime) -> SalesInvoice:
    """Create the invoice with its number; its amounts follow once its transfers are claimed."""
    return SalesInvoice.objects.create(
        seller=seller,
        number=next_number(seller, Series.SALES_INVOICE),
        currency=currency,
        cadence=period.cadence,
        period_from_on=period.from_on,
        period_to_on=period.to_on,
        cut_off_at=period.cut_off_at,
        issued_on=now.astimezone(zone).date(),
        issued_at=now,
        supplier=marketplace_party(),
        customer={**seller_party(seller), "code": seller.code},
    )


def _claim_transfers(invoice: SalesInvoice, *, rate_bp: int) -> InvoiceFigures:
    """Claim the invoice's transfers, carry earlier debts over, and add all of it up."""
    parameters = {
        "seller": invoice.seller_id,
        "currency": invoice.currency,
        "until": invoice.cut_off_at,
        "invoice": invoice.id,
    }
    lines = invoice_lines([KindSum(*row) for row in fetch(_CLAIM_TRANSFERS, parameters)], rate_bp=rate_bp)
    return InvoiceFigures(invoice.currency, lines, sum(debt for (debt,) in fetch(_CARRY, parameters)))


def _save_amounts(invoice: SalesInvoice, figures: InvoiceFigures) -> list[SalesInvoiceLine]:
    amounts = {
        "net_minor": figures.net_minor,
        "vat_minor": figures.vat_minor,
        "total_minor": figures.total_minor,
        "carried_minor": figures.carried_minor,
        "payable_minor": figures.payable_minor,
        "state": State.ISSUED if figures.payable_minor else State.SETTLED,
    }
    for name, value in amounts.items():
        setattr(invoice, name, value)
    SalesInvoice.objects.filter(seller_id=invoice.seller_id, id=invoice.id).update(**amounts)
    return SalesInvoiceLine.objects.bulk_create(
        SalesInvoiceLine(
            seller_id=invoice.seller_id,
            invoice_id=invoice.id,
            place=place,
            kind=line.kind,
            vat_category=line.vat_category,
            vat_rate_bp=line.vat_rate_bp,
            transfers=line.transfers,
            net_minor=line.net_minor,
            vat_minor=line.vat_minor,
        )
        for place, line in enumerate(figures.lines, 1)
    )


def _postings(invoice: SalesInvoice, lines: Sequence[SalesInvoiceLine]) -> list[Posting]:
    """Book the rounding of each rate's VAT, and move the total from the current account to payable."""
    rounded = [
        Posting(
            Kind.VAT_ROUNDED_UP if line.vat_minor > 0 else Kind.VAT_ROUNDED_DOWN,
            line.id,
            abs(line.vat_minor),
            vat_rate_bp=line.vat_rate_bp,
            invoice_id=invoice.id,
        )
        for line in lines
        if line.kind == InvoiceLineKind.VAT_ROUNDING
    ]
    settled = Kind.DEBT_SETTLED if invoice.total_minor > 0 else Kind.SETTLED
    return [*rounded, Posting(settled, invoice.id, abs(invoice.total_minor))]
