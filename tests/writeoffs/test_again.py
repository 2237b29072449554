"""Asked twice, and changed in between: the key, and the token of what was shown."""

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
    picks = all_of(query)
    first = write_off(query=query.number, picks=picks, by=anna, key="again-and-again", now=NOW)
    before = row_counts()

    again = write_off(query=query.number, picks=picks, by=anna, key="again-and-again", now=LATER)

    assert (again.id, again.number, again.confirmed_at) == (first.id, first.number, NOW)
    assert row_counts() == before


def test_the_order_of_the_picks_does_not_make_another_request(anna):
    order = an_order(anna.seller, an_item("1"), an_item("2"), placed_days=20)
    a_parcel(order, shipped_days=19)
    query = a_query(order, anna)
    picks = all_of(query)

    first = write_off(query=query.number, picks=picks, by=anna, key="any-order", now=NOW)
    again = write_off(query=query.number, picks=picks[::-1], by=anna, key="any-order", now=NOW)

    assert first == again


def test_a_repeated_request_is_answered_even_when_the_query_was_closed_meanwhile(anna):
    query = silent_parcel(anna)
    picks = all_of(query)
    first = write_off(query=query.number, picks=picks, by=anna, key="late-answer", now=NOW)
    close_query(number=query.number, by=anna, now=LATER)

    assert write_off(query=query.number, picks=picks, by=anna, key="late-answer", now=LATER) == first


def test_a_colleague_who_repeats_the_request_gets_the_same_answer(anna, bram):
    query = silent_parcel(anna)
    picks = all_of(query)

    first = write_off(query=query.number, picks=picks, by=anna, key="by-two-people", now=NOW)

    assert write_off(query=query.number, picks=picks, by=bram, key="by-two-people", now=LATER) == first


def test_the_same_key_for_something_else_is_refused(anna):
    query, other = silent_parcel(anna, quantity=2), silent_parcel(anna)
    (pick,) = all_of(query)
    write_off(query=query.number, picks=[SelectedUnits(pick.parcel, pick.item, 1)], by=anna, key="used-before", now=NOW)
    before = row_counts()

    for number, picks in ((query.number, [SelectedUnits(pick.parcel, pick.item, 2)]), (other.number, all_of(other))):
        with pytest.raises(KeyReused):
            write_off(query=number, picks=picks, by=anna, key="used-before", now=NOW)

    assert row_counts() == before


def test_two_sellers_may_think_of_the_same_key(anna, carla):
    mine, hers = silent_parcel(anna), silent_parcel(carla)

    first = write_off(query=mine.number, picks=all_of(mine), by=anna, key="what-a-chance", now=NOW)
    second = write_off(query=hers.number, picks=all_of(hers), by=carla, key="what-a-chance", now=NOW)

    assert first.seller_id != second.seller_id


# The token ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def shown(anna):
    """Show what writing off one of three lamps would come to."""
    query = silent_parcel(anna, quantity=3, paid_minor=30_00, quiet_days=30, delivery_costs_minor=4_95)
    (pick,) = all_of(query)
    picks = [SelectedUnits(pick.parcel, pick.item, 1)]
    preview = preview_write_off(query=query.number, picks=picks, by=anna, now=NOW)
    return query, picks, preview.token


def test_what_was_shown_is_confirmed(anna, shown):
    query, picks, token = shown

    made = write_off(query=query.number, picks=picks, by=anna, key="as-shown", now=LATER, token=token)

    assert made.refund_minor == 10_00


def a_scan_came(anna, query):
    a_scan(Parcel.objects.get(seller_id=anna.seller_id), days=20)


def another_tab_was_faster(anna, query):
    (pick,) = all_of(query)
    write_off(query=query.number, picks=[SelectedUnits(pick.parcel, pick.item, 1)], by=anna, key="other-tab", now=NOW)


def a_return_was_announced(anna, query):
    (pick,) = all_of(query)
    a_return(query.order, {(pick.parcel, pick.item): 1})


