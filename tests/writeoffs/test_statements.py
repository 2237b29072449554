"""The number of SQL statements of a write-off: at most seven, whatever the size of the order and of the shop."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lostpost.accounts.policy import change_policy
from lostpost.writeoffs.assess_order import assess_order
from lostpost.writeoffs.preview_write_off import preview_write_off
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_query, all_of, an_item, an_order, silent_parcel

pytestmark = pytest.mark.django_db

CONFIRM_MAX, ASSESS_MAX = 7, 2
BOOKKEEPING = ("SAVEPOINT", "RELEASE", "ROLLBACK TO")  # Of the test's own transaction.


def statements(call):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        call()
    return [query["sql"] for query in queries if not query["sql"].startswith(BOOKKEEPING)]


def an_order_of(anna, *, items, parcels, quantity):
    """Sell so many items, a part of each in every parcel."""
    lines = [an_item(str(n), quantity=quantity * parcels, paid_minor=1000 * n + 7) for n in range(1, items + 1)]
    order = an_order(anna.seller, *lines, placed_days=20, delivery_costs_minor=4_95)
    for _n in range(parcels):
        a_parcel(order, units={line.item: quantity for line in lines}, shipped_days=19)
    return a_query(order, anna)


@pytest.mark.parametrize(("items", "parcels", "quantity"), [(1, 1, 1), (1, 1, 40), (20, 2, 1), (8, 5, 3)])
def test_a_write_off_takes_at_most_seven_statements(anna, items, parcels, quantity):
    query = an_order_of(anna, items=items, parcels=parcels, quantity=quantity)
    selection = all_of(query)
    assert len(selection) == items * parcels

    executed = statements(lambda: write_off(query=query.number, selection=selection, by=anna, key="count-me", now=NOW))

    assert len(executed) <= CONFIRM_MAX, "\n".join(executed)


def test_a_write_off_takes_as_many_statements_in_a_large_shop(anna):
    small, large = silent_parcel(anna), an_order_of(anna, items=10, parcels=2, quantity=2)
    few_units, many_units = all_of(small), all_of(large)
    first = statements(lambda: write_off(query=small.number, selection=few_units, by=anna, key="small-shop", now=NOW))
    for _n in range(30):
        other = silent_parcel(anna)
        write_off(query=other.number, selection=all_of(other), by=anna, key=f"fill-{other.number}", now=NOW)
    change_policy(values={"quiet_days": 4}, reason="More patience", by="Olga", now=NOW)

    second = statements(lambda: write_off(query=large.number, selection=many_units, by=anna, key="large-shop", now=NOW))

    assert len(first) == len(second)


def test_an_assessment_takes_at_most_two_statements(anna):
    small, large = silent_parcel(anna), an_order_of(anna, items=10, parcels=4, quantity=2)

    counts = {len(statements(lambda query=query: assess_order(query.order, now=NOW))) for query in (small, large)}

    assert len(counts) == 1
    assert max(counts) <= ASSESS_MAX


def test_a_preview_takes_the_same_statements_for_one_item_and_for_forty(anna):
    small, large = silent_parcel(anna), an_order_of(anna, items=40, parcels=1, quantity=1)

    counts = {
        len(statements(lambda q=query: preview_write_off(query=q.number, selection=all_of(q), by=anna, now=NOW)))
        for query in (small, large)
    }

    assert len(counts) == 1


def test_a_retry_takes_at_most_seven_statements_four_of_them_sent_together(anna):
    query = silent_parcel(anna)
    selection = all_of(query)
    request = {"query": query.number, "selection": selection, "by": anna, "key": "again-please", "now": NOW}
    write_off(**request)

    assert len(statements(lambda: write_off(**request))) <= 7
