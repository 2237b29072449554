"""Sales are booked by differences: in any order of changes, the rows add up to the current state."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lostpost.accounts.policy import change_policy
from lostpost.core.money import rounded_rate, share_of_units
from lostpost.intake.import_orders import OrderImport, import_orders
from lostpost.intake.put_orders import OrderContradicts, put_order
from lostpost.intake.put_parcels import put_parcel
from lostpost.intake.put_returns import put_return
from lostpost.ledger.models import Transfer
from lostpost.orders.data import OrderData, ParcelData, ReturnData, UnitData
from lostpost.orders.models import OrderItem
from lostpost.sales.book_sales import book_sales
from lostpost.sales.models import Sale
from lostpost.sales.sale_differences import NOTHING, Amounts, Booked, Item, Units, item_differences
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_query, a_return, a_scan, all_of, an_item, an_order

LATER = NOW + timedelta(hours=1)


def rows(seller, **of):
    """Return the sales as booked: cause, parcel, quantity, turnover, commission, VAT."""
    names = ("cause", "parcel", "quantity", "turnover_minor", "commission_minor", "commission_vat_minor")
    return list(Sale.objects.filter(seller_id=seller.id, **of).order_by("id").values_list(*names))


def balances(seller):
    """Return the balance of the seller's account by kind of transfer; what is owed to the seller is positive."""
    sums: Counter[str] = Counter()
    for it in Transfer.objects.filter(seller_id=seller.id):
        sums[it.kind] += it.amount_minor * ((it.credit == "seller") - (it.debit == "seller"))
    return sums


def order_data(**values):
    return OrderData(
        **{
            "number": "A-1",
            "placed_at": NOW - timedelta(days=10),
            "currency": "EUR",
            "customer_name": "Klaas de Vries",
            "customer_email": "klaas@example.com",
            "items": [an_item(quantity=3, paid_minor=10_00, commission_minor=1_00)],
            **values,
        }
    )


def parcel_data(code="P-1", *, days=5, **units):
    sent = [UnitData(item.removeprefix("item_"), quantity) for item, quantity in (units or {"item_1": 1}).items()]
    return ParcelData(code, "A-1", "own", NOW - timedelta(days=days), sent)


