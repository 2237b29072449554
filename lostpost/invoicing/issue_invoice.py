"""Issue the sales invoice of one period in one currency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.invoice_cadence import CadenceFrom, cadence_on, cadences_of
from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.accounts.vat_treatment import ShopForVat, lacks_number, shop_for_vat
from lostpost.core.errors import Conflict
from lostpost.core.sql import execute, fetch
from lostpost.core.vat import OUTSIDE, REVERSE_CHARGE, STANDARD, VatTreatment
from lostpost.eligibility.policy import Policy
from lostpost.events.record import record_events
from lostpost.invoicing.content_hash import content_hash
from lostpost.invoicing.exchange_rates import national_vat
from lostpost.invoicing.figures import (
    OPEN,
    PASSED_THROUGH,
    TO_BE_INVOICED,
    InvoiceFigures,
    KindSum,
    first_of,
    invoice_lines,
    set_off_with,
)
from lostpost.invoicing.models import SalesInvoice, SalesInvoiceLine
from lostpost.invoicing.numbers import Series, lock_series, next_number
from lostpost.invoicing.parties import Party, marketplace_party, seller_party
from lostpost.invoicing.periods import Period, held_days, period_before
from lostpost.ledger.models import INVOICE_LINES, InvoiceLineKind, Kind
from lostpost.ledger.post_transfers import Posting, post_transfers

State = SalesInvoice.State

_STANDING = f"""
    SELECT (SELECT id FROM lostpost_salesinvoice
             WHERE seller_id = %(seller)s AND currency = %(currency)s AND period_from_on = %(from_on)s AND NOT apart),
           EXISTS (SELECT FROM lostpost_salesinvoice
                    WHERE seller_id = %(seller)s AND currency = %(currency)s AND period_from_on > %(from_on)s),
           EXISTS (SELECT FROM lostpost_salesinvoice
                    WHERE seller_id = %(seller)s AND currency = %(currency)s AND period_from_on = %(before_on)s)
           OR NOT EXISTS (SELECT FROM lostpost_transfer
                           WHERE {TO_BE_INVOICED} AND effective_at < %(before_cut_off)s
                             AND booked_at < %(before_ends)s),
           EXISTS (SELECT FROM lostpost_transfer WHERE {TO_BE_INVOICED})
"""  # noqa: S608  Of nothing but our own words.
# What is added up is what is marked: a transfer that commits in between is on the next invoice. Nobody else marks any,
# as the series is locked, and no transfer ever changes otherwise.
_TRANSFERS = f"""
    SELECT kind, vat_category, vat_rate_bp, count(*), sum(amount_minor)::bigint, min(effective_at), array_agg(id)
      FROM lostpost_transfer
     WHERE {TO_BE_INVOICED}
     GROUP BY kind, vat_category, vat_rate_bp
"""  # noqa: S608
_CLAIM_TRANSFERS = """
    UPDATE lostpost_transfer SET invoice_id = %(invoice)s WHERE seller_id = %(seller)s AND id = ANY(%(transfers)s)
"""
_NUMBER_AS_BOOKED = """
    SELECT vat_number FROM lostpost_sale
     WHERE seller_id = %(seller)s AND commission_vat_category = 'AE' AND vat_number <> ''
     ORDER BY booked_at DESC, id DESC LIMIT 1
"""
_CARRY = """
    UPDATE lostpost_salesinvoice SET state = 'carried', carried_to_id = %(invoice)s
     WHERE seller_id = %(seller)s AND id = ANY(%(set_off)s)
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


class VatNumberMissing(Conflict):
    """The shop is elsewhere in the Union and has no valid VAT number, and the operator invoices none of these."""

    code = "vat-number-missing"


class _Standing(NamedTuple):
    issued_id: UUID | None
    later_issued: bool
    earlier_done: bool
    anything: bool


_KindSumWithIds = tuple[KindSum, Sequence[UUID]]


class _Contents(NamedTuple):
    """What an invoice is about: its figures, and the rows behind them."""

    apart: bool  # Whether it stands beside the period's invoice, over what is outside the scope of VAT.
    figures: InvoiceFigures
    transfers: list[UUID]
    set_off: list[UUID]  # Earlier invoices that it takes over; locked until commit.


