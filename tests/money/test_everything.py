"""Money all the way, in any order: sales, losses, refunds, restorations and invoices as hypothesis thinks of them.

Amounts are compared with what the records say after every step, and at the end everything there is gets invoiced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lostpost.accounts.actor import Actor, ActorRole
from lostpost.accounts.models import Member
from lostpost.accounts.policy import change_policy
from lostpost.answering.start_contact import start_contact
from lostpost.intake.put_orders import put_order
from lostpost.intake.put_parcels import put_parcel
from lostpost.intake.put_returns import put_return
from lostpost.invoicing.issue_invoice import PeriodNotEnded, issue_invoice
from lostpost.invoicing.models import SalesInvoice
from lostpost.invoicing.settle_invoice import InvoiceSettled, mark_invoice_paid
from lostpost.jobs.documents import issue_credit_notes_of_order_job
from lostpost.orders.data import CustomerInvoiceData, ItemData, OrderData, ParcelData, ReturnData, UnitData
from lostpost.orders.models import Order
from lostpost.refunds.settle_refund import mark_refund_failed, mark_refund_paid, retry_refund
from lostpost.refunds.transitions import fail_refund, lock_refund
from lostpost.restorations.restore_payment import restore_payment
from lostpost.restorations.settle_restoration import mark_restoration_paid, withdraw_restoration
from lostpost.writeoffs.credit_customer import credit_customer
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import KLAAS
from tests.money.announced import ended_periods, issue_as_announced, periods
from tests.money.books import (
    assert_credit_notes_add_up,
    assert_money_is_right,
    assert_self_checks_agree,
)
from tests.money.machine import CURRENCIES, ShopMachine, attempt
from tests.money.shops import PLACES, charged, charged_items, shop_at
from tests.searching import examples

pytestmark = pytest.mark.fuzz

FEES = st.one_of(st.integers(0, 3_000), st.integers(1, 30))
ITEMS = st.lists(  # Quantity, paid, commission.
    st.tuples(st.integers(1, 4), st.integers(0, 20_000), FEES), min_size=1, max_size=3
)
INVOICE = CustomerInvoiceData("2026-0042", date(2026, 2, 1), name="Vaak Verlichting B.V.")


class Money(ShopMachine):
    """One shop that sells in three currencies, its customers, finance, and a calendar."""

    @initialize(cadence=st.sampled_from(["monthly", "twice_a_month"]), items=ITEMS, data=st.data())
    def open_shop(self, cadence, items, data):
        """Begin with a silent order that is partly written off, as most paths start there."""
        self.cadence = cadence
        self.seller = shop_at(self.place, self.cadence, self.now)
        self.anna = Actor.of_member(Member.objects.create(seller=self.seller, user_id=1, name="Anna", role="owner"))
        self.fien = Actor("Fien", ActorRole.FINANCE, user_id=2)
        self.sell(items, data, currency="EUR", delivery=4_95, days=8, to_business=True, all_of_it=True)
        self.write_off(data)

    @rule(
        items=ITEMS,
        data=st.data(),
        currency=st.sampled_from(CURRENCIES),
        delivery=st.sampled_from([4_95, 0]),
        days=st.integers(0, 20),
        to_business=st.booleans(),
        all_of_it=st.booleans(),
    )
    def sell(self, items, data, currency, delivery, days, to_business, all_of_it):
        """Sell and ship, and open a query; all of it may be reported weeks later."""
        number = f"A-{1 + len(self.orders)}"
        lines = [
            ItemData(str(n), f"Lamp {n}", quantity, paid, fee, vat_rate_bp=data.draw(st.sampled_from([2100, 900])))
            for n, (quantity, paid, fee) in enumerate(items, 1)
        ]
        order = OrderData(
            number,
            self.now - timedelta(days=days, hours=1),
            currency,
            "Klaas de Vries",
            KLAAS,
            lines,
            delivery,
            customer_invoice=INVOICE if to_business else None,
        )
        put_order(seller=self.seller, order=order, now=self.now)
        self.orders[number] = order
        self.send(data, order=order, days=days, all_of_it=all_of_it)
        self.queries[number] = start_contact(
            order_number=number,
            subject="Where is it?",
            message="We are asking the carrier.",
            leave_open=True,
            by=self.anna,
            key=self.key(),
            now=self.now,
        ).number

    def send(self, data: st.DataObject, *, order: OrderData, days: int, all_of_it: bool = False) -> None:
        units = [
            UnitData(it.item, it.quantity if all_of_it else data.draw(st.integers(1, it.quantity)))
            for it in order.items
            if all_of_it or data.draw(st.booleans())
        ]
        if not units:
            return
        code = f"P-{1 + len(self.parcels)}"
        shipped_at = max(order.placed_at, self.now - timedelta(days=days))
        self.put_parcel(ParcelData(code, order.number, "own", shipped_at, units, "DPD", f"TT-{code}"))

    def put_parcel(self, parcel: ParcelData) -> None:
        if attempt(lambda: put_parcel(seller=self.seller, parcel=parcel, now=self.now)):
            self.parcels[parcel.code] = parcel
            for unit in parcel.units:
                self.charged.setdefault((parcel.order_number, unit.item), charged(self.place, self.rate_bp))

    @rule(data=st.data(), days=st.integers(0, 20))
    def send_more(self, data, days):
        self.send(data, order=self.one_of(data, self.orders), days=days)

    @precondition(lambda self: self.parcels)
    @rule(data=st.data())
    def correct_parcel(self, data):
        """Correct the units of a parcel, or the time of its hand-over."""
        parcel = self.one_of(data, self.parcels)
        chosen = data.draw(st.dictionaries(st.sampled_from(["1", "2", "3"]), st.integers(1, 4), min_size=1))
        units = [UnitData(*unit) for unit in sorted(chosen.items())]
        shipped_at = parcel.shipped_at - timedelta(hours=data.draw(st.sampled_from([0, 0, 5])))
        self.put_parcel(replace(parcel, units=units, shipped_at=shipped_at))

    @rule(
        data=st.data(),
        paid=st.integers(0, 20_000),
        fee=FEES,
        what=st.sampled_from(["amounts", "amounts", "quantity", "cancel", "delivery", "currency", "without", "with"]),
    )
    def correct_order(self, data, paid, fee, what):
        order = self.one_of(data, self.orders)
        at = data.draw(st.integers(0, len(order.items) - 1))
        items = list(order.items)
        if what == "amounts":
            items[at] = replace(items[at], paid_minor=paid, commission_minor=fee)
        if what == "cancel":
            items[at] = replace(items[at], quantity_cancelled=data.draw(st.integers(0, items[at].quantity)))
        if what == "quantity":
            items[at] = replace(items[at], quantity=data.draw(st.integers(1, 5)))
        if what == "without" and len(items) > 1:
            del items[at]
        if what == "with" and (left := {"1", "2", "3"} - {it.item for it in items}):
            items.append(replace(items[at], item=min(left), paid_minor=paid, commission_minor=fee))
        changed = replace(order, items=items)
        if what == "delivery":
            changed = replace(order, delivery_costs_minor=paid)
        if what == "currency":
            changed = replace(order, currency=data.draw(st.sampled_from(CURRENCIES)))
        if attempt(lambda: put_order(seller=self.seller, order=changed, now=self.now)):
            self.orders[order.number] = changed
            for item in {it.item for it in order.items} - {it.item for it in changed.items}:
                self.charged.pop((order.number, item), None)

    @precondition(lambda self: self.parcels)
    @rule(data=st.data(), quantity=st.integers(1, 3), status=st.sampled_from(["announced", "received"]))
    def send_back(self, data, quantity, status):
        parcel = self.one_of(data, self.parcels)
        item = data.draw(st.sampled_from([unit.item for unit in parcel.units]))
        units = [UnitData(item, quantity, parcel.code)]
        self.put_return(ReturnData(f"R-{1 + len(self.returns)}", parcel.order_number, status, units))

    @precondition(lambda self: self.returns)
    @rule(data=st.data(), status=st.sampled_from(["received", "received", "cancelled", "announced"]))
    def change_return(self, data, status):
        self.put_return(replace(self.one_of(data, self.returns), status=status))

    def put_return(self, return_: ReturnData) -> None:
        if attempt(lambda: put_return(seller=self.seller, data=return_, now=self.now)):
            self.returns[return_.code] = return_

    # Write-offs and restorations

    @rule(data=st.data())
    def write_off(self, data):
        order = self.one_of(data, self.orders)
        units = [
            (it.code, unit) for it in self.parcels.values() if it.order_number == order.number for unit in it.units
        ]
        if not units:
            return
        chosen = data.draw(st.lists(st.sampled_from(units), min_size=1, max_size=3, unique_by=str))
        selection = [SelectedUnits(code, unit.item, data.draw(st.integers(1, unit.quantity))) for code, unit in chosen]
        request: dict[str, Any] = {"query": self.queries[order.number], "by": self.anna, "now": self.now}
        if recorded := attempt(lambda: write_off(selection=selection, key=self.key(), **request)):
            self.write_offs.append((recorded, selection))

    @precondition(lambda self: self.write_offs)
    @rule(data=st.data(), what=st.sampled_from(["pay", "pay", "pay", "fail", "came back", "retry"]))
    def settle_refund(self, data, what):
        number = self.one_of(data, self.write_offs)[0].number
        of_it = self.of_finance(number)
        commands: dict[str, Callable[[], Any]] = {
            "pay": lambda: mark_refund_paid(reference=f"BANK-{number}", **of_it),
            "fail": lambda: mark_refund_failed(problem="Account closed", **of_it),
            "came back": lambda: self.come_back(number),
            "retry": lambda: retry_refund(**of_it),
        }
        attempt(commands[what])

    def come_back(self, number: str) -> None:
        """Let the provider report that a paid refund was returned."""
        refund = lock_refund(seller_id=self.seller.id, number=number)
        if refund.amount_minor:
            fail_refund(refund, problem="Account closed", by=None, now=self.now)

    @precondition(lambda self: self.write_offs)
    @rule(data=st.data())
    def credit(self, data):
        original = self.one_of(data, self.write_offs)[0]
        attempt(lambda: credit_customer(seller_id=self.seller.id, write_off_id=original.id, now=self.now))

    @rule(data=st.data())
    def name_invoice_late(self, data):
        """Say after all that the customer of an order got an invoice."""
        order = self.one_of(data, self.orders)
        changed = replace(order, customer_invoice=INVOICE)
        if attempt(lambda: put_order(seller=self.seller, order=changed, now=self.now)):
            self.orders[order.number] = changed

    @rule(data=st.data())
    def issue_documents(self, data):
        """Do the job of an order: credit notes that are due, and invoices over what was paid again."""
        number = self.one_of(data, self.orders).number
        order_id = Order.objects.get(seller_id=self.seller.id, number=number).id
        issue_credit_notes_of_order_job(seller=str(self.seller.id), order=str(order_id))
        assert_credit_notes_add_up(self.seller)

    @precondition(lambda self: self.write_offs)
    @rule(data=st.data(), paid=st.booleans(), everything=st.booleans())
    def restore(self, data, paid, everything):
        original, selected = self.one_of(data, self.write_offs)
        units = data.draw(st.sampled_from(selected))
        selection = [] if everything else [replace(units, quantity=data.draw(st.integers(1, units.quantity)))]
        attempt(lambda: mark_refund_paid(**self.of_finance(original.number), reference=f"BANK-{original.number}"))
        restored = attempt(
            lambda: restore_payment(
                seller_id=self.seller.id,
                write_off=original.number,
                selection=selection,
                consent="He has it after all.",
                consented_at=self.now,
                reference="tr_1" if paid else "",
                by=self.fien,
                key=self.key(),
                now=self.now,
            )
        )
        if restored:
            self.restorations.append(restored.number)

    @precondition(lambda self: self.restorations)
    @rule(data=st.data(), paid=st.booleans())
    def settle_restoration(self, data, paid):
        of_it = self.of_finance(self.one_of(data, self.restorations))
        if paid:
            attempt(lambda: mark_restoration_paid(reference="tr_2", **of_it))
        else:
            attempt(lambda: withdraw_restoration(reason="He does not pay", **of_it))

    # Finance and the calendar

    @rule(data=st.data(), currency=st.sampled_from(CURRENCIES), back=st.sampled_from([0, 0, 0, 1, 2]))
    def issue(self, data, currency, back):
        ended = ended_periods(self.seller, self.now)
        if back < len(ended):
            assert_self_checks_agree(self.seller)
            issue_as_announced(self.seller, ended[-1 - back], currency, self.now)
            assert_self_checks_agree(self.seller)

    @rule(currency=st.sampled_from(CURRENCIES))
    def issue_too_early(self, currency):
        running = periods(self.seller, self.now)[-1]
        with pytest.raises(PeriodNotEnded):
            issue_invoice(seller=self.seller, period=running, currency=currency, now=self.now)

    @precondition(lambda self: SalesInvoice.objects.filter(seller_id=self.seller.id).exists())
    @rule(data=st.data())
    def pay(self, data):
        number = self.one_of(data, SalesInvoice.objects.filter(seller_id=self.seller.id).order_by("number")).number
        before = SalesInvoice.objects.get(seller_id=self.seller.id, number=number)
        of_it = {**self.of_finance(number), "reference": f"NL-{number}"}
        if before.state in ("issued", "paid"):
            assert mark_invoice_paid(**of_it).state == SalesInvoice.State.PAID
        else:
            with pytest.raises(InvoiceSettled):
                mark_invoice_paid(**of_it)

    @rule(cadence=st.sampled_from(["monthly", "twice_a_month"]))
    def ask_for_another_cadence(self, cadence):
        self.cadence = cadence
        self.seller = shop_at(self.place, self.cadence, self.now)

    @rule(place=st.sampled_from(list(PLACES)))
    def move(self, place):
        """Move to another country, register for VAT, or lose the number."""
        self.place = place
        self.seller = shop_at(self.place, self.cadence, self.now)

    @rule(rate=st.sampled_from([2100, 2100, 900]), delivery=st.sampled_from(["whole-order", "never"]))
    def decide(self, rate, delivery):
        values = {"commission_vat_rate_bp": rate, "refund_delivery_costs": delivery}
        attempt(lambda: change_policy(values=values, reason="Another view", by="Olga", now=self.now))
        self.rate_bp = rate

    @rule(hours=st.sampled_from([1, 24, 100, 10 * 24, 20 * 24]))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @invariant()
    def money_is_right(self):
        if hasattr(self, "seller"):
            assert_money_is_right(self.seller)
            items = charged_items(self.seller)
            assert items == {key: self.charged[key] for key in items}, "corrections keep what was booked"


@pytest.mark.django_db
def test_every_cent_is_explained_in_any_order_of_commands():
    run_state_machine_as_test(
        Money,
        settings=settings(
            max_examples=examples(4),
            stateful_step_count=35,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        ),
    )
