"""The amounts of a write-off: the customer's refund, the seller's turnover and commission, to the cent."""

from itertools import permutations

import pytest

from lostpost.accounts.policy import change_policy
from lostpost.audit.verify import verify
from lostpost.core.money import Money
from lostpost.ledger.models import Transfer
from lostpost.orders.data import ItemData
from lostpost.refunds.models import Refund
from lostpost.writeoffs.amounts import ExpectedInvoiceLine
from lostpost.writeoffs.models import WriteOffLine
from lostpost.writeoffs.preview_write_off import preview_write_off
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import (
    NOW,
    a_parcel,
    a_query,
    a_return,
    all_of,
    an_item,
    an_order,
    mails_about,
    refunds_of,
    row_counts,
    silent_parcel,
)

pytestmark = pytest.mark.django_db


def sent_apart(anna, *items: ItemData, **order):
    """Sell these items, each unit in a parcel of its own; return the query and the selection of all parcels."""
    placed = an_order(anna.seller, *items, placed_days=20, **order)
    selection = []
    for item in items:
        for _n in range(item.quantity - item.quantity_cancelled):
            parcel = a_parcel(placed, units={item.item: 1}, shipped_days=19)
            selection.append(SelectedUnits(parcel.code, item.item, 1))
    return a_query(placed, anna), selection


def one_by_one(anna, query, selection):
    """Write the selected units off one after the other; return the write-offs."""
    return [
        write_off(query=query.number, selection=[units], by=anna, key=f"one-by-one-{units.parcel}", now=NOW)
        for units in selection
    ]


# Splitting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_any_order_of_partial_write_offs_adds_up_to_what_was_paid(anna, order):
    query, selection = sent_apart(anna, an_item(quantity=3, paid_minor=100_00, commission_minor=10_01))

    write_offs = one_by_one(anna, query, [selection[n] for n in order])

    assert [it.refund_minor for it in write_offs] == [33_33, 33_33, 33_34]
    lines = WriteOffLine.objects.filter(seller_id=anna.seller_id).order_by("id")
    assert [line.commission_minor for line in lines] == [3_33, 3_33, 3_35]
    assert [line.commission_vat_minor for line in lines] == [70, 70, 70]  # 21 % of 10.01 is 2.10.
    assert list(verify(anna.seller)) == []


def test_one_write_off_has_the_same_total_as_many(anna):
    query = silent_parcel(anna, quantity=7, paid_minor=100_00, commission_minor=9_99)
    split, selection = sent_apart(anna, an_item(quantity=7, paid_minor=100_00, commission_minor=9_99))

    at_once = write_off(query=query.number, selection=all_of(query), by=anna, key="all-of-it", now=NOW)
    parts = one_by_one(anna, split, selection)

    assert at_once.refund_minor == sum(it.refund_minor for it in parts) == 100_00
    for name in ("commission_minor", "commission_vat_minor"):
        of_one = WriteOffLine.objects.filter(seller_id=anna.seller_id, write_off_id=at_once.id)
        of_parts = WriteOffLine.objects.filter(seller_id=anna.seller_id).exclude(write_off_id=at_once.id)
        assert sum(getattr(it, name) for it in of_one) == sum(getattr(it, name) for it in of_parts)


def test_the_last_unit_takes_all_cents_if_there_are_fewer_than_units(anna):
    query, selection = sent_apart(anna, an_item(quantity=3, paid_minor=2, commission_minor=1))

    assert [it.refund_minor for it in one_by_one(anna, query, selection)] == [0, 0, 2]
    assert list(verify(anna.seller)) == []


def test_units_of_one_item_in_several_parcels_share_one_amount(anna):
    query, selection = sent_apart(anna, an_item(quantity=3, paid_minor=100_00))

    recorded = write_off(query=query.number, selection=selection, by=anna, key="three-in-one", now=NOW)

    lines = WriteOffLine.objects.filter(seller_id=anna.seller_id, write_off_id=recorded.id).order_by("id")
    assert [line.refund_minor for line in lines] == [33_33, 33_33, 33_34]