@transaction.atomic(durable=True)
def issue_invoice(*, seller: Seller, period: Period, currency: str, now: datetime) -> SalesInvoice | None:
    """Issue the invoice over all that happened before the period's cut-off and is not invoiced yet, and settle it.

    A repeat returns the same invoice. None where there is nothing to invoice: a debt alone stays on its invoice, as an
    invoice needs a line (EN 16931, BR-16). None, too, where a later period was invoiced already: what was reported too
    late is on the next invoice. Periods are invoiced in their order, so that each invoice is about its own; an earlier
    one is not issued implicitly, as it has its own date and number.

    Where some commission is outside the scope of VAT and other is not, as of a shop that has moved, the former has an
    invoice of its own, issued first: no other category may stand beside O (EN 16931, BR-O-11). The other one is
    returned.

    Raises: PeriodNotEnded, PeriodOfAnotherCadence, EarlierPeriodFirst, VatNumberMissing,
    ExchangeRateMissing; none of them uses a number.
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
    shop = shop_for_vat(seller)
    invoices, events = [], []
    sums = [(KindSum(*row), ids) for *row, ids in fetch(_TRANSFERS, parameters)]
    for apart, part in _parts(sums):
        contents = _contents(apart, part, parameters, rate_bp=policy.commission_vat_rate_bp)
        if policy.commission_without_vat_number == "refuse":
            _require_vat_number(seller, shop, contents.figures)
        customer = {
            **seller_party(seller),
            "code": seller.code,
            **_vat_number_as_booked(seller.id, shop, contents.figures),
        }
        held = held_days(period, before, policy.zone, first_at=contents.figures.first_at)
        invoice = _save_invoice(seller, period, held, contents, customer, policy, now)
        lines = _save_lines(invoice, contents.figures)
        _claim(invoice, contents)
        post_transfers(_postings(invoice, lines), seller_id=seller.id, currency=currency, now=now)
        invoices.append(invoice)
        events.append(("invoice.issued", _event_data(invoice, lines, period)))
    record_events(seller.id, events, now)  # The last lock.
    return invoices[-1]


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


def _require_vat_number(seller: Seller, shop: ShopForVat, figures: InvoiceFigures) -> None:
    """Refuse to charge VAT to a shop elsewhere in the Union that has no valid number. Raises: VatNumberMissing."""
    if lacks_number(shop) and any(line.vat_category == STANDARD for line in figures.lines):
        raise VatNumberMissing(
            _(
                "%(seller)s is in another country of the European Union and has no valid VAT number: the policy has "
                "such shops not invoiced. Put its number into its legal data, or let the policy charge VAT instead."
            )
            % {"seller": seller.name}
        )


def _parts(sums: Sequence[_KindSumWithIds]) -> Iterator[tuple[bool, Sequence[_KindSumWithIds]]]:
    """Split the sums over the invoices on which they stand: what is outside the scope of VAT apart, and first."""
    outside = [each for each in sums if each[0].vat_category == OUTSIDE]
    others = [each for each in sums if each[0].vat_category != OUTSIDE]
    if outside and any(INVOICE_LINES[Kind(each.kind)][0] not in PASSED_THROUGH for each, _ids in others):
        yield True, outside
        yield False, others
    else:
        yield False, sums


def _contents(
    apart: bool, sums: Sequence[_KindSumWithIds], parameters: Mapping[str, Any], *, rate_bp: int
) -> _Contents:
    """Add up the transfers to be invoiced, and the earlier invoices to set off with it."""
    lines = invoice_lines([each for each, _ids in sums], rate_bp=rate_bp)
    total_minor = sum(line.net_minor + line.vat_minor for line in lines)
    set_off = [] if apart else set_off_with(total_minor, fetch(f"{OPEN} FOR UPDATE", parameters))
    carried_minor = sum(payable_minor for _id, payable_minor in set_off)
    figures = InvoiceFigures(parameters["currency"], lines, carried_minor, first_of(each for each, _ids in sums))
    transfers = [each for _sum, ids in sums for each in ids]
    return _Contents(apart, figures, transfers, [invoice_id for invoice_id, _payable in set_off])


def _vat_number_as_booked(seller_id: UUID, shop: ShopForVat, figures: InvoiceFigures) -> dict[str, str]:
    """Return the VAT number under which commission was booked as reverse charged, where the shop has it no more."""
    if shop.number_elsewhere or all(line.vat_category != REVERSE_CHARGE for line in figures.lines):
        return {}
    ((number,),) = fetch(_NUMBER_AS_BOOKED, {"seller": seller_id})
    return {"vat_number": number}


def _event_data(invoice: SalesInvoice, lines: Sequence[SalesInvoiceLine], period: Period) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "period": period.name,
        "currency": invoice.currency,
        "payable_minor": invoice.payable_minor,
        "sha256": content_hash(invoice, lines),
    }


def _save_invoice(
    seller: Seller,
    period: Period,
    held: tuple[date, date],
    contents: _Contents,
    customer: Party,
    policy: Policy,
    now: datetime,
) -> SalesInvoice:
    """Insert the invoice with its number and its sums."""
    figures, issued_on = contents.figures, now.astimezone(policy.zone).date()
    due = figures.payable_minor > 0 and policy.debt_due_days > 0
    national = national_vat(figures.vat_minor, figures.currency, on=issued_on)
    return SalesInvoice.objects.create(
        seller=seller,
        number=next_number(seller, Series.SALES_INVOICE),
        currency=figures.currency,
        apart=contents.apart,
        cadence=period.cadence,
        period_from_on=period.from_on,
        period_to_on=period.to_on,
        cut_off_at=period.cut_off_at,
        held_from_on=held[0],
        held_to_on=held[1],
        issued_on=issued_on,
        issued_at=now,
        due_on=issued_on + timedelta(days=policy.debt_due_days) if due else None,
        net_minor=figures.net_minor,
        vat_minor=figures.vat_minor,
        total_minor=figures.total_minor,
        carried_minor=figures.carried_minor,
        payable_minor=figures.payable_minor,
        state=State.ISSUED if figures.payable_minor else State.SETTLED,
        supplier=marketplace_party(),
        customer=customer,
        national_currency=national.currency if national else "",
        national_vat_minor=national.vat_minor if national else 0,
        exchange_rate=national.rate if national else None,
        exchange_rate_on=national.rate_on if national else None,
    )


def _claim(invoice: SalesInvoice, contents: _Contents) -> None:
    """Mark what is on the invoice: its transfers, and the earlier invoices that are set off with it."""
    keys = {"seller": invoice.seller_id, "invoice": invoice.id}
    execute(_CLAIM_TRANSFERS, {**keys, "transfers": contents.transfers})
    if contents.set_off:
        execute(_CARRY, {**keys, "set_off": contents.set_off})


def _save_lines(invoice: SalesInvoice, figures: InvoiceFigures) -> list[SalesInvoiceLine]:
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
            vat=VatTreatment(line.vat_category, line.vat_rate_bp),
            invoice_id=invoice.id,
        )
        for line in lines
        if line.kind == InvoiceLineKind.VAT_ROUNDING
    ]
    settled = Kind.DEBT_SETTLED if invoice.total_minor > 0 else Kind.SETTLED
    return [*rounded, Posting(settled, invoice.id, abs(invoice.total_minor))]
