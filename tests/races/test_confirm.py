"""Concurrent write-offs: each unit is written off once, and each key used once."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.audit.verify import verify
from lostpost.customer_queries.models import TimelineEntry
from lostpost.ledger.models import Transfer
from lostpost.orders.models import ParcelUnit
from lostpost.refunds.models import Refund
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from lostpost.writeoffs.preview_write_off import preview_write_off
from lostpost.writeoffs.selection import NotEligible, QuantityUnavailable, SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_query, all_of, an_item, an_order, mails_about, silent_parcel
from tests.races.together import Gate, done, together, while_held

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 20
WRITE_OFF = "lostpost.writeoffs.write_off"


def confirm(anna, query, selection, key, **more):
    return lambda: write_off(query=query.number, selection=selection, by=anna, key=key, now=NOW, **more)


def of_shop(model, anna):
    return model.objects.filter(seller_id=anna.seller_id)


def test_concurrent_retries_are_one_write_off(anna):
    query = silent_parcel(anna, quantity=3, paid_minor=75_00, delivery_costs_minor=4_95)
    selection = all_of(query)

    ran = together(*[confirm(anna, query, selection, "double-click")] * TIMES)

    # One write-off, and the same answer for all
    assert len({recorded.id for recorded in done(ran)}) == 1
    assert len(done(ran)) == TIMES
    assert {(recorded.number, recorded.refund_minor) for recorded in done(ran)} == {(f"{query.number}-1", 79_95)}
    # One of everything that follows
    assert of_shop(WriteOff, anna).count() == of_shop(WriteOffLine, anna).count() == of_shop(Refund, anna).count() == 1
    assert of_shop(Transfer, anna).filter(kind__startswith="correction_").count() == 4
    assert of_shop(TimelineEntry, anna).filter(kind="write-off.confirmed").count() == 1
    (mail,) = mails_about(query)
    assert ProcrastinateJob.objects.filter(task_name="mail.send", args__mail=str(mail.id)).count() == 1
    assert list(verify(anna.seller)) == []


def test_concurrent_retries_with_a_token_are_one_write_off(anna):
    query = silent_parcel(anna, quantity=3, paid_minor=75_00)
    selection = all_of(query)
    token = preview_write_off(query=query.number, selection=selection, by=anna, now=NOW).token

    ran = together(*[confirm(anna, query, selection, "double-click", token=token)] * TIMES)

    assert len({recorded.id for recorded in done(ran)}) == 1
    assert len(done(ran)) == TIMES


@pytest.mark.parametrize(("each", "times_done"), [(1, 3), (2, 1), (3, 1)])
def test_concurrent_write_offs_never_exceed_the_units(anna, each, times_done):
    query = silent_parcel(anna, quantity=3, paid_minor=100_00, delivery_costs_minor=4_95)
    (units,) = all_of(query)
    selection = [SelectedUnits(units.parcel, units.item, each)]

    ran = together(*[confirm(anna, query, selection, f"different-{n}") for n in range(TIMES)])

    assert len(done(ran)) == times_done
    assert all(isinstance(result.refusal, NotEligible | QuantityUnavailable) for result in ran if not result.done)
    assert len({recorded.number for recorded in done(ran)}) == times_done
    unit = ParcelUnit.objects.get(seller_id=anna.seller_id)
    assert unit.quantity_written_off == each * times_done
    assert list(verify(anna.seller)) == []


def test_the_slower_tab_is_refused_as_changed_since_its_preview(anna):
    query = silent_parcel(anna, quantity=3, paid_minor=75_00)
    (units,) = all_of(query)
    selection = [SelectedUnits(units.parcel, units.item, 1)]
    token = preview_write_off(query=query.number, selection=selection, by=anna, now=NOW).token

    ran = together(*[confirm(anna, query, selection, f"tab-number-{n}", token=token) for n in range(8)])

    assert len(done(ran)) == 1
    assert {result.refusal.code for result in ran if result.refusal} == {"changed-since-preview"}


def test_two_queries_of_one_order_do_not_write_its_units_off_twice(anna):
    first = silent_parcel(anna, quantity=3, paid_minor=100_00, delivery_costs_minor=4_95)
    queries = [first, *(a_query(first.order, anna) for _n in range(4))]
    selection = all_of(first)

    ran = together(*[confirm(anna, queries[n % 5], selection, f"any-query-{n}") for n in range(TIMES)])

    assert len(done(ran)) == 1
    assert list(verify(anna.seller)) == []


def test_parcels_of_one_item_share_its_amount_to_the_cent(anna):
    # Given three units of one item, each in a parcel of its own
    order = an_order(anna.seller, an_item(quantity=3, paid_minor=100_00), placed_days=20, delivery_costs_minor=4_95)
    for _n in range(3):
        a_parcel(order, units={"1": 1}, shipped_days=19)
    query = a_query(order, anna)
    selection = all_of(query)

    # When each is written off at the same moment
    ran = together(*[confirm(anna, query, [units], f"parcel-{units.parcel}") for units in selection])

    # Then the last one took the rest of the cents, and the delivery costs
    assert sorted(recorded.refund_minor for recorded in done(ran)) == [33_33, 33_33, 33_34 + 4_95]
    assert list(verify(anna.seller)) == []


def test_one_key_for_two_orders_at_once_is_one_write_off(anna):
    queries = [silent_parcel(anna) for _n in range(6)]

    ran = together(*[confirm(anna, query, all_of(query), "one-key-only") for query in queries])

    assert len(done(ran)) == 1
    assert {result.refusal.code for result in ran if result.refusal} == {"key-reused"}
    assert of_shop(WriteOff, anna).count() == 1
    assert list(verify(anna.seller)) == []


def test_a_write_off_waits_for_the_lock_of_its_order(anna, monkeypatch):
    """Without the order's lock the second would read what the first is about to change."""
    query = silent_parcel(anna)
    selection, gate = all_of(query), Gate()
    gate.after(monkeypatch, WRITE_OFF, "assess_rows")

    first, second, waited = while_held(
        gate, confirm(anna, query, selection, "the-first"), confirm(anna, query, selection, "the-second")
    )

    assert waited
    assert first.done
    assert isinstance(second.refusal, NotEligible)


def test_shops_do_not_wait_for_each_other(anna, carla, monkeypatch):
    annas, carlas = silent_parcel(anna), silent_parcel(carla)
    gate = Gate()
    gate.after(monkeypatch, WRITE_OFF, "defer")

    first, second, waited = while_held(
        gate, confirm(anna, annas, all_of(annas), "the-first"), confirm(carla, carlas, all_of(carlas), "the-second")
    )

    assert first.done
    assert second.done
    assert not waited


def test_orders_of_one_shop_do_not_wait_for_each_other(anna, monkeypatch):
    one, other = silent_parcel(anna), silent_parcel(anna)
    gate = Gate()
    gate.after(monkeypatch, WRITE_OFF, "defer")

    first, second, waited = while_held(
        gate, confirm(anna, one, all_of(one), "the-first"), confirm(anna, other, all_of(other), "the-second")
    )

    assert (first.done, second.done, waited) == (True, True, False)