def test_the_largest_amounts_are_exact(anna):
    no_limits = {"daily_write_off_count_max": 0, "daily_write_off_minor_max": 0}
    change_policy(values=no_limits, reason="Any amount.", by="the test", now=NOW)
    query = silent_parcel(anna, quantity=9_999, paid_minor=10**12, commission_minor=10**12 - 1)
    (units,) = all_of(query)

    first = write_off(
        query=query.number, selection=[SelectedUnits(units.parcel, units.item, 1)], by=anna, key="just-one", now=NOW
    )
    rest = write_off(query=query.number, selection=all_of(query), by=anna, key="the-others", now=NOW)

    assert first.refund_minor + rest.refund_minor == 10**12
    assert list(verify(anna.seller)) == []


# Delivery costs ----------------------------------------------------------------------------------------------------


def test_delivery_costs_are_refunded_with_the_last_unit(anna):
    query, selection = sent_apart(anna, an_item("1", quantity=2), an_item("2"), delivery_costs_minor=4_95)

    write_offs = one_by_one(anna, query, selection)

    assert [it.delivery_refund_minor for it in write_offs] == [0, 0, 4_95]
    assert write_offs[-1].refund_minor == 25_00 + 4_95
    booked = Transfer.objects.get(seller_id=anna.seller_id, kind="correction_delivery")
    assert (booked.amount_minor, booked.source_id) == (4_95, write_offs[-1].id)
    assert list(verify(anna.seller)) == []


def test_delivery_costs_are_not_refunded_while_units_are_not_shipped(anna):
    order = an_order(anna.seller, an_item("1"), an_item("2"), placed_days=20, delivery_costs_minor=4_95)
    a_parcel(order, units={"1": 1}, shipped_days=19)
    query = a_query(order, anna)

    recorded = write_off(query=query.number, selection=all_of(query), by=anna, key="not-all-yet", now=NOW)

    assert recorded.delivery_refund_minor == 0


def test_delivery_costs_are_not_refunded_while_a_unit_is_delivered(anna):
    query, selection = sent_apart(anna, an_item("1"), an_item("2"), delivery_costs_minor=4_95)

    assert one_by_one(anna, query, selection[:1])[0].delivery_refund_minor == 0


def test_a_cancelled_unit_does_not_block_the_refund_of_delivery_costs(anna):
    query, selection = sent_apart(anna, an_item("1", quantity=3, quantity_cancelled=2), delivery_costs_minor=4_95)

    (recorded,) = one_by_one(anna, query, selection)

    assert (recorded.delivery_refund_minor, recorded.refund_minor) == (4_95, 8_33 + 4_95)


def test_a_fully_cancelled_item_does_not_block_the_refund_of_delivery_costs(anna):
    query, selection = sent_apart(anna, an_item("1"), an_item("2", quantity_cancelled=1), delivery_costs_minor=4_95)

    assert one_by_one(anna, query, selection)[0].delivery_refund_minor == 4_95


@pytest.mark.parametrize(
    ("status", "delivery_minor"), [("announced", 0), ("in_transit", 0), ("cancelled", 0), ("received", 4_95)]
)
def test_only_a_received_return_does_not_block_the_refund_of_delivery_costs(anna, status, delivery_minor):
    query, selection = sent_apart(anna, an_item("1", quantity=2), delivery_costs_minor=4_95)
    a_return(query.order, {(selection[0].parcel, "1"): 1}, status=status)

    assert one_by_one(anna, query, selection[1:])[0].delivery_refund_minor == delivery_minor


