"""The money of the demo: periods invoiced and paid out, and payments restored for goods that turned up."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from lostpost.accounts.invoice_cadence import CadenceFrom, cadences_of
from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.core.sql import execute
from lostpost.invoicing.exchange_rates import put_exchange_rates
from lostpost.invoicing.issue_invoice import issue_invoice
from lostpost.invoicing.models import SalesInvoice
from lostpost.invoicing.periods import Period, periods_from
from lostpost.invoicing.reads import currencies_of
from lostpost.invoicing.settle_invoice import mark_invoice_paid
from lostpost.management.demo.stage import END, Stage
from lostpost.refunds.models import Refund
from lostpost.restorations.restore_payment import restore_payment
from lostpost.writeoffs.models import WriteOff

_KRONER = Decimal("7.46")  # For one euro.
_LONGEST = timedelta(days=120)  # Nothing in the demo is older.
_ISSUED_AFTER, _PAID_AFTER = timedelta(hours=4), timedelta(days=3)
# The plan books all parcels at once; a shop's software does so day by day, and so does the statement here.
_AS_IT_HAPPENED = """
    UPDATE lostpost_transfer SET booked_at = effective_at WHERE seller_id = %s AND booked_at > effective_at
"""


def settle(stage: Stage) -> None:
    """Issue the invoices of all periods that ended, pay out all but the newest, and restore some payments."""
    seller, now = stage.seller, stage.calendar.at(END)
    execute(_AS_IT_HAPPENED, (seller.id,))
    for period in _ended(seller, now):
        issued_at = min(period.ends_at + _ISSUED_AFTER, now)
        rates_on = issued_at.astimezone(current_policy().zone).date()
        put_exchange_rates(rates={"DKK": _KRONER}, on=rates_on, source="made up for the demo", now=issued_at)
        for currency in currencies_of(seller.id, period):
            issue_invoice(seller=seller, period=period, currency=currency, now=issued_at)
    _pay(stage, now)
    _restore(stage, now - timedelta(hours=4))  # Before the day of the demo begins.


def _ended(seller: Seller, now: datetime) -> list[Period]:
    zone = current_policy().zone
    first = (now - _LONGEST).astimezone(zone).date()
    ended = []
    for period in periods_from(cadences_of(seller.id) or [CadenceFrom(first, seller.invoice_cadence)], first, zone):
        if period.ends_at > now:
            break
        ended.append(period)
    return ended


def _pay(stage: Stage, now: datetime) -> None:
    unpaid = SalesInvoice.objects.filter(seller_id=stage.seller.id, state="issued", payable_minor__lt=0)
    for invoice in unpaid.order_by("-issued_at", "-id")[1:]:
        mark_invoice_paid(
            seller_id=stage.seller.id,
            number=invoice.number,
            reference=f"BANK-{invoice.number[-5:]}",
            by=stage.staff["fien"],
            now=min(invoice.issued_at + _PAID_AFTER, now),
        )


def _restore(stage: Stage, now: datetime) -> None:
    """Let two customers have their goods after all: one has paid again, the other has only agreed to."""
    paid = Refund.objects.filter(seller_id=stage.seller.id, state="confirmed").order_by("requested_at", "id")
    for refund, reference in zip(paid[:2], ("tr_WDqYK6vllg", ""), strict=False):
        write_off = WriteOff.objects.get(seller_id=stage.seller.id, refund_id=refund.id)
        restore_payment(
            seller_id=stage.seller.id,
            write_off=write_off.number,
            selection=[],
            consent="Per telefoon: het pakket is er toch, schrijf het maar weer af.",
            consented_at=now - timedelta(days=1),
            reference=reference,
            by=stage.staff["pia"],
            key=f"demo-restore-{write_off.number}",
            now=now,
        )