def the_policy_changed(anna, query):
    change_policy(values={"quiet_days": 5}, reason="Patience", by="Olga", now=NOW)


def the_number_was_corrected(anna, query):
    parcel = Parcel.objects.get(seller_id=anna.seller_id)
    data = ParcelData(parcel.code, query.order.number, "own", parcel.shipped_at, [UnitData("1", 3)], "DPD", "CORRECT")
    put_parcel(seller=anna.seller, parcel=data, now=NOW - timedelta(days=9))


def the_price_was_corrected(anna, query):
    order = query.order
    item = an_item(quantity=3, paid_minor=29_00)
    data = OrderData(order.number, order.placed_at, "EUR", "Klaas de Vries", KLAAS, [item], 4_95)
    put_order(seller=anna.seller, order=data, now=NOW)


CHANGES = [
    a_scan_came,
    another_tab_was_faster,
    a_return_was_announced,
    the_policy_changed,
    the_number_was_corrected,
    the_price_was_corrected,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_changed_since_it_was_shown_is_refused(anna, shown, change):
    query, picks, token = shown
    change(anna, query)
    before = row_counts()

    with pytest.raises(ChangedSincePreview):
        write_off(query=query.number, picks=picks, by=anna, key="too-late-now", now=LATER, token=token)
    assert row_counts() == before

    # Shown anew, it is confirmed.
    fresh = preview_write_off(query=query.number, picks=picks, by=anna, now=LATER)
    assert fresh.token != token
    made = write_off(query=query.number, picks=picks, by=anna, key="in-time-1", now=LATER, token=fresh.token)
    assert made.refund_minor == fresh.reckoning.refund_minor


def test_other_picks_than_those_shown_are_refused(anna, shown):
    query, (pick,), token = shown

    with pytest.raises(ChangedSincePreview):
        write_off(
            query=query.number,
            picks=[SelectedUnits(pick.parcel, pick.item, 2)],
            by=anna,
            key="other-picks",
            now=NOW,
            token=token,
        )


@pytest.mark.parametrize("token", ["x", ".", "0" * 129, "\x00", "é" * 70, f"{'a' * 64}.{'b' * 64}"])
def test_a_token_that_was_made_up_is_refused(anna, shown, token):
    query, picks, _token = shown

    with pytest.raises(ChangedSincePreview):
        write_off(query=query.number, picks=picks, by=anna, key="made-up-1", now=NOW, token=token)


def test_the_token_of_another_order_is_refused(anna, shown):
    _query, _picks, token = shown
    other = silent_parcel(anna)

    with pytest.raises(ChangedSincePreview):
        write_off(query=other.number, picks=all_of(other), by=anna, key="other-order", now=NOW, token=token)


def test_a_retry_is_answered_whatever_its_token_says(anna, shown):
    """Its own write-off is what changed since it was shown."""
    query, picks, token = shown
    first = write_off(query=query.number, picks=picks, by=anna, key="twice-the-same", now=NOW, token=token)

    assert write_off(query=query.number, picks=picks, by=anna, key="twice-the-same", now=LATER, token=token) == first


def test_time_alone_is_no_change_but_may_forbid(anna, shown):
    query, picks, token = shown

    with pytest.raises(NotEligible):
        write_off(
            query=query.number, picks=picks, by=anna, key="months-later", now=NOW + timedelta(days=60), token=token
        )


def test_a_preview_refuses_what_the_confirmation_would(anna, carla):
    query = silent_parcel(anna, quiet_days=1)

    for by, picks in ((anna, all_of(query)), (anna, []), (carla, all_of(query))):
        with pytest.raises(Refused) as shown:
            preview_write_off(query=query.number, picks=picks, by=by, now=NOW)
        with pytest.raises(type(shown.value)):
            write_off(query=query.number, picks=picks, by=by, key="refuse-me", now=NOW)