@pytest.mark.parametrize(("afterwards", "last"), [("cancelled", "lost"), ("received", "returned")])
def test_the_last_unit_decides_about_delivery_costs_after_an_announced_return(anna, afterwards, last):
    """A cancelled return leaves the unit to a write-off, which refunds the costs; a received one does not."""
    query, selection = sent_apart(anna, an_item("1", quantity=2), delivery_costs_minor=4_95)
    a_return(query.order, {(selection[0].parcel, "1"): 1})
    (first,) = one_by_one(anna, query, selection[1:])
    a_return(query.order, {(selection[0].parcel, "1"): 1}, status=afterwards)

    if last == "lost":
        (second,) = one_by_one(anna, query, selection[:1])
        assert second.delivery_refund_minor == 4_95
    assert first.delivery_refund_minor == 0
    assert list(verify(anna.seller)) == []


def test_a_partly_received_return_blocks_the_refund_of_delivery_costs(anna):
    query, selection = sent_apart(anna, an_item("1", quantity=3), delivery_costs_minor=4_95)
    announced = {(selection[0].parcel, "1"): 1, (selection[1].parcel, "1"): 1}
    a_return(query.order, announced)
    a_return(query.order, {(selection[0].parcel, "1"): 1}, status="received")
    first, second = one_by_one(anna, query, [selection[2], selection[1]])

    assert (first.delivery_refund_minor, second.delivery_refund_minor) == (0, 4_95)
    assert list(verify(anna.seller)) == []


def test_delivery_costs_are_refunded_once_even_if_a_return_is_cancelled_later(anna):
    query, selection = sent_apart(anna, an_item("1", quantity=2), delivery_costs_minor=4_95)
    a_return(query.order, {(selection[0].parcel, "1"): 1}, status="received")
    (first,) = one_by_one(anna, query, selection[1:])
    a_return(query.order, {(selection[0].parcel, "1"): 1}, status="cancelled")
    (second,) = one_by_one(anna, query, selection[:1])

    assert (first.delivery_refund_minor, second.delivery_refund_minor) == (4_95, 0)
    assert list(verify(anna.seller)) == []


def test_the_policy_may_exclude_delivery_costs(anna):
    change_policy(values={"refund_delivery_costs": "never"}, reason="As the terms say", by="Olga", now=NOW)
    query, selection = sent_apart(anna, an_item(), delivery_costs_minor=4_95)

    (recorded,) = one_by_one(anna, query, selection)

    assert (recorded.delivery_refund_minor, recorded.refund_minor) == (0, 25_00)
    assert not Transfer.objects.filter(seller_id=anna.seller_id, kind="correction_delivery").exists()


def test_delivery_costs_follow_the_policy_at_the_last_write_off(anna):
    change_policy(values={"refund_delivery_costs": "never"}, reason="As the terms say", by="Olga", now=NOW)
    query, selection = sent_apart(anna, an_item("1", quantity=2), delivery_costs_minor=4_95)
    (first,) = one_by_one(anna, query, selection[:1])
    change_policy(values={"refund_delivery_costs": "whole-order"}, reason="Kinder", by="Olga", now=NOW)
    (second,) = one_by_one(anna, query, selection[1:])

    assert (first.delivery_refund_minor, second.delivery_refund_minor) == (0, 4_95)


# Nothing paid, other currencies ------------------------------------------------------------------------------------


def test_a_gift_is_written_off_and_nothing_is_owed(anna):
    query = silent_parcel(anna, paid_minor=0, commission_minor=0)

    recorded = write_off(query=query.number, selection=all_of(query), by=anna, key="it-was-free", now=NOW)

    refund = Refund.objects.get(seller_id=anna.seller_id)
    assert (recorded.refund_minor, refund.state, refund.reference) == (0, "confirmed", "nothing-to-pay")
    assert not Transfer.objects.filter(seller_id=anna.seller_id).exists()
    assert len(mails_about(query)) == 1
    assert list(verify(anna.seller)) == []


