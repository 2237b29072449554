"""What a write-off comes to: the customer's purchase amount, the seller's turnover and commission, to the cent."""

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
    """Sell these items, each unit in a parcel of its own; return the query and one pick for each parcel."""
    placed = an_order(anna.seller, *items, placed_days=20, **order)
    picks = []
    for item in items:
        for _n in range(item.quantity - item.quantity_cancelled):
            parcel = a_parcel(placed, units={item.item: 1}, shipped_days=19)
            picks.append(SelectedUnits(parcel.code, item.item, 1))
    return a_query(placed, anna), picks


def one_by_one(anna, query, picks):
    """Write the picks off one after the other; return what each came to."""
    return [
        write_off(query=query.number, picks=[pick], by=anna, key=f"one-by-one-{pick.parcel}", now=NOW) for pick in picks
    ]


# Splitting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_any_order_of_partial_write_offs_adds_up_to_what_was_paid(anna, order):
    query, picks = sent_apart(anna, an_item(quantity=3, paid_minor=100_00, commission_minor=10_01))

    made = one_by_one(anna, query, [picks[n] for n in order])

    assert [it.refund_minor for it in made] == [33_33, 33_33, 33_34]
    lines = WriteOffLine.objects.filter(seller_id=anna.seller_id).order_by("id")
    assert [line.commission_minor for line in lines] == [3_33, 3_33, 3_35]
    assert [line.commission_vat_minor for line in lines] == [70, 70, 70]  # 21 % of 10.01 is 2.10.
    assert list(verify(anna.seller)) == []


def test_one_write_off_of_all_comes_to_the_same_as_many(anna):
    query = silent_parcel(anna, quantity=7, paid_minor=100_00, commission_minor=9_99)
    split, picks = sent_apart(anna, an_item(quantity=7, paid_minor=100_00, commission_minor=9_99))

    whole = write_off(query=query.number, picks=all_of(query), by=anna, key="all-of-it", now=NOW)
    parts = one_by_one(anna, split, picks)

    assert whole.refund_minor == sum(it.refund_minor for it in parts) == 100_00
    for name in ("commission_minor", "commission_vat_minor"):
        of_whole = WriteOffLine.objects.filter(seller_id=anna.seller_id, write_off_id=whole.id)
        of_parts = WriteOffLine.objects.filter(seller_id=anna.seller_id).exclude(write_off_id=whole.id)
        assert sum(getattr(it, name) for it in of_whole) == sum(getattr(it, name) for it in of_parts)


def test_fewer_cents_than_units_are_all_given_with_the_last(anna):
    query, picks = sent_apart(anna, an_item(quantity=3, paid_minor=2, commission_minor=1))

    assert [it.refund_minor for it in one_by_one(anna, query, picks)] == [0, 0, 2]
    assert list(verify(anna.seller)) == []


def test_units_of_one_item_in_several_parcels_share_one_amount(anna):
    query, picks = sent_apart(anna, an_item(quantity=3, paid_minor=100_00))

    made = write_off(query=query.number, picks=picks, by=anna, key="three-in-one", now=NOW)

    lines = WriteOffLine.objects.filter(seller_id=anna.seller_id, write_off_id=made.id).order_by("id")
    assert [line.refund_minor for line in lines] == [33_33, 33_33, 33_34]


def test_the_largest_amounts_are_exact(anna):
    query = silent_parcel(anna, quantity=9_999, paid_minor=10**12, commission_minor=10**12 - 1)
    (pick,) = all_of(query)

    first = write_off(
        query=query.number, picks=[SelectedUnits(pick.parcel, pick.item, 1)], by=anna, key="just-one", now=NOW
    )
    rest = write_off(query=query.number, picks=all_of(query), by=anna, key="the-others", now=NOW)

    assert first.refund_minor + rest.refund_minor == 10**12
    assert list(verify(anna.seller)) == []


# Delivery costs ----------------------------------------------------------------------------------------------------


def test_delivery_costs_go_back_with_the_last_unit(anna):
    query, picks = sent_apart(anna, an_item("1", quantity=2), an_item("2"), delivery_costs_minor=4_95)

    made = one_by_one(anna, query, picks)

    assert [it.delivery_refund_minor for it in made] == [0, 0, 4_95]
    assert made[-1].refund_minor == 25_00 + 4_95
    booked = Transfer.objects.get(seller_id=anna.seller_id, kind="correction_delivery")
    assert (booked.amount_minor, booked.source_id) == (4_95, made[-1].id)
    assert list(verify(anna.seller)) == []


