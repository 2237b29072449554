"""Returns: units on their way back are not lost, and no unit is returned twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lostpost.core.errors import Refused
from lostpost.intake.put_returns import ReturnContradicts, put_return, put_returns
from lostpost.orders.data import ReturnData, UnitData
from lostpost.orders.models import Order, OrderItem, Parcel, ParcelUnit, Return, ReturnUnit
from lostpost.writeoffs.assess_order import assess_order
from tests.cast import NOW, a_parcel, an_item, an_order, row_counts

pytestmark = pytest.mark.django_db

RETURN = ReturnData(code="R-1", order_number="1007", status="announced", units=(UnitData("1", 2, "P-1"),))


@pytest.fixture
def order(lampenhuis) -> Order:
    order = an_order(lampenhuis, an_item("1", quantity=3), an_item("2"), number="1007")
    a_parcel(order, code="P-1", units={"1": 3, "2": 1})
    return order


def returned() -> dict[str, int]:
    rows = ParcelUnit.objects.select_related("order_item").order_by("order_item__item")
    return {row.order_item.item: row.quantity_returned for row in rows}


def everything() -> list[list[Any]]:
    querysets: list[Any] = [model.objects.order_by("id").values() for model in (Return, ReturnUnit, ParcelUnit)]
    return [list(rows) for rows in querysets]


def test_units_in_return_are_counted_and_not_available(lampenhuis, order):
    assert put_return(seller=lampenhuis, data=RETURN, now=NOW).state == "created"

    row = Return.objects.get(seller_id=lampenhuis.id)
    assert (row.code, row.status, row.order_id, row.registered_at) == ("R-1", "announced", order.id, NOW)
    assert returned() == {"1": 2, "2": 0}
    available = {unit.item.item: unit.available for unit in assess_order(order, now=NOW).units}
    assert available == {"1": 1, "2": 1}


def test_repeating_the_same_return_changes_nothing(lampenhuis, order):
    put_return(seller=lampenhuis, data=RETURN, now=NOW)
    before = everything()

    assert put_return(seller=lampenhuis, data=RETURN, now=NOW + timedelta(days=1)).state == "unchanged"
    assert everything() == before


def test_a_return_may_change_be_received_be_cancelled_and_come_again(lampenhuis, order):
    def put(**changes: Any) -> tuple[str, dict[str, int]]:
        return put_return(seller=lampenhuis, data=replace(RETURN, **changes), now=NOW).state, returned()

    assert put() == ("created", {"1": 2, "2": 0})
    assert put(status="in_transit") == ("updated", {"1": 2, "2": 0})
    both = (UnitData("1", 1, "P-1"), UnitData("2", 1, "P-1"))
    assert put(status="received", units=both) == ("updated", {"1": 1, "2": 1})
    assert put(status="cancelled", units=both) == ("updated", {"1": 0, "2": 0})
    assert put(status="cancelled", units=both) == ("unchanged", {"1": 0, "2": 0})
    assert put(status="cancelled") == ("updated", {"1": 0, "2": 0})
    assert put(status="announced") == ("updated", {"1": 2, "2": 0})


WRONG = [
    ({"code": "R 1"}, "the return “R 1” must be"),
    ({"code": "\x00"}, "must be 1 to 64 letters"),
    ({"order_number": "9\x009"}, "the order number"),
    ({"order_number": "9999"}, "there is no order “9999” in this shop"),
    ({"status": "lost"}, "the status “lost” is none of announced, in_transit, received, cancelled"),
    ({"units": ()}, "at least one unit"),
    ({"units": (UnitData("1", 0, "P-1"),)}, "quantity is 0"),
    ({"units": (UnitData("1", 1, "P-1"), UnitData("1", 1, "P-1"))}, "item “P-1/1” stands there 2 times"),
    ({"units": (UnitData("1", 1, "P-2"),)}, "parcel “P-2” of this order holds no item “1”"),
    ({"units": (UnitData("3", 1, "P-1"),)}, "parcel “P-1” of this order holds no item “3”"),
    ({"units": (UnitData("1", 1),)}, "parcel “” of this order holds no item “1”"),
    ({"units": (UnitData("1", 1, "\x00"),)}, "the parcel “�” must be"),
    ({"units": (UnitData("1", 4, "P-1"),)}, "only 3 units are neither returned nor written off"),
]


@pytest.mark.parametrize(("wrong", "sentence"), WRONG)
def test_a_wrong_return_is_refused_with_a_sentence_and_leaves_no_row(lampenhuis, order, wrong, sentence):
    before = row_counts(), everything()

    with pytest.raises(Refused) as refused:
        put_return(seller=lampenhuis, data=replace(RETURN, **wrong), now=NOW)

    assert sentence in str(refused.value)
    assert (row_counts(), everything()) == before


def test_returns_of_a_batch_share_what_was_sent_and_the_first_ones_get_it(lampenhuis, order):
    batch = [
        RETURN,
        replace(RETURN, code="R-2"),
        replace(RETURN, code="R-3", units=(UnitData("1", 1, "P-1"),)),
        replace(RETURN, code="R-3", units=(UnitData("2", 1, "P-1"),)),
        replace(RETURN, code="R-4", status="cancelled"),
    ]

    outcomes = put_returns(seller=lampenhuis, returns=batch, now=NOW)

    assert [outcome.state for outcome in outcomes] == ["created", "refused", "created", "refused", "created"]
    assert returned() == {"1": 3, "2": 0}


def test_what_was_written_off_cannot_come_back_as_well(lampenhuis, order):
    ParcelUnit.objects.filter(order_item__item="1").update(quantity_written_off=2)
    before = everything()

    with pytest.raises(ReturnContradicts, match="only 1 units are neither returned nor written off"):
        put_return(seller=lampenhuis, data=RETURN, now=NOW)

    assert everything() == before


def test_a_return_stays_with_its_order(lampenhuis, order):
    other = an_order(lampenhuis, an_item("1", quantity=3), number="1008")
    a_parcel(other, code="P-2")
    put_return(seller=lampenhuis, data=RETURN, now=NOW)

    with pytest.raises(ReturnContradicts, match="return “R-1” belongs to another order"):
        put_return(
            seller=lampenhuis, data=replace(RETURN, order_number="1008", units=(UnitData("1", 1, "P-2"),)), now=NOW
        )


def test_a_parcel_counts_as_written_off_while_the_rest_of_it_is_in_return(lampenhuis, order):
    # Given a parcel of which some units were written off, and some not
    OrderItem.objects.filter(item="1").update(quantity_written_off=3)
    ParcelUnit.objects.filter(order_item__item="1").update(quantity_written_off=3)
    rest = replace(RETURN, units=(UnitData("2", 1, "P-1"),))

    # When the rest comes back, and then does not
    put_return(seller=lampenhuis, data=rest, now=NOW)
    with_return = Parcel.objects.get().written_off
    put_return(seller=lampenhuis, data=replace(rest, status="cancelled"), now=NOW)

    # Then it is among the silent ones again
    assert (with_return, Parcel.objects.get().written_off) == (True, False)
