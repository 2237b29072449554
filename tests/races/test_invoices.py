"""Invoices that are issued, paid and carried over concurrently."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from lostpost.events.models import Event
from lostpost.invoicing.models import SalesInvoice
from lostpost.invoicing.settle_invoice import mark_invoice_paid
from lostpost.ledger.models import INVOICE_LINES, Account, Transfer
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, silent_parcel
from tests.invoicing.selling import an_invoice, assert_explained, issued, on, owed, sold
from tests.races.together import together

pytestmark = [pytest.mark.django_db(transaction=True)]
ROUNDS = 6


def test_a_period_is_issued_once(anna):
    for day in range(3, 9):
        sold(anna.seller, on(day), paid_minor=1_00, commission_minor=12)

    ran = together(*[partial(issued, anna.seller, "2026-03")] * 4)

    (invoice,) = SalesInvoice.objects.filter(seller_id=anna.seller_id)
    assert [it.value for it in ran] == [invoice] * 4
    assert_explained(invoice)
    assert Event.objects.filter(seller_id=anna.seller_id, type="invoice.issued").count() == 1
    assert owed(anna.seller, Account.SELLER) == 0


def test_two_currencies_at_once_have_numbers_without_a_gap(anna):
    for currency in ("EUR", "BRL", "JPY"):
        sold(anna.seller, on(3), currency=currency)

    together(*(partial(issued, anna.seller, "2026-03", currency=it) for it in ("EUR", "BRL", "JPY")))

    numbers = SalesInvoice.objects.filter(seller_id=anna.seller_id).values_list("number", flat=True)
    assert sorted(numbers) == [f"INV-lampenhuis-0000{n}" for n in (1, 2, 3)]


def test_a_write_off_during_the_issue_of_its_period_is_on_one_invoice(anna):
    for turn in range(ROUNDS):
        month = 3 + turn
        ends = NOW.replace(month=month + 1, day=1)
        now = ends - timedelta(hours=13)  # Before the period ends, as seen by the one who confirms.
        query = silent_parcel(anna, quiet_days=5, now=now, number=f"RACE-{turn}")

        confirm = partial(write_off, query=query.number, selection=all_of(query), by=anna, now=now)
        confirmed, _issued = together(
            partial(confirm, key=f"confirm-{query.number}"),
            partial(issued, anna.seller, f"2026-{month:02}"),
            jitter_seconds=0.03,
        )

        assert confirmed.done
    last = an_invoice(anna.seller, f"2026-{3 + ROUNDS:02}") if _left(anna) else None
    assert _left(anna) == 0
    invoices = list(SalesInvoice.objects.filter(seller_id=anna.seller_id))
    for invoice in invoices:
        assert_explained(invoice)
    corrected = sum(
        it.net_minor for invoice in invoices for it in invoice.lines.all() if it.kind == "CORRECTION_TURNOVER"
    )
    assert corrected == ROUNDS * 25_00
    assert owed(anna.seller, Account.SELLER) == 0
    assert last is None or last.number.endswith(f"{len(invoices):05d}")


def test_a_debt_is_paid_or_carried_over(anna, fien):
    debts = 0
    for turn in range(ROUNDS):
        month = 2 + 2 * turn if turn < 5 else 12
        if month > 10:
            break
        now = NOW.replace(month=month + 1)
        query = silent_parcel(anna, quiet_days=12, commission_minor=0, now=now, number=f"DEBT-{turn}")
        credit = an_invoice(anna.seller, f"2026-{month:02}")
        if credit.payable_minor < 0:  # Paid out: what is open is set off with the debt, and none is left.
            mark_invoice_paid(seller_id=anna.seller_id, number=credit.number, reference="bank", by=fien, now=now)
        write_off(query=query.number, selection=all_of(query), by=anna, key=f"confirm-{turn}-x", now=now)
        debt = an_invoice(anna.seller, f"2026-{month + 1:02}")
        if debt.payable_minor <= 0:
            continue
        debts += 1
        sold(anna.seller, on(3, month + 2), paid_minor=1_00, commission_minor=0)
        pay = partial(mark_invoice_paid, seller_id=anna.seller_id, number=debt.number, reference="bank", by=fien)
        paid, following = together(
            partial(pay, now=timezone.now()),
            partial(issued, anna.seller, f"2026-{month + 2:02}"),
            jitter_seconds=0.02,
        )
        debt.refresh_from_db()
        assert debt.state == ("paid" if paid.done else "carried")
        assert following.value.carried_minor == (0 if paid.done else debt.payable_minor)
    assert debts
    booked = Transfer.objects.filter(seller_id=anna.seller_id, kind="debt_paid").count()
    assert booked == SalesInvoice.objects.filter(seller_id=anna.seller_id, state="paid", payable_minor__gt=0).count()


def _left(member) -> int:
    kinds = [kind.value for kind in INVOICE_LINES]
    return Transfer.objects.filter(seller_id=member.seller_id, invoice_id=None, kind__in=kinds).count()
