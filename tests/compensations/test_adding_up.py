"""Grants, write-offs, returns and payments restored, in any order: all of it adds up, and nothing goes back twice."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lostpost.accounts.actor import Actor
from lostpost.audit.verify import verify
from lostpost.core.errors import Refused
from lostpost.orders.models import OrderItem
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.restorations.restore_payment import restore_payment
from lostpost.sales.models import Sale
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_query, a_return, a_scan, a_staff_member, an_item, an_order
from tests.partnerservice.cases import a_request_about, confirmed, proposed
from tests.searching import examples

pytestmark = [pytest.mark.django_db, pytest.mark.fuzz]

DOES = st.sampled_from(["grant", "grant", "lose", "return", "pay again"])
STEPS = st.lists(
    st.tuples(DOES, st.integers(0, 3), st.integers(0, 99)),
    min_size=1,
    max_size=8,
)


class DeliveredItem:
    """Units of one item, delivered in parcels; customers say that they did not come."""

    def __init__(self, people: tuple[Actor, Actor, Actor, Actor], quantity: int, paid: int, parcels: list[int]) -> None:
        self.anna, self.fien, self.pia, self.puck = people
        item = an_item(quantity=quantity, paid_minor=paid, commission_minor=paid // 8)
        self.order = an_order(self.anna.seller, item, placed_days=20)
        for place, count in enumerate(parcels):
            parcel = a_parcel(self.order, units={"1": count}, shipped_days=19, code=f"P-{place}")
            a_scan(parcel, days=17, status="delivered")
        self.query = a_query(self.order, self.anna)
        self.left = {f"P-{place}": count for place, count in enumerate(parcels)}
        self.gone = Counter[str]()  # Units that were returned, by parcel.
        self.write_offs: list[tuple[WriteOff, str]] = []
        self.cases: dict[str, PartnerserviceRequest] = {}  # That wait for a decision.
        self.steps = 0

    def apply(self, step: str, place: int, share: int) -> None:
        """Take one step; what is refused changes nothing."""
        self.steps += 1
        parcel = sorted(self.left)[place % len(self.left)]
        does = {"grant": self.grant, "lose": self.lose, "return": self.send_back, "pay again": self.pay_again}[step]
        does(parcel, share)

    def grant(self, parcel: str, share: int) -> None:
        if not self.left[parcel]:
            return
        case = self.ask(parcel)
        for amount in (OrderItem.objects.get(seller_id=self.anna.seller_id).paid_minor * share // 99, 1):
            try:
                confirmed(proposed(case, self.pia, lifts=False, items_minor=amount), self.puck)
            except Refused:
                continue
            del self.cases[parcel]
            return

    def lose(self, parcel: str, share: int) -> None:
        if count := min(self.left[parcel], 1 + share % 2):
            confirmed(proposed(self.ask(parcel), self.pia), self.puck)
            del self.cases[parcel]
            selection = [SelectedUnits(parcel, "1", count)]
            recorded = write_off(
                query=self.query.number, selection=selection, by=self.anna, key=f"step-{self.steps:06}", now=NOW
            )
            self.left[parcel] -= count
            self.write_offs.append((recorded, parcel))

    def send_back(self, parcel: str, share: int) -> None:
        if count := min(self.left[parcel], 1 + share % 2):
            self.left[parcel] -= count
            self.gone[parcel] += count
            a_return(self.order, {(parcel, "1"): count}, code=f"R-{self.steps}", status="received")

    def pay_again(self, _parcel: str, share: int) -> None:
        if self.write_offs:
            recorded, parcel = self.write_offs.pop(share % len(self.write_offs))
            count = sum(line.quantity for line in recorded.lines.all())
            try:
                restore_payment(
                    seller_id=recorded.seller_id,
                    write_off=recorded.number,
                    selection=[SelectedUnits(parcel, "1", count)],
                    consent="It came after all.",
                    consented_at=NOW,
                    reference="tr_1",
                    by=self.fien,
                    key=f"step-{self.steps:06}",
                    now=NOW,
                )
            except Refused:
                return

    def ask(self, parcel: str) -> PartnerserviceRequest:
        if parcel not in self.cases:
            units = SelectedUnits(parcel, "1", self.left[parcel])
            self.cases[parcel] = a_request_about(self.query, self.anna, units=units)
        return self.cases[parcel]

    def assert_it_adds_up(self) -> None:
        seller_id = self.anna.seller_id
        item = OrderItem.objects.get(seller_id=seller_id)
        names = ("turnover_minor", "commission_minor")
        sold = Sale.objects.filter(seller_id=seller_id, item="1").aggregate(*map(Sum, names))
        back = item.refunded_minor - item.paid_again_minor, item.commission_back_minor
        left = [amount - given_back for amount, given_back in zip(sold.values(), back, strict=True)]
        assert min(left) >= 0, "more went back than was sold"
        assert list(verify(self.anna.seller)) == []
        lost = item.quantity_written_off - item.quantity_paid_again
        if lost + sum(self.gone.values()) == item.quantity:
            assert left == [0, 0], "every unit is gone, and so is the money"


@settings(
    max_examples=examples(12),
    deadline=None,
    phases=(Phase.generate,),  # An example has at most eight steps: short enough to be read, too slow to be shortened.
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # Each example is rolled back.
)
@given(
    parcels=st.lists(st.integers(1, 3), min_size=1, max_size=3),
    more=st.integers(0, 2),
    paid=st.integers(0, 300),
    steps=STEPS,
)
def test_whatever_is_granted_lost_returned_and_paid_again_adds_up(annas_people, parcels, more, paid, steps):
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # Lets durable commands run inside it.
    with around:
        it = DeliveredItem(annas_people, sum(parcels) + more, paid, parcels)
        for step in steps:
            it.apply(*step)
            it.assert_it_adds_up()
        transaction.set_rollback(True)


@pytest.fixture
def annas_people(anna, fien, pia) -> tuple[Actor, Actor, Actor, Actor]:
    return anna, fien, pia, a_staff_member("Puck", "partnerservice")