@pytest.mark.django_db
class TestHandedOver:
    def test_an_order_of_which_nothing_was_sent_is_no_sale(self, lampenhuis):
        put_order(seller=lampenhuis, order=order_data(delivery_costs_minor=4_95), now=NOW)

        assert rows(lampenhuis) == []
        assert not Transfer.objects.filter(seller_id=lampenhuis.id).exists()

    def test_each_parcel_is_booked_when_it_was_handed_over_and_the_last_unit_takes_the_rest(self, lampenhuis):
        put_order(seller=lampenhuis, order=order_data(), now=NOW)
        put_parcel(seller=lampenhuis, parcel=parcel_data("P-1", item_1=2), now=NOW)
        put_parcel(seller=lampenhuis, parcel=parcel_data("P-2", days=4, item_1=1), now=NOW)

        # VAT of the line: 21 % of 1.00 is 0.21, 0.07 a unit.
        assert rows(lampenhuis) == [
            ("handed_over", "P-1", 2, 6_66, 66, 14),
            ("handed_over", "P-2", 1, 3_34, 34, 7),
        ]
        transfers = Transfer.objects.filter(seller_id=lampenhuis.id).values_list("kind", "effective_at", "vat_rate_bp")
        shipped = {NOW - timedelta(days=5), NOW - timedelta(days=4)}
        assert set(transfers) == {
            *(("turnover", when, None) for when in shipped),
            *((kind, when, 2100) for when in shipped for kind in ("commission", "commission_vat")),
        }
        assert balances(lampenhuis) == {"turnover": 10_00, "commission": -1_00, "commission_vat": -21}

    def test_parcels_of_one_batch_are_booked_in_the_order_of_their_hand_over(self, lampenhuis):
        parcels = [parcel_data("P-2", days=4), parcel_data("P-1", days=5), parcel_data("P-3", days=3)]
        import_orders(seller=lampenhuis, bundles=[OrderImport(order_data(), parcels)], now=NOW)

        assert [(parcel, turnover) for _cause, parcel, _n, turnover, *_rest in rows(lampenhuis)] == [
            ("P-1", 3_33),
            ("P-2", 3_33),
            ("P-3", 3_34),
        ]

    def test_delivery_costs_are_booked_with_the_first_parcel_and_corrected_by_the_difference(self, lampenhuis):
        order = order_data(delivery_costs_minor=4_95)
        put_order(seller=lampenhuis, order=order, now=NOW)
        put_parcel(seller=lampenhuis, parcel=parcel_data("P-1"), now=NOW)
        put_parcel(seller=lampenhuis, parcel=parcel_data("P-2"), now=NOW)
        assert rows(lampenhuis, item="") == [("handed_over", "P-1", 0, 4_95, 0, 0)]

        put_order(seller=lampenhuis, order=replace(order, delivery_costs_minor=3_95), now=NOW)

        assert rows(lampenhuis, item="")[1:] == [("changed", "", 0, -1_00, 0, 0)]

    def test_a_repeat_books_nothing(self, lampenhuis):
        bundle = OrderImport(
            order_data(delivery_costs_minor=1),
            [parcel_data("P-1", item_1=3)],
            [ReturnData("R-1", "A-1", "received", [UnitData("1", 1, "P-1")])],
        )
        import_orders(seller=lampenhuis, bundles=[bundle], now=NOW)
        before = rows(lampenhuis)

        import_orders(seller=lampenhuis, bundles=[bundle], now=LATER)
        order_id = OrderItem.objects.get(seller_id=lampenhuis.id).order_id
        for cause in Sale.Cause:
            book_sales(lampenhuis.id, [order_id], cause, LATER)

        assert rows(lampenhuis) == before

    def test_units_without_a_price_are_sold_too(self, lampenhuis):
        order = order_data(items=[an_item(paid_minor=0, commission_minor=0)])
        import_orders(seller=lampenhuis, bundles=[OrderImport(order, [parcel_data()])], now=NOW)

        assert rows(lampenhuis) == [("handed_over", "P-1", 1, 0, 0, 0)]
        assert not Transfer.objects.filter(seller_id=lampenhuis.id).exists()

    def test_the_rate_of_vat_stays_as_first_booked(self, lampenhuis):
        put_order(seller=lampenhuis, order=order_data(), now=NOW)
        put_parcel(seller=lampenhuis, parcel=parcel_data("P-1"), now=NOW)
        change_policy(values={"commission_vat_rate_bp": 1000}, reason="Another country", by="Olga", now=NOW)

        put_parcel(seller=lampenhuis, parcel=parcel_data("P-2"), now=LATER)

        assert OrderItem.objects.get(seller_id=lampenhuis.id).commission_vat_rate_bp == 2100
        assert set(Sale.objects.values_list("commission_vat_rate_bp", flat=True)) == {2100}


