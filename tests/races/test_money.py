"""Concurrent write-offs, refunds, restorations and invoices: every transfer on one invoice, and all sums agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from lostpost.accounts.actor import Actor
from lostpost.customer_queries.models import CustomerQuery
from lostpost.invoicing.figures import interim_figures
from lostpost.invoicing.issue_invoice import issue_invoice
from lostpost.invoicing.models import SalesInvoice
from lostpost.invoicing.settle_invoice import mark_invoice_paid
from lostpost.ledger.models import INVOICE_LINES, Transfer
from lostpost.refunds.models import Refund
from lostpost.refunds.settle_refund import mark_refund_failed, mark_refund_paid
from lostpost.restorations.models import Restoration
from lostpost.restorations.restore_payment import restore_payment
from lostpost.restorations.settle_restoration import mark_restoration_paid, withdraw_restoration
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, all_of, an_order, silent_parcel
from tests.invoicing.selling import an_invoice, period
from tests.money.books import (
    assert_credit_notes_add_up,
    assert_everything_is_invoiced,
    assert_money_is_right,
    assert_self_checks_agree,
)
from tests.races.together import Gate, done, together, while_held

pytestmark = pytest.mark.django_db(transaction=True)
MARCH = period("2026-03")
LATE = MARCH.ends_at + timedelta(hours=1)  # March is invoiced while something of March is still being booked.
JUST_BEFORE = MARCH.ends_at - timedelta(minutes=1)
AGAIN = 4


@dataclass
class Lost:
    """An order of which one unit was written off, refunded and agreed to be paid again; two are still there."""

    query: CustomerQuery
    units: SelectedUnits
    write_off: WriteOff
    restoration: Restoration


@pytest.fixture
def orders(anna, fien) -> list[Lost]:
    return [lost(anna, fien, n) for n in range(AGAIN)]


def lost(anna: Actor, fien: Actor, n: int) -> Lost:
    query = silent_parcel(anna, quantity=3, paid_minor=100_00 + n, commission_minor=10_01, delivery_costs_minor=4_95)
    (units,) = [SelectedUnits(it.parcel, it.item, 1) for it in all_of(query)]
    recorded = write_off(query=query.number, selection=[units], by=anna, key=f"before-{n:04}", now=NOW)
    mark_refund_paid(seller_id=anna.seller_id, number=recorded.number, reference="BANK-1", by=fien, now=NOW)
    again = restore_payment(**of_restoration(anna, fien, recorded.number, key=f"agreed-{n:04}"))
    return Lost(query, units, recorded, again)


def of_restoration(anna: Actor, fien: Actor, number: str, *, key: str, reference: str = "") -> dict[str, Any]:
    return {
        "seller_id": anna.seller_id,
        "write_off": number,
        "consent": "He has it after all.",
        "consented_at": NOW,
        "reference": reference,
        "by": fien,
        "key": key,
        "now": JUST_BEFORE,
    }


def issue(anna: Actor, name: str = "2026-03") -> Callable[[], SalesInvoice | None]:
    issued_period = period(name)
    at = issued_period.ends_at + timedelta(hours=1)
    return lambda: issue_invoice(seller=anna.seller, period=issued_period, currency="EUR", now=at)


def sell(anna: Actor, number: str) -> None:
    a_parcel(an_order(anna.seller, number=number, now=JUST_BEFORE), now=JUST_BEFORE)


def assert_nothing_is_lost(anna: Actor) -> None:
    """Assert that all sums agree, and that the next invoice has all transfers not invoiced yet."""
    assert_money_is_right(anna.seller)
    assert_self_checks_agree(anna.seller)
    for name in ("2026-02", "2026-03", "2026-04"):
        issue(anna, name)()
    assert_everything_is_invoiced(anna.seller)
    assert_money_is_right(anna.seller)
    assert_credit_notes_add_up(anna.seller)
    assert_self_checks_agree(anna.seller)


@pytest.mark.parametrize("round_", range(3))
def test_concurrent_transfers_are_on_exactly_one_invoice(anna, fien, orders, round_):
    issue(anna, "2026-02")()
    of_it = {"seller_id": anna.seller_id, "by": fien, "now": JUST_BEFORE}
    calls: list[Callable[[], Any]] = [issue(anna), issue(anna), issue(anna)]
    for n, it in enumerate(orders):
        confirm = {"query": it.query.number, "selection": [it.units], "key": f"racing-{n:04}"}
        calls += [
            partial(write_off, by=anna, now=JUST_BEFORE, **confirm),
            partial(mark_restoration_paid, number=it.restoration.number, reference="tr_1", **of_it),
            partial(withdraw_restoration, number=it.restoration.number, reason="Not paid", **of_it),
            partial(sell, anna, f"B-{n}"),
        ]

    ran = together(*calls, jitter_seconds=0.1)

    assert len({invoice.id for invoice in done(ran[:3]) if invoice}) == 1, (
        "one invoice for the period, whoever issued it"
    )
    assert all(result.done for result in ran[3::4]), "nobody is refused a write-off because an invoice is issued"
    assert_nothing_is_lost(anna)


def test_the_outcome_of_a_refund_and_a_restoration_at_once(anna, fien):
    query = silent_parcel(anna, quantity=3, paid_minor=100_00)
    recorded = write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
    of_it = {"seller_id": anna.seller_id, "number": recorded.number, "by": fien, "now": NOW}
    paid = [lambda: mark_refund_paid(reference="BANK-1", **of_it)] * 3
    failed = [lambda: mark_refund_failed(problem="Account closed", **of_it)] * 3
    again = [
        partial(restore_payment, **of_restoration(anna, fien, recorded.number, key=f"again-{n:04}", reference="tr_1"))
        for n in range(6)
    ]

    ran = together(*paid, *failed, *again, issue(anna, "2026-02"), jitter_seconds=0.05)

    outcomes = [any(result.done for result in ran[:3]), any(result.done for result in ran[3:6])]
    state = Refund.objects.get(seller_id=anna.seller_id, number=recorded.number).state
    assert state == ("confirmed" if outcomes[0] else "failed"), (
        "what failed may be paid after all, and never the reverse"
    )
    assert len(done(ran[6:12])) <= outcomes[0], "restored once at most, and only what was paid"
    assert_nothing_is_lost(anna)


def test_an_invoice_is_paid_once_or_carried_over(anna, fien):
    # Given a debt on March's invoice, and sales in April
    query = silent_parcel(anna, quiet_days=12, commission_minor=0)
    an_invoice(anna.seller, "2026-02")
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
    debt = an_invoice(anna.seller, "2026-03")
    in_april = MARCH.ends_at + timedelta(days=9)
    a_parcel(an_order(anna.seller, now=in_april), now=in_april, shipped_days=1)
    paid = {"seller_id": anna.seller_id, "number": debt.number, "reference": "NL-1", "by": fien, "now": LATE}

    ran = together(*[lambda: mark_invoice_paid(**paid)] * 4, *[issue(anna, "2026-04")] * 4, jitter_seconds=0.05)

    debt.refresh_from_db()
    (april,) = {invoice.id: invoice for invoice in done(ran[4:])}.values()
    assert april.carried_minor == (25_00 if debt.state == SalesInvoice.State.CARRIED else 0)
    assert all(result.done for result in ran[:4]) == (debt.state == SalesInvoice.State.PAID)
    assert_nothing_is_lost(anna)


@pytest.mark.parametrize("held", ["the invoice", "the write-off"])
def test_a_transfer_committed_while_an_invoice_is_issued_is_on_the_next_one(anna, monkeypatch, held):
    """An invoice waits only for another one: it claims what is committed, and later transfers are not lost."""
    query = silent_parcel(anna, quiet_days=5, quantity=2)
    gate = Gate()
    if held == "the invoice":
        gate.after(monkeypatch, "lostpost.invoicing.issue_invoice", "_contents")
    else:
        gate.after(monkeypatch, "lostpost.writeoffs.write_off", "defer")
    selection = [SelectedUnits(it.parcel, it.item, 1) for it in all_of(query)]
    calls = [
        issue(anna),
        lambda: write_off(query=query.number, selection=selection, by=anna, key="meanwhile", now=JUST_BEFORE),
    ]

    first, second, waited = while_held(gate, *(calls if held == "the invoice" else reversed(calls)))

    assert (first.done, second.done, waited) == (True, True, False)
    (march,) = SalesInvoice.objects.filter(seller_id=anna.seller_id)
    assert march.total_minor == -25_00 + 3_00 + 63
    left = Transfer.objects.filter(seller_id=anna.seller_id, kind__in=list(INVOICE_LINES), invoice_id=None)
    assert left.count() == 3
    coming = interim_figures(seller_id=anna.seller_id, currency="EUR", until_at=period("2026-04").cut_off_at)
    assert coming.total_minor == 12_50 - 1_50 - 32
    assert_nothing_is_lost(anna)
