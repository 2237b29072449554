"""What comes in from outside: orders, parcels, scans, returns and customers, in random order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
)

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Member, Seller
from lostpost.answering.start_contact import start_contact
from lostpost.core.errors import Conflict
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.reopen_query import reopen_query
from lostpost.customer_queries.states import CannotClose
from lostpost.intake.put_orders import put_order
from lostpost.intake.put_parcels import put_parcel
from lostpost.intake.put_returns import put_return
from lostpost.orders.data import ItemData, OrderData, ParcelData, ReturnData, ScanData, UnitData
from lostpost.tracking.put_scans import put_scans
from tests.cast import KLAAS
from tests.writeoffs.model_machine import ModelMachine
from tests.writeoffs.reference_model import Box, Sale

JOURNEY = ["in_transit", "exception", "at_pickup_point", "picked_up", "delivered", "returning"]
SALES = st.tuples(  # Items as (quantity, paid, commission), delivery costs, currency.
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 100_000), st.integers(0, 20_000)), min_size=1, max_size=3),
    st.sampled_from([4_95, 0]),
    st.sampled_from(["EUR", "EUR", "PLN"]),
)


class SellingMachine(ModelMachine):
    """One shop with its customers and carrier."""

    @initialize(sales=st.lists(SALES, min_size=1, max_size=3), data=st.data())
    def open_shop(self, sales, data):
        """Begin with orders that were shipped a while ago and a query about each, as most paths start there."""
        self.seller = Seller.objects.create(code="lampenhuis", name="Lampenhuis")
        self.anna = Actor.of_member(Member.objects.create(seller=self.seller, user_id=1, name="Anna", role="owner"))
        for sale in sales:
            self.sell(sale, days=10)
            self.send(data, hours=data.draw(st.sampled_from([100, 100, 50, 5])), method="own")
            self.start_contact(data)

    # Intake

    @rule(sale=SALES, days=st.integers(0, 70))
    def sell(self, sale, days):
        items, delivery, currency = sale
        number = f"A-{1 + len(self.sales)}"
        lines = [ItemData(str(n), f"Lamp {n}", quantity, paid, fee) for n, (quantity, paid, fee) in enumerate(items, 1)]
        placed_at = self.now - timedelta(days=days)
        data = OrderData(number, placed_at, currency, "Klaas de Vries", KLAAS, lines, delivery)
        put_order(seller=self.seller, order=data, now=self.now)
        self.sales[number] = Sale(data)

    @precondition(lambda self: self.sales)
    @rule(
        data=st.data(),
        hours=st.integers(0, 40 * 24),
        method=st.sampled_from(["own", "own", "own", "label_via_platform"]),
    )
    def send(self, data, hours, method):
        sale = data.draw(st.sampled_from(list(self.sales.values())))
        units = []
        for item in sale.data.items:
            room = item.quantity - item.quantity_cancelled - sale.sent(item.item)
            if room and (quantity := data.draw(st.sampled_from([room, room, room - 1, 0]))):
                units.append(UnitData(item.item, quantity))
        if not units:
            return
        code = f"{sale.data.number}-P{1 + len(sale.boxes)}"
        shipped_at = max(sale.data.placed_at, self.now - timedelta(hours=hours))
        parcel = ParcelData(code, sale.data.number, method, shipped_at, units, "DPD", f"TT-{code}")
        put_parcel(seller=self.seller, parcel=parcel, now=self.now)
        sale.boxes[code] = Box(parcel)

    def a_box(self, data: st.DataObject) -> tuple[Sale, Box] | None:
        boxes = [(sale, box) for sale in self.sales.values() for box in sale.boxes.values()]
        return data.draw(st.sampled_from(boxes)) if boxes else None

    @precondition(lambda self: any(sale.boxes for sale in self.sales.values()))
    @rule(data=st.data(), hours=st.integers(0, 20 * 24), status=st.sampled_from(JOURNEY[:2] * 4 + JOURNEY))
    def scan(self, data, hours, status):
        sale_and_box = self.a_box(data)
        assert sale_and_box
        box = sale_and_box[1]
        at = self.now - timedelta(hours=hours)
        if at in box.scans:
            return
        report = put_scans(seller=self.seller, scans=[ScanData(box.data.code, at, status)], now=self.now)
        assert (report.accepted, report.rejected) == (1, {})
        box.scans[at] = status

    @precondition(lambda self: any(sale.boxes for sale in self.sales.values()))
    @rule(data=st.data())
    def correct_the_number(self, data):
        sale_and_box = self.a_box(data)
        assert sale_and_box
        box = sale_and_box[1]
        changed = replace(box.data, tracking_number=f"{box.data.tracking_number}X"[:64])
        if changed == box.data:
            return
        put_parcel(seller=self.seller, parcel=changed, now=self.now)
        box.data, box.corrected_at = changed, self.now

    @precondition(lambda self: any(sale.boxes for sale in self.sales.values()))
    @rule(data=st.data(), quantity=st.integers(1, 4))
    def send_back(self, data, quantity):
        sale_and_box = self.a_box(data)
        assert sale_and_box
        sale, box = sale_and_box
        item = data.draw(st.sampled_from(box.data.units)).item
        code = f"R-{1 + len(self.returns)}"
        return_ = ReturnData(code, sale.data.number, "announced", [UnitData(item, quantity, box.data.code)])
        if quantity > box.left(item):
            with pytest.raises(Conflict):
                put_return(seller=self.seller, data=return_, now=self.now)
            return
        put_return(seller=self.seller, data=return_, now=self.now)
        self.returns[code] = return_
        box.returned[item] += quantity

    @precondition(lambda self: self.returns)
    @rule(data=st.data(), status=st.sampled_from(["received", "cancelled", "announced"]))
    def change_return(self, data, status):
        before = self.returns[data.draw(st.sampled_from(list(self.returns)))]
        unit = before.units[0]
        box = self.sales[before.order_number].boxes[unit.parcel]
        return_ = replace(before, status=status)
        received = unit.quantity * ((status == "received") - (before.status == "received"))
        more = unit.quantity * ((status != "cancelled") - (before.status != "cancelled"))
        if more > box.left(unit.item):
            with pytest.raises(Conflict):
                put_return(seller=self.seller, data=return_, now=self.now)
            return
        put_return(seller=self.seller, data=return_, now=self.now)
        self.returns[before.code] = return_
        box.returned[unit.item] += more
        box.received[unit.item] += received

    @precondition(lambda self: self.sales)
    @rule(data=st.data(), paid=st.integers(0, 100_000), cancelled=st.integers(0, 2))
    def change_order(self, data, paid, cancelled):
        """Correct a price and cancel units, which is refused for items that were written off."""
        sale = data.draw(st.sampled_from(list(self.sales.values())))
        first, *others = sale.data.items
        changed = replace(first, paid_minor=paid, quantity_cancelled=min(cancelled, first.quantity))
        order = replace(sale.data, items=[changed, *others])
        wrong = changed.quantity - changed.quantity_cancelled < sale.sent(first.item) or (
            first.item in sale.decided and changed.paid_minor != first.paid_minor
        )
        if wrong:
            with pytest.raises(Conflict):
                put_order(seller=self.seller, order=order, now=self.now)
            return
        put_order(seller=self.seller, order=order, now=self.now)
        sale.data = order

    # The seller

    @precondition(lambda self: self.sales)
    @rule(data=st.data())
    def start_contact(self, data):
        unasked = [number for number in self.sales if number not in self.queries.values()]
        number = data.draw(st.sampled_from(unasked or list(self.sales)))
        query = start_contact(
            order_number=number,
            subject="Where is it?",
            message="We are asking the carrier.",
            leave_open=True,
            by=self.anna,
            key=self.key(),
            now=self.now,
        )
        self.queries[query.number] = number

    @precondition(lambda self: self.queries)
    @rule(data=st.data(), reopen=st.booleans())
    def close(self, data, reopen):
        number = data.draw(st.sampled_from(list(self.queries)))
        failed = any(state == "failed" and it.startswith(f"{number}-") for it, state in self.refunds.items())
        if failed:
            with pytest.raises(CannotClose):
                close_query(number=number, by=self.anna, now=self.now)
            return
        close_query(number=number, by=self.anna, now=self.now)
        if reopen:
            reopen_query(number=number, by=self.anna, now=self.now)