@pytest.mark.django_db
class TestCorrected:
    def test_other_amounts_are_booked_as_the_difference(self, lampenhuis):
        import_orders(seller=lampenhuis, bundles=[OrderImport(order_data(), [parcel_data("P-1", item_1=3)])], now=NOW)

        cheaper = order_data(items=[an_item(quantity=3, paid_minor=7_00, commission_minor=2_00)])
        put_order(seller=lampenhuis, order=cheaper, now=LATER)

        assert rows(lampenhuis)[1:] == [("changed", "", 0, -3_00, 1_00, 21)]
        changed = Sale.objects.get(seller_id=lampenhuis.id, cause="changed")
        assert changed.effective_at == LATER
        kinds = Transfer.objects.filter(source_id=changed.id).values_list("kind", "amount_minor", "effective_at")
        assert set(kinds) == {
            ("turnover_reversed", 3_00, LATER),
            ("commission", 1_00, LATER),
            ("commission_vat", 21, LATER),
        }

    def test_units_moved_to_another_parcel_move_in_the_books(self, lampenhuis):
        import_orders(seller=lampenhuis, bundles=[OrderImport(order_data(), [parcel_data("P-1", item_1=3)])], now=NOW)

        put_parcel(seller=lampenhuis, parcel=parcel_data("P-1", item_1=2), now=LATER)
        put_parcel(seller=lampenhuis, parcel=parcel_data("P-2", item_1=1), now=LATER)

        assert rows(lampenhuis)[1:] == [
            ("changed", "P-1", -1, -3_34, -34, -7),
            ("handed_over", "P-2", 1, 3_34, 34, 7),
        ]

    def test_another_currency_undoes_the_one_and_books_the_other(self, lampenhuis):
        order = order_data(delivery_costs_minor=5_00)
        import_orders(seller=lampenhuis, bundles=[OrderImport(order, [parcel_data("P-1", item_1=3)])], now=NOW)

        put_order(seller=lampenhuis, order=replace(order, currency="JPY"), now=LATER)

        sums: Counter[str] = Counter()
        for sale in Sale.objects.filter(seller_id=lampenhuis.id):
            sums[sale.currency] += sale.turnover_minor
        assert sums == {"EUR": 0, "JPY": 15_00}
        assert set(Sale.objects.filter(booked_at=LATER).values_list("cause", flat=True)) == {"changed"}

    def test_what_was_refused_is_not_booked(self, anna):
        order = an_order(anna.seller, an_item(quantity=2))
        parcel = a_parcel(order)
        a_scan(parcel)
        query = a_query(order, anna)
        write_off(query=query.number, selection=all_of(query), by=anna, key="gone-now", now=NOW)
        before = rows(anna.seller)

        with pytest.raises(OrderContradicts):
            an_order(anna.seller, an_item(quantity=2, paid_minor=1), number=order.number)

        assert rows(anna.seller) == before


@pytest.mark.django_db
class TestReturned:
    @pytest.fixture
    def order(self, lampenhuis):
        order = an_order(lampenhuis, an_item(quantity=3, paid_minor=10_00, commission_minor=1_00))
        a_parcel(order, code="P-1")
        return order

    def test_units_count_once_they_are_received(self, lampenhuis, order):
        for status in ("announced", "in_transit"):
            a_return(order, {("P-1", "1"): 1}, status=status)
        assert len(rows(lampenhuis)) == 1

        a_return(order, {("P-1", "1"): 1}, status="received")
        assert rows(lampenhuis)[1:] == [("returned", "P-1", -1, -3_33, -33, -7)]

        a_return(order, {("P-1", "1"): 2}, code="R-2", status="received")
        assert rows(lampenhuis)[2:] == [("returned", "P-1", -2, -6_67, -67, -14)]
        assert sum(balances(lampenhuis).values()) == 0

    def test_a_return_that_was_cancelled_after_all_is_sold_again(self, lampenhuis, order):
        a_return(order, {("P-1", "1"): 3}, status="received")
        a_return(order, {("P-1", "1"): 3}, status="cancelled")

        assert rows(lampenhuis)[1:] == [
            ("returned", "P-1", -3, -10_00, -1_00, -21),
            ("changed", "P-1", 3, 10_00, 1_00, 21),
        ]

    def test_a_smaller_return_books_the_difference(self, lampenhuis, order):
        a_return(order, {("P-1", "1"): 3}, status="received")
        put_return(
            seller=lampenhuis,
            data=ReturnData("R-1", order.number, "received", [UnitData("1", 1, "P-1")]),
            now=LATER,
        )

        assert rows(lampenhuis)[2:] == [("changed", "P-1", 2, 6_67, 67, 14)]


# In any order -------------------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["send", "receive", "cancel return", "write off", "correct", "remove"]), st.integers(1, 4)
    ),
    max_size=25,
)


