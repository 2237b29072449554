"""Partnerservice finds an order of any shop; nobody else does, and no customer's name stands in an address."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from lostpost.accounts.security_log import SecurityEvent
from lostpost.customer_queries.models import CustomerQuery
from lostpost.orders.order_search import orders_of_all
from lostpost.writeoffs.write_off import write_off
from tests.cast import a_parcel, a_query, all_of, an_order, silent_parcel, user_of
from tests.partnerservice.cases import a_request
from tests.portal.pages import Read

pytestmark = pytest.mark.django_db
SEARCH = "/desk/search/"


@pytest.fixture
def desk(client, pia):
    client.force_login(user_of(pia))
    return client


def find(client: Any, words: str) -> Read:
    return Read(client.post(SEARCH, {"q": words}))


@pytest.fixture
def orders(anna, carla) -> CustomerQuery:
    now = timezone.now()
    query = silent_parcel(anna, number="2398-4471", now=now, customer_name="Klaas Vaak")
    other = an_order(carla.seller, number="9001", customer_name="Ans Bos", customer_email="ans@example.com", now=now)
    a_query(other, carla, now=now)
    a_parcel(other, tracking_number="3S CARLA 1", now=now)
    return query


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("2398-4471", ["2398-4471"]),
        ("23984471", ["2398-4471"]),
        ("4471", ["2398-4471"]),
        ("klaas", ["2398-4471"]),
        ("KLAAS@example.com", ["2398-4471"]),
        ("TT-2398-4471-P1", ["2398-4471"]),
        ("3scarla1", ["9001"]),
        ("ans@exam", ["9001"]),
        ("9001", ["9001"]),
        ("Nobody at all", []),
        ("%%%%", []),
    ],
)
def test_an_order_is_found_in_whatever_shop(desk, orders, words, numbers):
    page = find(desk, words)
    assert page.status == 200
    assert [number for number in ("2398-4471", "9001") if f"Order {number}" in page.text] == numbers
    assert ("Nothing was found" in page.text) == (not numbers)


def test_a_query_and_a_write_off_are_found_by_their_numbers(desk, anna, orders):
    result = write_off(query=orders.number, selection=all_of(orders), by=anna, key="write-off-1", now=timezone.now())
    for words in (orders.number, result.number):
        page = find(desk, words)
        assert "Order 2398-4471 · Lampenhuis" in page.text
        assert f"Write-off {result.number}" in page.text
        assert "€25.00" in page.text


def test_its_requests_are_links(desk, anna):
    case = a_request(anna, now=timezone.now())
    page = find(desk, case.query.number)
    assert f"/desk/requests/lampenhuis/{case.id}/" in page.links


@pytest.mark.parametrize("words", ["", "ab", "a\x00bcd"])
def test_too_little_finds_nothing(desk, orders, words):
    page = find(desk, words)
    assert page.status == 200
    assert "Order 2398" not in page.text


def test_who_searched_is_recorded_without_the_words(desk, orders, pia):
    find(desk, "klaas")
    event = SecurityEvent.objects.get(event="orders.searched")
    assert (event.user_id, event.about) == (pia.user_id, "1 found in all shops")


def test_each_way_of_searching_uses_an_index(orders):
    """However large the marketplace is: with the tables' size as a planner's last excuse taken away."""
    sent: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        orders_of_all("2398-4471", most=5)
    plans = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for sql, params in sent:
            cursor.execute(f"EXPLAIN {sql}", params)
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
    assert plans
    assert not [plan for plan in plans if "Seq Scan" in plan]


@pytest.mark.parametrize("who", ["anna", "fien"])
def test_nobody_else_searches(client, orders, request, who):
    client.force_login(user_of(request.getfixturevalue(who)))
    assert client.get(SEARCH).status_code == 404
    assert client.post(SEARCH, {"q": "klaas"}).status_code == 404