def test_delivery_costs_stay_while_something_is_still_to_be_sent(anna):
    order = an_order(anna.seller, an_item("1"), an_item("2"), placed_days=20, delivery_costs_minor=4_95)
    a_parcel(order, units={"1": 1}, shipped_days=19)
    query = a_query(order, anna)

    made = write_off(query=query.number, picks=all_of(query), by=anna, key="not-all-yet", now=NOW)

    assert made.delivery_refund_minor == 0


def test_delivery_costs_stay_while_something_was_delivered(anna):
    query, picks = sent_apart(anna, an_item("1"), an_item("2"), delivery_costs_minor=4_95)

    assert one_by_one(anna, query, picks[:1])[0].delivery_refund_minor == 0


def test_a_cancelled_unit_does_not_hold_delivery_costs_back(anna):
    query, picks = sent_apart(anna, an_item("1", quantity=3, quantity_cancelled=2), delivery_costs_minor=4_95)

    (made,) = one_by_one(anna, query, picks)

    assert (made.delivery_refund_minor, made.refund_minor) == (4_95, 8_33 + 4_95)


def test_an_item_that_was_cancelled_as_a_whole_does_not_hold_delivery_costs_back(anna):
    query, picks = sent_apart(anna, an_item("1"), an_item("2", quantity_cancelled=1), delivery_costs_minor=4_95)

    assert one_by_one(anna, query, picks)[0].delivery_refund_minor == 4_95


@pytest.mark.parametrize(
    ("status", "delivery_minor"), [("announced", 0), ("in_transit", 0), ("cancelled", 0), ("received", 4_95)]
)
def test_only_a_unit_that_came_back_does_not_hold_delivery_costs_back(anna, status, delivery_minor):
    query, picks = sent_apart(anna, an_item("1", quantity=2), delivery_costs_minor=4_95)
    a_return(query.order, {(picks[0].parcel, "1"): 1}, status=status)

    assert one_by_one(anna, query, picks[1:])[0].delivery_refund_minor == delivery_minor


@pytest.mark.parametrize(("afterwards", "last"), [("cancelled", "lost"), ("received", "returned")])
def test_of_an_announced_return_the_last_to_go_settles_delivery_costs(anna, afterwards, last):
    """Cancelled, the unit is lost in the end and the costs go back with it; received, they are the return's."""
    query, picks = sent_apart(anna, an_item("1", quantity=2), delivery_costs_minor=4_95)
    a_return(query.order, {(picks[0].parcel, "1"): 1})
    (first,) = one_by_one(anna, query, picks[1:])
    a_return(query.order, {(picks[0].parcel, "1"): 1}, status=afterwards)

    if last == "lost":
        (second,) = one_by_one(anna, query, picks[:1])
        assert second.delivery_refund_minor == 4_95
    assert first.delivery_refund_minor == 0
    assert list(verify(anna.seller)) == []


def test_of_a_return_that_came_back_in_part_the_rest_holds_delivery_costs_back(anna):
    query, picks = sent_apart(anna, an_item("1", quantity=3), delivery_costs_minor=4_95)
    announced = {(picks[0].parcel, "1"): 1, (picks[1].parcel, "1"): 1}
    a_return(query.order, announced)
    a_return(query.order, {(picks[0].parcel, "1"): 1}, status="received")
    first, second = one_by_one(anna, query, [picks[2], picks[1]])

    assert (first.delivery_refund_minor, second.delivery_refund_minor) == (0, 4_95)
    assert list(verify(anna.seller)) == []


def test_delivery_costs_go_back_once_even_if_a_return_is_cancelled_after_it(anna):
    query, picks = sent_apart(anna, an_item("1", quantity=2), delivery_costs_minor=4_95)
    a_return(query.order, {(picks[0].parcel, "1"): 1}, status="received")
    (first,) = one_by_one(anna, query, picks[1:])
    a_return(query.order, {(picks[0].parcel, "1"): 1}, status="cancelled")
    (second,) = one_by_one(anna, query, picks[:1])

    assert (first.delivery_refund_minor, second.delivery_refund_minor) == (4_95, 0)
    assert list(verify(anna.seller)) == []