@given(st.integers(1, 7), st.integers(0, 5000), st.integers(0, 900), st.sampled_from([0, 1900, 2100]), STEPS)
def test_write_offs_never_exceed_what_was_booked(quantity, paid, commission, rate, steps):
    item = Item(None, "1", "Lamp", "", quantity, Amounts(paid, commission, rounded_rate(commission, rate)), rate)
    booked, written_off, corrected = Booked(), 0, NOTHING
    boxes: dict[str, list[int]] = {}  # By parcel: sent, returned, written off.
    for step, n in steps:
        cause = Sale.Cause.HANDED_OVER
        if step == "send" and (n := min(n, quantity - sum(box[0] for box in boxes.values()))):
            boxes[f"P-{len(boxes)}"] = [n, 0, 0]
        for box in boxes.values():
            left = box[0] - box[1] - box[2]
            if step == "receive":
                cause = Sale.Cause.RETURNED
                box[1] += min(n, left)
            elif step == "cancel return":
                cause = Sale.Cause.RETURNED
                box[1] -= min(n, box[1])
            elif step == "write off" and (n := min(n, left)):
                corrected = corrected.plus(
                    Amounts(
                        *(share_of_units(it, quantity=quantity, before=written_off, count=n) for it in item.amounts)
                    )
                )
                written_off, box[2] = written_off + n, box[2] + n
            elif step == "remove" and left > 0 and box[0] > 1:
                box[0] -= 1
        if step == "correct" and not written_off:
            cause = Sale.Cause.CHANGED
            paid, commission = paid // n + n, commission // n + n
            item.amounts = Amounts(paid, commission, rounded_rate(commission, rate))
        item.units = [Units(name, NOW, box[0], box[1]) for name, box in boxes.items()]
        assert_booked(item, booked, cause)
        assert all(0 <= less <= more for less, more in zip(corrected, booked.amounts, strict=True))


def assert_booked(item, booked, cause):
    """Book the differences, and assert that their signs fit their cause and none is left."""
    for how, parcel, quantity, amounts, _at in item_differences(item, booked, cause, NOW):
        assert quantity or any(amounts)
        sign = {Sale.Cause.HANDED_OVER: 1, Sale.Cause.RETURNED: -1}.get(how, 0)
        assert all(sign * amount >= 0 for amount in (quantity, *amounts))
        booked.quantities[parcel] = booked.quantities.get(parcel, 0) + quantity
        booked.by_vat[item.vat] = booked.amounts.plus(amounts)
    for any_cause in Sale.Cause:
        assert not list(item_differences(item, booked, any_cause, NOW))
    assert all(amount >= 0 for amount in booked.amounts)
    assert sum(booked.quantities.values()) == sum(units.quantity - units.returned for units in item.units)


@pytest.mark.django_db
def test_a_reversal_after_a_change_of_currency_has_the_rate_booked_last(lampenhuis):
    # Given an item that was booked at 21 %, removed, and sold again at 9 %
    other = an_item("2", paid_minor=5_00)
    first = order_data(items=[an_item(commission_minor=1_00), other])
    put_order(seller=lampenhuis, order=first, now=NOW)
    put_parcel(seller=lampenhuis, parcel=parcel_data(item_1=1), now=NOW)
    put_parcel(seller=lampenhuis, parcel=parcel_data(item_2=1), now=NOW)
    put_order(seller=lampenhuis, order=replace(first, items=[other]), now=NOW)
    change_policy(values={"commission_vat_rate_bp": 900}, reason="Another rate", by="Olga", now=NOW)
    put_order(seller=lampenhuis, order=first, now=LATER)
    put_parcel(seller=lampenhuis, parcel=parcel_data(item_1=1, item_2=1), now=LATER)

    put_order(seller=lampenhuis, order=replace(first, currency="BRL"), now=LATER)

    booked = Sale.objects.filter(seller_id=lampenhuis.id, item="1").order_by("id")
    assert list(booked.values_list("currency", "commission_vat_rate_bp", "commission_vat_minor")) == [
        ("EUR", 2100, 21),
        ("EUR", 2100, -21),
        ("EUR", 900, 9),
        ("EUR", 900, -9),
        ("BRL", 900, 9),
    ]
