"""Parcels: never more than was ordered, and a corrected tracking number starts the clock again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from lostpost.core.errors import NotFound, Refused
from lostpost.intake.put_parcels import ParcelContradicts, put_parcel, put_parcels
from lostpost.orders.data import ParcelData, UnitData
from lostpost.orders.models import Order, OrderItem, Parcel, ParcelUnit
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_return, all_of, an_item, an_order, row_counts, silent_parcel

pytestmark = pytest.mark.django_db

PARCEL = ParcelData(
    code="P-1",
    order_number="1007",
    shipping_method="own",
    shipped_at=NOW - timedelta(days=9),
    units=(UnitData("1", 2), UnitData("2", 1)),
    carrier="DPD",
    tracking_number="3SABC123",
)


@pytest.fixture
def order(lampenhuis) -> Order:
    return an_order(lampenhuis, an_item("1", quantity=3), an_item("2"), number="1007")


def everything() -> tuple[list[Any], list[Any]]:
    return list(Parcel.objects.order_by("id").values()), list(ParcelUnit.objects.order_by("id").values())


def units_in(code: str) -> dict[str, int]:
    rows = ParcelUnit.objects.filter(parcel__code=code).select_related("order_item")
    return {row.order_item.item: row.quantity for row in rows}


def test_a_parcel_goes_in_with_what_is_in_it(lampenhuis, order):
    assert put_parcel(seller=lampenhuis, parcel=PARCEL, now=NOW).state == "created"

    parcel = Parcel.objects.get(seller_id=lampenhuis.id, code="P-1")
    for name in ("shipping_method", "shipped_at", "carrier", "tracking_number"):
        assert getattr(parcel, name) == getattr(PARCEL, name)
    assert parcel.order_id == order.id
    assert (parcel.last_scanned_at, parcel.last_status, parcel.delivered, parcel.written_off) == (
        None,
        "",
        False,
        False,
    )
    assert parcel.tracking_number_changed_at is None
    assert units_in("P-1") == {"1": 2, "2": 1}


def test_repeating_the_same_parcel_changes_nothing(lampenhuis, order):
    put_parcel(seller=lampenhuis, parcel=PARCEL, now=NOW)
    before = everything()

    again = replace(PARCEL, units=PARCEL.units[::-1])

    assert put_parcel(seller=lampenhuis, parcel=again, now=NOW + timedelta(days=1)).state == "unchanged"
    assert everything() == before


def test_changes_of_a_parcel_are_stored(lampenhuis, order):
    put_parcel(seller=lampenhuis, parcel=PARCEL, now=NOW)
    changed = replace(PARCEL, carrier="PostNL", units=(UnitData("1", 3),))

    assert put_parcel(seller=lampenhuis, parcel=changed, now=NOW).state == "updated"
    assert put_parcel(seller=lampenhuis, parcel=changed, now=NOW).state == "unchanged"
    assert (Parcel.objects.get().carrier, units_in("P-1")) == ("PostNL", {"1": 3})
    assert put_parcel(seller=lampenhuis, parcel=PARCEL, now=NOW).state == "updated"
    assert units_in("P-1") == {"1": 2, "2": 1}


def test_a_corrected_tracking_number_starts_the_clock_and_a_first_one_does_not(lampenhuis, order):
    put_parcel(seller=lampenhuis, parcel=replace(PARCEL, tracking_number=""), now=NOW)
    put_parcel(seller=lampenhuis, parcel=PARCEL, now=NOW)
    assert Parcel.objects.get().tracking_number_changed_at is None

    later = NOW + timedelta(hours=5)
    put_parcel(seller=lampenhuis, parcel=replace(PARCEL, tracking_number="3SXYZ"), now=later)

    assert Parcel.objects.get().tracking_number_changed_at == later


WRONG = [
    ({"code": "P 1"}, "the parcel “P 1” must be"),
    ({"code": "P\x001"}, "must be 1 to 64 letters"),
    ({"order_number": "\x00"}, "the order number “�” must be"),
    ({"order_number": "9999"}, "there is no order “9999” in this shop; put the order in first"),
    ({"shipping_method": "pigeon"}, "the shipping method “pigeon” is none of own,"),
    ({"shipped_at": datetime(2026, 3, 1)}, "shipped_at has no time zone"),  # noqa: DTZ001
    ({"shipped_at": NOW + timedelta(days=2)}, "it must lie between"),
    ({"carrier": "x" * 65}, "at most 64 characters each"),
    ({"carrier": "DPD\x00"}, "control character"),
    ({"tracking_number": "3S\x1b[2J"}, "control character"),
    ({"units": ()}, "at least one unit"),
    ({"units": (UnitData("1", 1), UnitData("1", 1))}, "item “1” stands there 2 times; add the quantities up"),
    ({"units": (UnitData("1", 0),)}, "quantity is 0"),
    ({"units": (UnitData("3", 1),)}, "order “1007” has no item “3”"),
    ({"units": (UnitData("\x00", 1),)}, "the item “�” must be"),
    ({"units": (UnitData("1", 4),)}, "item “1”: 3 units are ordered and not cancelled, 4 would be shipped"),
]


@pytest.mark.parametrize(("wrong", "sentence"), WRONG)
def test_a_wrong_parcel_is_refused_with_a_sentence_and_leaves_no_row(lampenhuis, order, wrong, sentence):
    before = row_counts()

    with pytest.raises(Refused) as refused:
        put_parcel(seller=lampenhuis, parcel=replace(PARCEL, **wrong), now=NOW)

    assert sentence in str(refused.value)
    assert row_counts() == before


def test_another_shops_order_is_not_there(carla, order):
    with pytest.raises(NotFound):
        put_parcel(seller=carla.seller, parcel=PARCEL, now=NOW)


def test_parcels_of_a_batch_share_what_was_ordered_and_the_first_ones_get_it(lampenhuis, order):
    batch = [
        replace(PARCEL, code="P-1", units=(UnitData("1", 2),)),
        replace(PARCEL, code="P-2", units=(UnitData("1", 2), UnitData("2", 1))),
        replace(PARCEL, code="P-3", units=(UnitData("1", 1),)),
        replace(PARCEL, code="P-3", units=(UnitData("2", 1),)),
        replace(PARCEL, code="P-4", units=(UnitData("2", 1),), order_number="9999"),
    ]

    outcomes = put_parcels(seller=lampenhuis, parcels=batch, now=NOW)

    assert [outcome.state for outcome in outcomes] == ["created", "refused", "created", "refused", "refused"]
    assert {code: units_in(code) for code in ("P-1", "P-2", "P-3")} == {"P-1": {"1": 2}, "P-2": {}, "P-3": {"1": 1}}


def test_a_parcel_stays_with_its_order(lampenhuis, order):
    an_order(lampenhuis, an_item("1", quantity=3), an_item("2"), number="1008")
    put_parcel(seller=lampenhuis, parcel=PARCEL, now=NOW)
    before = everything()

    with pytest.raises(ParcelContradicts, match="belongs to another order"):
        put_parcel(seller=lampenhuis, parcel=replace(PARCEL, order_number="1008"), now=NOW)

    assert everything() == before


def test_what_came_back_stays_in_its_parcel(lampenhuis, order):
    put_parcel(seller=lampenhuis, parcel=PARCEL, now=NOW)
    a_return(order, {("P-1", "1"): 2})
    before = everything()

    with pytest.raises(ParcelContradicts, match="2 units of this parcel were written off or returned already"):
        put_parcel(seller=lampenhuis, parcel=replace(PARCEL, units=(UnitData("1", 1),)), now=NOW)

    assert everything() == before


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"shipping_method": "label_via_platform"}, "shipping_method of this parcel cannot change any more"),
        ({"shipped_at": NOW - timedelta(days=5)}, "shipped_at of this parcel cannot change any more"),
    ],
)
def test_what_a_write_off_rests_on_stays(anna, changed, sentence):
    query = silent_parcel(anna)
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=NOW)
    same = data_of(Parcel.objects.get())
    before = everything()

    with pytest.raises(ParcelContradicts, match=sentence):
        put_parcel(seller=anna.seller, parcel=replace(same, **changed), now=NOW)

    assert everything() == before
    assert put_parcel(seller=anna.seller, parcel=replace(same, carrier="PostNL"), now=NOW).state == "updated"


def test_a_parcel_into_which_more_is_put_is_no_longer_written_off(anna):
    # Given an order of two units, one of them in a parcel that was written off
    order = an_order(anna.seller, an_item("1", quantity=2), number="1007", placed_days=20)
    one = replace(PARCEL, units=(UnitData("1", 1),), shipped_at=NOW - timedelta(days=18))
    put_parcel(seller=anna.seller, parcel=one, now=NOW)
    ParcelUnit.objects.update(quantity_written_off=1)
    OrderItem.objects.update(quantity_written_off=1)
    Parcel.objects.update(written_off=True)

    # When the marketplace corrects that both were in it
    put_parcel(seller=anna.seller, parcel=replace(one, units=(UnitData("1", 2),)), now=NOW)

    # Then it is among the silent ones again
    assert units_in("P-1") == {"1": 2}
    assert not Parcel.objects.get(order_id=order.id).written_off


def test_many_parcels_cost_a_few_statements(lampenhuis, django_assert_max_num_queries):
    an_order(lampenhuis, an_item("1", quantity=1000), number="1007")
    batch = [replace(PARCEL, code=f"P-{number}", units=(UnitData("1", 1),)) for number in range(200)]

    with django_assert_max_num_queries(14):  # Three read what was sold and book it; one is of queries.
        put_parcels(seller=lampenhuis, parcels=batch, now=NOW)
    with django_assert_max_num_queries(8):
        outcomes = put_parcels(seller=lampenhuis, parcels=batch, now=NOW)

    assert {outcome.state for outcome in outcomes} == {"unchanged"}


def data_of(parcel: Parcel) -> ParcelData:
    return ParcelData(
        code=parcel.code,
        order_number=Order.objects.get(id=parcel.order_id).number,
        shipping_method=parcel.shipping_method,
        shipped_at=parcel.shipped_at,
        units=[UnitData(item, quantity) for item, quantity in units_in(parcel.code).items()],
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
    )