def test_the_policy_may_keep_delivery_costs(anna):
    change_policy(values={"refund_delivery_costs": "never"}, reason="As the terms say", by="Olga", now=NOW)
    query, picks = sent_apart(anna, an_item(), delivery_costs_minor=4_95)

    (made,) = one_by_one(anna, query, picks)

    assert (made.delivery_refund_minor, made.refund_minor) == (0, 25_00)
    assert not Transfer.objects.filter(seller_id=anna.seller_id, kind="correction_delivery").exists()


def test_delivery_costs_that_were_kept_are_not_made_up_for_by_a_later_policy(anna):
    change_policy(values={"refund_delivery_costs": "never"}, reason="As the terms say", by="Olga", now=NOW)
    query, picks = sent_apart(anna, an_item("1", quantity=2), delivery_costs_minor=4_95)
    (first,) = one_by_one(anna, query, picks[:1])
    change_policy(values={"refund_delivery_costs": "whole-order"}, reason="Kinder", by="Olga", now=NOW)
    (second,) = one_by_one(anna, query, picks[1:])

    assert (first.delivery_refund_minor, second.delivery_refund_minor) == (0, 4_95)


# Nothing paid, other currencies ------------------------------------------------------------------------------------


def test_a_gift_is_written_off_and_nothing_is_owed(anna):
    query = silent_parcel(anna, paid_minor=0, commission_minor=0)

    made = write_off(query=query.number, picks=all_of(query), by=anna, key="it-was-free", now=NOW)

    refund = Refund.objects.get(seller_id=anna.seller_id)
    assert (made.refund_minor, refund.state, refund.reference) == (0, "confirmed", "nothing-to-pay")
    assert not Transfer.objects.filter(seller_id=anna.seller_id).exists()
    assert len(mails_about(query)) == 1
    assert list(verify(anna.seller)) == []


def test_a_gift_with_commission_gives_the_commission_back(anna):
    query = silent_parcel(anna, paid_minor=0, commission_minor=1_00)

    write_off(query=query.number, picks=all_of(query), by=anna, key="it-was-free", now=NOW)

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

    write_off(query=query.number, picks=all_of(query), by=anna, key="in-its-own", now=NOW)

    assert refunds_of(anna) == [Money(1_239, currency)]
    assert set(Transfer.objects.filter(seller_id=anna.seller_id).values_list("currency", flat=True)) == {currency}


def test_a_shop_that_sells_in_several_currencies_balances_in_each(anna):
    for number, currency in enumerate(["EUR", "PLN", "JPY"]):
        query = silent_parcel(anna, paid_minor=1000 + number, currency=currency)
        write_off(query=query.number, picks=all_of(query), by=anna, key=f"currency-{number}", now=NOW)

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
def test_vat_on_commission_is_rounded_once_for_the_whole_line(anna, commission_minor, rate_bp, vat_minor):
    if rate_bp != 2100:
        change_policy(values={"commission_vat_rate_bp": rate_bp}, reason="Another country", by="Olga", now=NOW)
    query, picks = sent_apart(anna, an_item(quantity=2, commission_minor=commission_minor))

    one_by_one(anna, query, picks)

    lines = WriteOffLine.objects.filter(seller_id=anna.seller_id)
    assert sum(line.commission_minor for line in lines) == commission_minor
    assert sum(line.commission_vat_minor for line in lines) == vat_minor
    assert list(verify(anna.seller)) == []


# What is shown before is what comes --------------------------------------------------------------------------------


def test_the_preview_shows_exactly_what_the_confirmation_makes(anna):
    query, picks = sent_apart(
        anna, an_item("1", quantity=3, paid_minor=100_00, commission_minor=10_01), delivery_costs_minor=4_95
    )
    one_by_one(anna, query, picks[:1])

    shown = preview_write_off(query=query.number, picks=picks[1:], by=anna, now=NOW)
    made = write_off(query=query.number, picks=picks[1:], by=anna, key="as-shown", now=NOW, token=shown.token)

    assert (shown.reckoning.refund_minor, shown.reckoning.delivery_minor) == (made.refund_minor, 4_95)
    assert [line.refund_minor for line in shown.reckoning.lines] == [33_33, 33_34]
    assert shown.reckoning.invoice_lines == [
        ExpectedInvoiceLine("CORRECTION_TURNOVER", 66_67 + 4_95, 0),
        ExpectedInvoiceLine("CORRECTION_COMMISSION", -6_68, -1_40),
    ]


def test_a_preview_leaves_no_trace(anna):
    query = silent_parcel(anna)
    before = row_counts()

    preview_write_off(query=query.number, picks=all_of(query), by=anna, now=NOW)

    assert row_counts() == before
