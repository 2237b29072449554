"""The feed over HTTP: replayable from the start, page by page, a shop's own alone."""

from datetime import datetime

import pytest

from tests.api.machine import a_machine_of, a_platform
from tests.cast import a_parcel, an_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def machine(anna):
    return a_machine_of("lampenhuis", read_only=True)


def test_a_shop_reads_what_happened_from_its_first_event(machine, anna):
    order = an_order(anna.seller)
    parcel = a_parcel(order)

    answer = machine.call("get", "/events").json()

    assert answer["next"] is None
    first, second = answer["items"]
    assert (first["sequence"], first["type"], first["data"]) == (1, "order.created", {"order_number": order.number})
    assert second["data"] == {"order_number": order.number, "parcel": parcel.code}
    assert datetime.fromisoformat(second["at"]).tzinfo


def test_pages_follow_each_other_while_events_are_added(machine, anna):
    for _n in range(5):
        an_order(anna.seller)
    sequences, after = [], "0"
    while after:
        answer = machine.call("get", f"/events?after={after}&size=2").json()
        sequences += [event["sequence"] for event in answer["items"]]
        after = answer["next"]
        if len(sequences) == 4:
            an_order(anna.seller)

    assert sequences == [1, 2, 3, 4, 5, 6]
    an_order(anna.seller)
    late = machine.call("get", f"/events?after={sequences[-1]}").json()
    assert [event["sequence"] for event in late["items"]] == [7]
    assert machine.call("get", "/events?after=7").json() == {"items": [], "next": None}


@pytest.mark.parametrize("after", ["-1", "x", str(2**63), "1.5"])
def test_an_invalid_cursor_is_refused(machine, after):
    answer = machine.call("get", f"/events?after={after}")
    assert answer.status_code == 422
    assert answer.json()["code"] == "validation-failed"
    assert answer.json()["errors"][0]["path"] == "query.after"


def test_another_shops_events_are_not_there(machine, carla):
    an_order(carla.seller)
    assert machine.call("get", "/events").json()["items"] == []
    assert machine.call("get", "/events?seller=carlas-keramiek").status_code == 404


def test_the_platform_names_the_shop(anna):
    an_order(anna.seller)
    platform = a_platform()

    assert platform.call("get", "/events").json()["code"] == "seller-missing"
    assert len(platform.call("get", "/events?seller=lampenhuis").json()["items"]) == 1
