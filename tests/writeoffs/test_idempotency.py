"""The idempotency key and the preview token of a write-off."""

from datetime import timedelta

import pytest

from lostpost.accounts.policy import change_policy
from lostpost.core.errors import Refused
from lostpost.core.idempotency import KeyReused
from lostpost.customer_queries.close_query import close_query
from lostpost.intake.put_orders import put_order
from lostpost.intake.put_parcels import put_parcel
from lostpost.orders.data import OrderData, ParcelData, UnitData
from lostpost.orders.models import Parcel
from lostpost.writeoffs.preview_write_off import preview_write_off
from lostpost.writeoffs.selection import ChangedSincePreview, NotEligible, SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import (
    KLAAS,
    NOW,
    a_parcel,
    a_query,
    a_return,
    a_scan,
    all_of,
    an_item,
    an_order,
    row_counts,
    silent_parcel,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


# The key -----------------------------------------------------------------------------------------------------------


def test_a_repeated_request_changes_no_row(anna):
    query = silent_parcel(anna)
    selection = all_of(query)
    first = write_off(query=query.number, selection=selection, by=anna, key="again-and-again", now=NOW)
    before = row_counts()

    again = write_off(query=query.number, selection=selection, by=anna, key="again-and-again", now=LATER)

    assert (again.id, again.number, again.confirmed_at) == (first.id, first.number, NOW)
    assert row_counts() == before


def test_the_same_selection_in_another_order_is_the_same_request(anna):
    order = an_order(anna.seller, an_item("1"), an_item("2"), placed_days=20)
    a_parcel(order, shipped_days=19)
    query = a_query(order, anna)
    selection = all_of(query)

    first = write_off(query=query.number, selection=selection, by=anna, key="any-order", now=NOW)
    again = write_off(query=query.number, selection=selection[::-1], by=anna, key="any-order", now=NOW)

    assert first == again


def test_a_retry_returns_the_first_write_off_though_the_query_is_closed(anna):
    query = silent_parcel(anna)
    selection = all_of(query)
    first = write_off(query=query.number, selection=selection, by=anna, key="late-answer", now=NOW)
    close_query(number=query.number, by=anna, now=LATER)

    assert write_off(query=query.number, selection=selection, by=anna, key="late-answer", now=LATER) == first


def test_a_colleague_who_repeats_the_request_gets_the_same_answer(anna, bram):
    query = silent_parcel(anna)
    selection = all_of(query)

    first = write_off(query=query.number, selection=selection, by=anna, key="by-two-people", now=NOW)

    assert write_off(query=query.number, selection=selection, by=bram, key="by-two-people", now=LATER) == first


def test_a_key_used_for_another_request_is_refused(anna):
    query, other = silent_parcel(anna, quantity=2), silent_parcel(anna)
    (units,) = all_of(query)
    write_off(
        query=query.number, selection=[SelectedUnits(units.parcel, units.item, 1)], by=anna, key="used-before", now=NOW
    )
    before = row_counts()

    for number, selection in (
        (query.number, [SelectedUnits(units.parcel, units.item, 2)]),
        (other.number, all_of(other)),
    ):
        with pytest.raises(KeyReused):
            write_off(query=number, selection=selection, by=anna, key="used-before", now=NOW)

    assert row_counts() == before


def test_two_sellers_may_use_the_same_key(anna, carla):
    annas, carlas = silent_parcel(anna), silent_parcel(carla)

    first = write_off(query=annas.number, selection=all_of(annas), by=anna, key="what-a-chance", now=NOW)
    second = write_off(query=carlas.number, selection=all_of(carlas), by=carla, key="what-a-chance", now=NOW)

    assert first.seller_id != second.seller_id


# The token ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def shown(anna):
    """Preview the write-off of one of three lamps."""
    query = silent_parcel(anna, quantity=3, paid_minor=30_00, quiet_days=30, delivery_costs_minor=4_95)
    (units,) = all_of(query)
    selection = [SelectedUnits(units.parcel, units.item, 1)]
    preview = preview_write_off(query=query.number, selection=selection, by=anna, now=NOW)
    return query, selection, preview.token


def test_a_write_off_with_a_valid_token_has_the_amounts_of_the_preview(anna, shown):
    query, selection, token = shown

    recorded = write_off(query=query.number, selection=selection, by=anna, key="as-shown", now=LATER, token=token)

    assert recorded.refund_minor == 10_00


def add_scan(anna, query):
    a_scan(Parcel.objects.get(seller_id=anna.seller_id), days=20)


def write_off_in_another_tab(anna, query):
    (units,) = all_of(query)
    write_off(
        query=query.number, selection=[SelectedUnits(units.parcel, units.item, 1)], by=anna, key="other-tab", now=NOW
    )


def announce_return(anna, query):
    (units,) = all_of(query)
    a_return(query.order, {(units.parcel, units.item): 1})


def change_the_policy(anna, query):
    change_policy(values={"quiet_days": 5}, reason="Patience", by="Olga", now=NOW)


def correct_tracking_number(anna, query):
    parcel = Parcel.objects.get(seller_id=anna.seller_id)
    data = ParcelData(parcel.code, query.order.number, "own", parcel.shipped_at, [UnitData("1", 3)], "DPD", "CORRECT")
    put_parcel(seller=anna.seller, parcel=data, now=NOW - timedelta(days=9))


def correct_price(anna, query):
    order = query.order
    item = an_item(quantity=3, paid_minor=29_00)
    data = OrderData(order.number, order.placed_at, "EUR", "Klaas de Vries", KLAAS, [item], 4_95)
    put_order(seller=anna.seller, order=data, now=NOW)


CHANGES = [
    add_scan,
    write_off_in_another_tab,
    announce_return,
    change_the_policy,
    correct_tracking_number,
    correct_price,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_token_is_refused_after_a_change(anna, shown, change):
    query, selection, token = shown
    change(anna, query)
    before = row_counts()

    with pytest.raises(ChangedSincePreview):
        write_off(query=query.number, selection=selection, by=anna, key="too-late-now", now=LATER, token=token)
    assert row_counts() == before

    # With the token of a new preview it is written off.
    fresh = preview_write_off(query=query.number, selection=selection, by=anna, now=LATER)
    assert fresh.token != token
    recorded = write_off(
        query=query.number, selection=selection, by=anna, key="in-time-1", now=LATER, token=fresh.token
    )
    assert recorded.refund_minor == fresh.amounts.refund_minor


def test_a_token_of_another_selection_is_refused(anna, shown):
    query, (units,), token = shown

    with pytest.raises(ChangedSincePreview):
        write_off(
            query=query.number,
            selection=[SelectedUnits(units.parcel, units.item, 2)],
            by=anna,
            key="other-picks",
            now=NOW,
            token=token,
        )


@pytest.mark.parametrize("token", ["x", ".", "0" * 129, "\x00", "é" * 70, f"{'a' * 64}.{'b' * 64}"])
def test_an_invalid_token_is_refused(anna, shown, token):
    query, selection, _token = shown

    with pytest.raises(ChangedSincePreview):
        write_off(query=query.number, selection=selection, by=anna, key="made-up-1", now=NOW, token=token)


def test_the_token_of_another_order_is_refused(anna, shown):
    _query, _selection, token = shown
    other = silent_parcel(anna)

    with pytest.raises(ChangedSincePreview):
        write_off(query=other.number, selection=all_of(other), by=anna, key="other-order", now=NOW, token=token)


def test_a_retry_returns_the_first_write_off_whatever_its_token(anna, shown):
    """The order changed since the preview by the first write-off itself."""
    query, selection, token = shown
    first = write_off(query=query.number, selection=selection, by=anna, key="twice-the-same", now=NOW, token=token)

    assert (
        write_off(query=query.number, selection=selection, by=anna, key="twice-the-same", now=LATER, token=token)
        == first
    )


def test_a_token_stays_valid_over_time_but_the_policy_is_checked_again(anna, shown):
    query, selection, token = shown

    with pytest.raises(NotEligible):
        write_off(
            query=query.number,
            selection=selection,
            by=anna,
            key="months-later",
            now=NOW + timedelta(days=60),
            token=token,
        )


def test_a_preview_refuses_what_the_write_off_refuses(anna, carla):
    query = silent_parcel(anna, quiet_days=1)

    for by, selection in ((anna, all_of(query)), (anna, []), (carla, all_of(query))):
        with pytest.raises(Refused) as refusal:
            preview_write_off(query=query.number, selection=selection, by=by, now=NOW)
        with pytest.raises(type(refusal.value)):
            write_off(query=query.number, selection=selection, by=by, key="refuse-me", now=NOW)
