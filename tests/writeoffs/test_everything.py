"""Run all commands of a shop in random order, against a reference model.

After every step the units and amounts in the database must be those of the model.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lostpost.accounts.policy import change_policy
from lostpost.audit.verify import verify
from lostpost.core.errors import Refused
from lostpost.customer_queries.models import CustomerQuery, Mail
from lostpost.orders.models import OrderItem
from lostpost.refunds.models import Refund
from lostpost.refunds.settle_refund import RefundSettled, mark_refund_failed, mark_refund_paid, retry_refund
from lostpost.restorations.models import RestorationLine
from lostpost.restorations.restore_payment import restore_payment
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.preview_write_off import preview_write_off
from lostpost.writeoffs.selection import ChangedSincePreview, SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.money.books import assert_what_is_left_is_worth_its_units
from tests.searching import examples
from tests.writeoffs.reference_model import Box, Sale, books_of, counted_units, expected_units, may_be_lost, turnover_of
from tests.writeoffs.selling_machine import SellingMachine

pytestmark = pytest.mark.fuzz


class Shop(SellingMachine):
    """One shop with its customers, carrier, finance and operator."""

    def eligible(self) -> list[tuple[str, Box, str]]:
        """Return the units that may be written off now: query, parcel and item."""
        return [
            (number, box, unit.item)
            for number, of_order in self.queries.items()
            for box in self.sales[of_order].boxes.values()
            for unit in box.data.units
            if box.left(unit.item) and self.allowed(self.sales[of_order], box) and self.in_hand(number)
        ]

    @precondition(lambda self: self.eligible())
    @rule(data=st.data(), shown=st.booleans(), together=st.integers(1, 3))
    def write_off(self, data, shown, together):
        units = self.eligible()
        number = data.draw(st.sampled_from(units))[0]
        chosen = data.draw(st.permutations([it for it in units if it[0] == number]))[:together]
        selection = [
            SelectedUnits(box.data.code, item, data.draw(st.sampled_from([1, box.left(item)])))
            for _number, box, item in chosen
        ]
        request = {"query": number, "selection": selection, "by": self.anna, "key": self.key(), "now": self.now}
        if shown:
            preview = preview_write_off(query=number, selection=selection, by=self.anna, now=self.now)
            request["token"] = preview.token
        recorded = write_off(**request)
        if shown:
            assert recorded.refund_minor == preview.amounts.refund_minor
        self.record_in_model(self.sales[self.queries[number]], recorded, selection)
        self.confirmed.append((request, recorded))

    @precondition(lambda self: self.queries)
    @rule(data=st.data(), more=st.integers(0, 2))
    def write_off_ineligible_units(self, data, more):
        number = data.draw(st.sampled_from(list(self.queries)))
        sale = self.sales[self.queries[number]]
        units = [(box, unit.item) for box in sale.boxes.values() for unit in box.data.units]
        if not units:
            return
        box, item = data.draw(st.sampled_from(units))
        quantity = box.left(item) + more
        if not (self.in_hand(number) and self.allowed(sale, box) and 1 <= quantity <= box.left(item)):
            selection = [SelectedUnits(box.data.code, item, quantity)]
            with pytest.raises(Refused):
                write_off(query=number, selection=selection, by=self.anna, key=self.key(), now=self.now)

    @precondition(lambda self: any(it.total() and self.refunds[of] == "confirmed" for of, it in self.lost.items()))
    @rule(data=st.data(), all_of_it=st.booleans())
    def pay_again(self, data, all_of_it):
        """Let a customer who has the goods after all pay for them again."""
        paid = [of for of, units in self.lost.items() if units.total() and self.refunds[of] == "confirmed"]
        number = data.draw(st.sampled_from(paid))
        units = Counter({of: count for of, count in self.lost[number].items() if count})
        if not all_of_it:
            parcel_and_item = data.draw(st.sampled_from(sorted(units)))
            units = Counter({parcel_and_item: data.draw(st.integers(1, units[parcel_and_item]))})
        restored = restore_payment(
            seller_id=self.seller.id,
            write_off=number,
            selection=[SelectedUnits(parcel, item, count) for (parcel, item), count in units.items()],
            consent="He has it after all.",
            consented_at=self.now,
            reference="tr_1",
            by=self.anna,
            key=self.key(),
            now=self.now,
        )
        sale = self.sales[self.queries[number.rpartition("-")[0]]]
        self.lost[number] -= units
        self.paid_again[restored.currency] += restored.amount_minor
        for line in RestorationLine.objects.filter(restoration_id=restored.id).select_related(
            "write_off_line__order_item", "write_off_line__parcel_unit__parcel"
        ):
            item = line.write_off_line.order_item.item
            sale.refunded_minor[item] -= line.refund_minor
            sale.boxes[line.write_off_line.parcel_unit.parcel.code].written_off[item] -= line.quantity
        if restored.delivery_minor:
            sale.delivery_refunded = False
        standing, original = self.lost[number].total(), WriteOff.objects.get(seller_id=self.seller.id, number=number)
        assert bool(restored.delivery_minor) == (not standing and bool(original.delivery_refund_minor))

    def in_hand(self, number: str) -> bool:
        return CustomerQuery.objects.get(seller_id=self.seller.id, number=number).state == "open"

    def allowed(self, sale: Sale, box: Box) -> bool:
        quiet_days, after_delivery = self.policy["quiet_days"], self.policy["allow_after_delivery"]
        return may_be_lost(sale, box, self.now, quiet_days=quiet_days, allow_after_delivery=after_delivery)

    @precondition(lambda self: self.confirmed)
    @rule(data=st.data())
    def repeat(self, data):
        request, recorded = data.draw(st.sampled_from(self.confirmed))
        assert write_off(**{**request, "now": self.now}) == recorded

    @precondition(lambda self: self.confirmed)
    @rule(data=st.data())
    def confirm_with_an_outdated_token(self, data):
        request, _recorded = data.draw(st.sampled_from(self.confirmed))
        if request.get("token") and self.in_hand(request["query"]):
            with pytest.raises(ChangedSincePreview):
                write_off(**{**request, "key": self.key(), "now": self.now})

    # Finance and the operator

    @precondition(lambda self: self.refunds)
    @rule(data=st.data(), what=st.sampled_from(["pay", "pay", "fail", "retry"]))
    def settle(self, data, what):
        number = data.draw(st.sampled_from(list(self.refunds)))
        state = self.refunds[number]
        of_it: dict[str, Any] = {"seller_id": self.seller.id, "number": number, "by": self.anna, "now": self.now}
        command, becomes, may = {
            "pay": (
                lambda: mark_refund_paid(reference=f"BANK-{number}", **of_it),
                "confirmed",
                {"requested", "failed"},
            ),
            "fail": (lambda: mark_refund_failed(problem="Account closed", **of_it), "failed", {"requested"}),
            "retry": (lambda: retry_refund(**of_it), "requested", {"failed"}),
        }[what]
        if state in may or (state == becomes and self.owed[number][0]):
            command()
            self.refunds[number] = becomes
            if becomes == "failed" and state != "failed":
                assert self.in_hand(number.rpartition("-")[0]), "a failed refund opens its query again"
        else:
            with pytest.raises(RefundSettled):
                command()

    @rule(
        quiet_days=st.integers(1, 6),
        allow=st.booleans(),
        delivery=st.sampled_from(["whole-order", "never"]),
        rate=st.sampled_from([2100, 900, 0]),
    )
    def decide(self, quiet_days, allow, delivery, rate):
        values = {"quiet_days": quiet_days, "allow_after_delivery": allow, "refund_delivery_costs": delivery}
        try:
            change_policy(
                values={**values, "commission_vat_rate_bp": rate}, reason="Another view", by="Olga", now=self.now
            )
        except Refused:
            assert self.policy == values, "refused only where nothing would change"
        self.policy = values

    @rule(hours=st.integers(1, 10 * 24))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    # Invariants

    @invariant()
    def units_match_the_model(self):
        units = counted_units(self.seller.id)
        assert units == expected_units(self.sales.values())
        assert all(written_off + returned <= sent for sent, written_off, returned in units.values())

    @invariant()
    def never_more_is_refunded_than_was_paid(self):
        for row in OrderItem.objects.filter(seller_id=self.seller.id).select_related("order"):
            sale = self.sales[row.order.number]
            standing = row.refunded_minor - row.paid_again_minor
            assert standing == sale.refunded_minor[row.item] <= row.paid_minor
            assert sale.written_off(row.item) != row.quantity or standing == row.paid_minor, (
                "all units are gone, so all money is refunded"
            )
        assert_what_is_left_is_worth_its_units(self.seller)

    @invariant()
    def write_offs_are_refunds_are_the_ledger(self):
        refunds = Refund.objects.filter(seller_id=self.seller.id)
        assert {it.number: it.state for it in refunds} == self.refunds
        assert {it.number: (it.amount_minor, it.currency) for it in refunds} == self.owed
        books, sold = books_of(self.seller.id), turnover_of(self.seller.id)
        for currency in ("EUR", "PLN"):
            numbers = {number for number, (_amount, of) in self.owed.items() if of == currency}
            paid = sum(self.owed[number][0] for number in numbers if self.refunds[number] == "confirmed")
            assert books[currency]["customer"] == sum(self.owed[number][0] for number in numbers) - paid
            assert books[currency]["provider"] == paid - sold[currency] - self.paid_again[currency]
            assert sum(books[currency].values()) == 0
            assert all(books[currency][account] >= 0 for account in ("commission", "commission_vat"))

    @invariant()
    def each_customer_is_mailed_once(self):
        mails = Mail.objects.filter(seller_id=self.seller.id, kind="write-off.confirmed")
        assert Counter(it.about_id for it in mails) == Counter(recorded.id for _request, recorded in self.confirmed)

    @invariant()
    def the_self_check_is_clean(self):
        assert list(verify(self.seller)) == []


@pytest.mark.django_db
def test_units_and_money_stay_right_in_any_order_of_commands():
    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=examples(4),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        ),
    )
