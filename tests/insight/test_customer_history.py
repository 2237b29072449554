"""What a shop has had with a customer before."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lostpost.insight.customer_history import SHOWN, Losses, customer_history
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, silent_parcel

pytestmark = pytest.mark.django_db


def test_orders_queries_and_losses_of_the_same_address_stand_there(anna, carla):
    lost = silent_parcel(anna)
    write_off(query=lost.number, selection=all_of(lost), by=anna, key="the-write-off", now=NOW)
    query = silent_parcel(anna, customer_email="Klaas@Example.com", customer_name="K. de Vries")
    silent_parcel(anna, customer_email="another@example.com")
    silent_parcel(carla)

    history = customer_history(query)

    assert [order.number for order in history.orders] == [lost.order.number]
    assert [each.number for each in history.queries] == [lost.number]
    assert history.losses == [Losses(1, 25_00, "EUR")]


def test_a_new_customer_has_none(anna):
    history = customer_history(silent_parcel(anna))
    assert (history.orders, history.orders_count, history.queries, history.losses) == ([], 0, [], [])


def test_it_is_as_many_statements_for_many_as_for_one_and_shows_the_newest(anna):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            customer_history(query)
        return len(captured)

    query = silent_parcel(anna)
    assert statements() == 3
    for _count in range(SHOWN + 2):
        silent_parcel(anna)
    assert statements() == 3
    history = customer_history(query)
    assert (len(history.orders), history.orders_count, len(history.queries)) == (SHOWN, SHOWN + 2, SHOWN)