def test_a_gift_with_commission_gives_the_commission_back(anna):
    query = silent_parcel(anna, paid_minor=0, commission_minor=1_00)

    write_off(query=query.number, selection=all_of(query), by=anna, key="it-was-free", now=NOW)

    booked = Transfer.objects.filter(seller_id=anna.seller_id).order_by("kind").values_list("kind", "amount_minor")
    assert list(booked) == [
        ("commission", 1_00),
        ("commission_vat", 21),
        ("correction_commission", 1_00),
        ("correction_commission_vat", 21),
    ]


@pytest.mark.parametrize("currency", ["EUR", "PLN", "JPY", "SEK"])
def test_each_order_is_refunded_in_its_own_currency(anna, currency):
    query = silent_parcel(anna, paid_minor=1_234, currency=currency, delivery_costs_minor=5)

    write_off(query=query.number, selection=all_of(query), by=anna, key="in-its-own", now=NOW)

    assert refunds_of(anna) == [Money(1_239, currency)]
    assert set(Transfer.objects.filter(seller_id=anna.seller_id).values_list("currency", flat=True)) == {currency}


def test_a_shop_that_sells_in_several_currencies_balances_in_each(anna):
    for number, currency in enumerate(["EUR", "PLN", "JPY"]):
        query = silent_parcel(anna, paid_minor=1000 + number, currency=currency)
        write_off(query=query.number, selection=all_of(query), by=anna, key=f"currency-{number}", now=NOW)

    assert list(verify(anna.seller)) == []
    assert sorted((money.minor, money.currency) for money in refunds_of(anna)) == [
        (1000, "EUR"),
        (1001, "PLN"),
        (1002, "JPY"),
    ]


# Commission and its VAT --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("commission_minor", "rate_bp", "vat_minor"),
    [(3_00, 2100, 63), (2_50, 2100, 53), (1, 2100, 0), (3, 2100, 1), (0, 2100, 0), (10_00, 0, 0), (7, 10_000, 7)],
)
def test_vat_on_commission_is_rounded_once_for_each_line(anna, commission_minor, rate_bp, vat_minor):
    if rate_bp != 2100:
        change_policy(values={"commission_vat_rate_bp": rate_bp}, reason="Another country", by="Olga", now=NOW)
    query, selection = sent_apart(anna, an_item(quantity=2, commission_minor=commission_minor))

    one_by_one(anna, query, selection)

    lines = WriteOffLine.objects.filter(seller_id=anna.seller_id)
    assert sum(line.commission_minor for line in lines) == commission_minor
    assert sum(line.commission_vat_minor for line in lines) == vat_minor
    assert list(verify(anna.seller)) == []


# Preview -----------------------------------------------------------------------------------------------------------


def test_the_preview_has_the_amounts_of_the_write_off(anna):
    query, selection = sent_apart(
        anna, an_item("1", quantity=3, paid_minor=100_00, commission_minor=10_01), delivery_costs_minor=4_95
    )
    one_by_one(anna, query, selection[:1])

    preview = preview_write_off(query=query.number, selection=selection[1:], by=anna, now=NOW)
    recorded = write_off(
        query=query.number, selection=selection[1:], by=anna, key="as-shown", now=NOW, token=preview.token
    )

    assert (preview.amounts.refund_minor, preview.amounts.delivery_minor) == (recorded.refund_minor, 4_95)
    assert [line.refund_minor for line in preview.amounts.lines] == [33_33, 33_34]
    assert preview.amounts.invoice_lines == [
        ExpectedInvoiceLine("CORRECTION_TURNOVER", 66_67 + 4_95, 0),
        ExpectedInvoiceLine("CORRECTION_COMMISSION", -6_68, -1_40),
    ]


def test_a_preview_writes_no_row(anna):
    query = silent_parcel(anna)
    before = row_counts()

    preview_write_off(query=query.number, selection=all_of(query), by=anna, now=NOW)

    assert row_counts() == before
