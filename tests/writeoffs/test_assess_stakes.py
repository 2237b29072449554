"""What is at stake in a query stands on its row: assessed by a job, and forgotten where the facts change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lostpost.customer_queries.models import NEVER, CustomerQuery, TimelineEntry
from lostpost.customer_queries.put_aside import put_aside
from lostpost.customer_queries.receive_message import receive_message
from lostpost.customer_queries.stakes import ASSESSED_AGAIN_AFTER, queries_to_assess
from lostpost.writeoffs.assess_stakes import assess_stakes
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_query, a_return, all_of, an_item, an_order, in_days, silent_parcel

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LAST_DAY_ENDS = datetime(2026, 4, 6, 22, tzinfo=UTC)  # Of an order of 5 February: the 60th day after it, in Amsterdam.


def assessed(*queries, now=NOW):
    for seller_id, query_ids in queries_to_assess(now=now, most=100).items():
        assess_stakes(seller_id=seller_id, query_ids=query_ids, now=now)
    rows = [CustomerQuery.objects.get(seller_id=query.seller_id, id=query.id) for query in queries]
    return rows[0] if len(rows) == 1 else rows


def test_money_that_may_be_written_off_is_at_stake_until_the_orders_last_day(anna):
    row = assessed(silent_parcel(anna, quiet_days=31, paid_minor=49_95, quantity=2))
    assert (row.at_stake_minor, row.carrier_normalised) == (49_95, "dpd")
    assert row.eligible_from == NOW - 28 * DAY
    assert row.due_at == LAST_DAY_ENDS


def test_what_only_has_to_wait_is_eligible_later(anna):
    row = assessed(silent_parcel(anna, quiet_days=1))
    assert row.eligible_from == NOW + 2 * DAY
    assert row.at_stake_minor == 25_00


@pytest.mark.parametrize("values", [{"status": "delivered"}, {"placed_days": 70}], ids=str)
def test_what_is_refused_for_good_has_no_day_but_its_money_is_still_at_stake(anna, values):
    row = assessed(silent_parcel(anna, **values))
    assert (row.eligible_from, row.due_at, row.at_stake_minor) == (NEVER, NEVER, 25_00)


def test_only_the_item_that_a_query_is_about_is_at_stake(anna):
    order = an_order(anna.seller, an_item("1", paid_minor=10_00), an_item("2", paid_minor=7_00))
    a_parcel(order)
    about_one = a_query(order, anna, item="2")
    about_all = a_query(order, anna)
    rows = assessed(about_one, about_all)
    assert [row.at_stake_minor for row in rows] == [7_00, 17_00]


def test_what_was_not_shipped_is_not_at_stake(anna):
    row = assessed(a_query(an_order(anna.seller), anna))
    assert (row.at_stake_minor, row.eligible_from, row.carrier_normalised) == (0, NEVER, "")


def test_a_deadline_that_is_nearer_comes_first(anna):
    query = silent_parcel(anna)
    receive_message(seller_id=anna.seller_id, number=query.number, message="Well?", now=NOW)
    row = assessed(query)
    assert row.due_at == row.answer_due_at < LAST_DAY_ENDS


def test_a_write_off_takes_the_query_out_of_what_is_eligible_at_once(anna):
    query = silent_parcel(anna, quantity=2, paid_minor=50_00)
    assessed(query)
    write_off(query=query.number, selection=all_of(query), by=anna, key="write-off-1", now=NOW)
    row = CustomerQuery.objects.get(seller_id=query.seller_id, id=query.id)
    assert (row.at_stake_minor, row.eligible_from, row.stakes_assessed_at) == (0, NEVER, None)
    assert assessed(query).due_at == NEVER


@pytest.mark.parametrize("state", ["waiting_for_customer", "follow_up_later"])
def test_a_write_off_opens_a_query_that_was_put_aside(anna, state):
    query = silent_parcel(anna)
    put_aside(number=query.number, state=state, follow_up_on=in_days(4), by=anna, now=NOW)
    write_off(query=query.number, selection=all_of(query), by=anna, key="write-off-1", now=NOW + DAY)
    row = CustomerQuery.objects.get(seller_id=query.seller_id, id=query.id)
    assert (row.state, row.follow_up_on, row.waits_since) == ("open", None, NOW + DAY)
    entries = TimelineEntry.objects.filter(seller_id=query.seller_id, query_id=query.id, at=NOW + DAY)
    assert set(entries.values_list("kind", flat=True)) == {"write-off.confirmed", "refund.requested", "query.reopened"}


def test_a_write_off_of_a_part_leaves_the_rest_eligible(anna):
    query = silent_parcel(anna, quantity=2, paid_minor=50_00)
    assessed(query)
    (all_units,) = all_of(query)
    write_off(query=query.number, selection=[replace(all_units, quantity=1)], by=anna, key="write-off-1", now=NOW)
    row = CustomerQuery.objects.get(seller_id=query.seller_id, id=query.id)
    assert (row.at_stake_minor, row.eligible_from) == (25_00, NOW - 27 * DAY)


def test_a_return_makes_it_assessed_again(anna):
    query = silent_parcel(anna)
    assessed(query)
    a_return(query.order, {(f"{query.order.number}-P1", "1"): 1})
    assert queries_to_assess(now=NOW, most=5) == {anna.seller_id: [query.id]}
    assert assessed(query).at_stake_minor == 0


def test_what_is_assessed_is_assessed_again_after_an_hour_and_what_is_handled_never(anna):
    query, handled = silent_parcel(anna), a_query(an_order(anna.seller), anna, leave_open=False)
    assert queries_to_assess(now=NOW, most=5) == {anna.seller_id: [query.id]}
    assessed(query, handled)
    assert queries_to_assess(now=NOW + ASSESSED_AGAIN_AFTER, most=5) == {}
    assert queries_to_assess(now=NOW + ASSESSED_AGAIN_AFTER + DAY, most=5) == {anna.seller_id: [query.id]}
    assert assess_stakes(seller_id=anna.seller_id, query_ids=[handled.id], now=NOW) == 0


def test_many_are_assessed_in_as_many_statements_as_one(anna):
    def statements(ids):
        with CaptureQueriesContext(connection) as executed:
            assert assess_stakes(seller_id=anna.seller_id, query_ids=ids, now=NOW) == len(ids)
        return len(executed)

    ids = [silent_parcel(anna).id for _n in range(6)]
    assert statements(ids[:1]) == statements(ids)
