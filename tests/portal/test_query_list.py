"""The customer queries of a shop, in buckets: who waits longest stands first."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lostpost.answering.answer_query import answer_query
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.put_aside import put_aside
from lostpost.customer_queries.receive_message import receive_message
from tests.cast import a_parcel, a_query, a_scan, an_order
from tests.portal.pages import Site

QUERIES = "/shops/lampenhuis/customer-queries/"
HOUR = timedelta(hours=1)


@pytest.fixture
def site(client, anna):
    return Site(client, anna)


@pytest.fixture
def now():
    return timezone.now()


def queried(member, *, hours=1.0, now, **order):
    return a_query(an_order(member.seller, now=now, **order), member, now=now - hours * HOUR)


def numbers(page):
    return [match[1] for link in page.links if (match := re.fullmatch(rf"{QUERIES}(\d+)/(\?.*)?", link))]


def number_in(address):
    return address.split("/")[4]


def listed(site, **parameters):
    return numbers(site.get(QUERIES, query_params=parameters))


def test_a_shop_without_queries_says_how_to_open_one(site):
    page = site.get(QUERIES)
    assert page.status == 200
    assert "No open customer queries" in page.text
    assert "go to an order and start customer contact" in page.text


def test_a_query_is_listed_with_its_customer_order_and_newest_words(site, anna, now):
    query = queried(anna, hours=3, now=now, number="2398-4471", customer_name="Fatima El Amrani")
    receive_message(
        seller_id=anna.seller_id, number=query.number, message="Where is it? I still have nothing.", now=now - 2 * HOUR
    )
    page = site.get(QUERIES)
    assert numbers(page) == [query.number]
    for words in (
        "Where is it? I still have nothing.",
        "Fatima El Amrani",
        "2398-4471",
        query.number,
    ):
        assert words in page.text, words


def test_each_bucket_holds_its_state_and_counts_it(site, anna, now):
    opened, waiting, later, handled = (queried(anna, hours=hours, now=now) for hours in (1, 2, 3, 4))
    put_aside(number=waiting.number, state="waiting_for_customer", by=anna, now=now)
    put_aside(
        number=later.number, state="follow_up_later", by=anna, now=now, follow_up_on=(now + timedelta(days=3)).date()
    )
    close_query(number=handled.number, by=anna, now=now)

    assert listed(site) == listed(site, state="open") == [opened.number]
    assert listed(site, state="waiting_for_customer") == [waiting.number]
    assert listed(site, state="follow_up_later") == [later.number]
    assert listed(site, state="with_partnerservice") == []
    assert listed(site, state="handled") == [handled.number]
    page = site.get(QUERIES)
    assert "To do 1 " in page.text
    assert "Waiting for customer 1 Follow up later 1 With Partnerservice 0 Handled" in page.text


def test_the_longest_waiting_is_first_by_age_and_of_the_handled_the_newest(site, anna, now):
    older, newer = queried(anna, hours=5, now=now), queried(anna, hours=1, now=now)
    assert listed(site, sort="age") == [older.number, newer.number]
    close_query(number=newer.number, by=anna, now=now - HOUR / 2)
    close_query(number=older.number, by=anna, now=now)
    assert listed(site, state="handled") == [older.number, newer.number]


def test_the_list_says_how_it_is_sorted(site, anna, now):
    queried(anna, now=now)
    assert "What is due next stands first." in site.get(QUERIES).text
    assert "Who waits longest stands first." in site.get(f"{QUERIES}?sort=age").text
    assert "The last handled first." in site.get(f"{QUERIES}?state=handled").text
    assert "The last opened first." in site.get(f"{QUERIES}?q=klaas").text


def test_an_answer_that_is_late_is_flagged(site, anna, now):
    query = queried(anna, now=now)
    assert "too long" not in site.get(QUERIES).text
    receive_message(seller_id=anna.seller_id, number=query.number, message="Where is it?", now=now - timedelta(days=7))
    assert "7 days (too long)" in site.get(QUERIES).text


def test_an_answer_stops_the_clock_in_the_list_and_on_the_query(site, anna, now):
    query = queried(anna, hours=24 * 8, now=now)
    receive_message(seller_id=anna.seller_id, number=query.number, message="Where is it?", now=now - timedelta(days=7))
    for page in (site.get(QUERIES), site.get(site.query(query)), site.get(site.query(query, "write-off/"))):
        assert "You wrote last" not in page.text
    answer_query(
        number=query.number,
        message="We look.",
        leave_open=True,
        by=anna,
        key="an-answer-1",
        now=now - timedelta(days=5),
    )
    for page in (site.get(QUERIES), site.get(site.query(query)), site.get(site.query(query, "write-off/"))):
        assert "You wrote last · 5 days" in page.text
        assert 'class="late"' not in page.html


def test_a_search_looks_through_all_buckets(site, anna, now):
    query = queried(anna, now=now, number="2398-4471", customer_name="Marijke van der Berg", customer_email="m@b.nl")
    queried(anna, now=now, customer_name="Klaas de Vries")
    close_query(number=query.number, by=anna, now=now)

    for words in ("2398-4471", query.number, f" {query.number} ", "van der berg", "marijke", "m@b.nl"):
        assert listed(site, q=words) == [query.number], words
    nothing = site.get(QUERIES, query_params={"q": "<i>nobody</i>"})
    assert "No customer query matches" in nothing.text
    assert "<i>nobody" not in nothing.html


def test_pages_follow_each_other(site, anna, now):
    numbers_of_queries = [queried(anna, hours=60 - n, now=now).number for n in range(30)]
    first = site.get(QUERIES)
    (following,) = [link for link in first.links if link.startswith("?after=")]
    second = site.get(QUERIES + following)
    (preceding,) = [link for link in second.links if link.startswith("?before=")]

    assert numbers(first) == numbers_of_queries[:25]
    assert "1–25 of 30" in first.text
    assert numbers(second) == numbers_of_queries[25:]
    assert "26–30 of 30" in second.text
    assert numbers(site.get(QUERIES + preceding)) == numbers_of_queries[:25]


@pytest.mark.parametrize("state", ["", "nonsense", "OPEN", "\x00", "'"])
def test_an_unknown_bucket_is_the_open_one(site, anna, now, state):
    query = queried(anna, now=now)
    assert listed(site, state=state) == [query.number]


def test_nothing_of_another_shop_is_listed_or_found(site, carla, now):
    query = queried(carla, now=now, number="C-1")
    assert listed(site) == listed(site, q=query.number) == listed(site, q="C-1") == listed(site, q="klaas") == []


def test_customers_text_is_escaped(site, anna, now):
    evil = "<script>alert(1)</script>"
    query = queried(anna, now=now, customer_name=evil)
    receive_message(seller_id=anna.seller_id, number=query.number, message=evil, now=now)
    page = site.get(QUERIES)
    assert evil not in page.html
    assert page.text.count(evil) == 2


def test_the_list_needs_as_many_statements_for_25_queries_as_for_one(site, anna, now):
    def query_count(**params):
        with CaptureQueriesContext(connection) as queries:
            assert site.get(QUERIES, query_params=params).status == 200
        return len(queries)

    for _ in range(2):
        queried(anna, now=now)
        a_scan(a_parcel(an_order(anna.seller, now=now), now=now), days=5, now=now)
    few, few_found = query_count(), query_count(q="klaas")
    for _ in range(12):
        queried(anna, now=now)
        a_scan(a_parcel(an_order(anna.seller, now=now), now=now), days=5, now=now)
    assert query_count() == few <= 18
    assert query_count(q="klaas") == few_found <= 10


def test_only_looking_is_possible(site):
    assert site.client.head(QUERIES).status_code == 200
    assert site.client.post(QUERIES).status_code == 405
