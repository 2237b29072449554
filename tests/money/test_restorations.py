"""Restorations paid and withdrawn in any order: never more than was refunded, in the end all of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from lostpost.accounts.actor import Actor, ActorRole
from lostpost.accounts.models import Member
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.core.errors import Refused
from lostpost.refunds.settle_refund import mark_refund_paid
from lostpost.restorations.models import Restoration
from lostpost.restorations.restore_payment import restore_payment
from lostpost.restorations.settle_restoration import mark_restoration_paid, withdraw_restoration
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, silent_parcel
from tests.money.books import assert_money_is_right, assert_self_checks_agree
from tests.searching import examples

FIEN = Actor("Fien", ActorRole.FINANCE, user_id=2)
ACTIONS = st.sampled_from(["agree", "agree", "agree", "withdraw", "withdraw", "pay"])
STEPS = st.lists(st.tuples(ACTIONS, st.sampled_from([1, 1, 0, 2])), min_size=4, max_size=10)


@pytest.mark.fuzz
class TestRestorations(TestCase):
    @settings(max_examples=examples(8))
    @given(st.integers(2, 3), st.integers(0, 10_000), st.integers(0, 900), st.sampled_from([4_95, 0]), STEPS)
    def test_restorations_add_up_to_the_refund(self, quantity, paid, fee, delivery, steps):
        shop = put_seller(seller=SellerData("lampenhuis", "Lampenhuis"), now=NOW)
        anna = Actor.of_member(Member.objects.create(seller=shop, user_id=1, name="Anna", role="owner"))
        query = silent_parcel(
            anna, quantity=quantity, paid_minor=paid, commission_minor=fee, delivery_costs_minor=delivery
        )
        (selected,) = all_of(query)
        recorded = write_off(query=query.number, selection=[selected], by=anna, key="write-off-1", now=NOW)
        of_finance: dict[str, Any] = {"seller_id": shop.id, "by": FIEN, "now": NOW}
        if recorded.refund_minor:
            mark_refund_paid(number=recorded.number, reference="BANK-1", **of_finance)
        agreed: list[Restoration] = []

        def restore(units: int) -> None:
            agreed.append(
                restore_payment(
                    write_off=recorded.number,
                    selection=[SelectedUnits(selected.parcel, selected.item, units)] if units else [],
                    consent="He has it after all.",
                    consented_at=NOW,
                    key=f"restore-{len(agreed):04}",
                    **of_finance,
                )
            )

        for n, (step, which) in enumerate([*steps, ("agree", 0)]):
            try:
                if step == "agree":
                    restore(which)
                elif agreed and step == "withdraw":
                    number = agreed[which % len(agreed)].number
                    withdraw_restoration(number=number, reason="He does not pay", **of_finance)
                elif agreed:
                    number = agreed[which % len(agreed)].number
                    mark_restoration_paid(number=number, reference=f"tr_{n}", **of_finance)
            except Refused:
                pass
            assert_money_is_right(shop)

        # Everything is agreed again, whichever way it came about: that is the refund, to the cent
        standing = Restoration.objects.filter(seller_id=shop.id).exclude(state=Restoration.State.WITHDRAWN)
        assert sum(it.amount_minor for it in standing) == recorded.refund_minor
        assert_self_checks_agree(shop)
