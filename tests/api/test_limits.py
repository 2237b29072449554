"""What a client may send in a minute, for all of its tokens and all web servers together."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from lostpost.accounts.count_request import count_request
from lostpost.accounts.models import RequestCount
from tests.api.machine import a_machine_of, a_platform, problem
from tests.races.together import done, together


@pytest.fixture
def noon(monkeypatch):
    """Stop the clock of the counting, so that no minute ends within a test."""
    at = timezone.now().replace(second=18)
    monkeypatch.setattr("lostpost.api.callers.timezone.now", lambda: at)
    return at


@pytest.mark.django_db
def test_every_answer_says_what_is_left(anna, noon, settings):
    settings.API_REQUESTS_PER_MINUTE = 10
    machine = a_machine_of("lampenhuis", read_only=True)

    paths = ("/orders", "/orders/none", "/orders?size=0", "/scans")
    answers = [machine.call("get", path) for path in paths[:3]] + [machine.call("post", "/scans", {})]

    assert [answer.status_code for answer in answers] == [200, 404, 422, 403]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["9", "8", "7", "6"]
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"10"}
    assert {answer.headers["RateLimit-Reset"] for answer in answers} == {"42"}


@pytest.mark.django_db
def test_too_many_are_refused_until_the_next_minute_and_do_nothing(anna, noon, settings, monkeypatch):
    settings.API_REQUESTS_PER_MINUTE = 2
    machine, other = a_platform(), a_machine_of("lampenhuis")
    for _n in range(2):
        assert machine.call("get", "/orders?seller=lampenhuis").status_code == 200

    refused = machine.call("put", "/sellers/late", {"name": "Late"})

    problem(refused, 429, "too-many-requests")
    assert refused.headers["Retry-After"] == "42"
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert other.call("get", "/orders").status_code == 200, "each client counts for itself"
    machine.token = machine.fresh_token()
    assert machine.call("get", "/orders?seller=lampenhuis").status_code == 429, "a new token is no new client"
    later = noon + timedelta(seconds=42)
    monkeypatch.setattr("lostpost.api.callers.timezone.now", lambda: later)
    answer = machine.call("put", "/sellers/late", {"name": "Late"})
    assert (answer.status_code, answer.headers["RateLimit-Remaining"]) == (200, "1")


@pytest.mark.django_db
def test_who_did_not_sign_in_is_told_nothing(client, db):
    answer = client.get("/api/v1/orders")
    assert answer.status_code == 401
    assert "RateLimit-Limit" not in answer.headers
    assert not RequestCount.objects.exists()


@pytest.mark.django_db
def test_a_server_whose_clock_is_behind_counts_with_the_others(noon):
    behind = noon - timedelta(minutes=1)
    assert [count_request(client_id="one", now=at) for at in (noon, behind, noon, behind)] == [1, 2, 3, 4]


@pytest.mark.django_db(transaction=True)
def test_none_is_lost_when_many_come_at_once(noon):
    ran = together(*[lambda: count_request(client_id="one", now=noon)] * 20)
    assert sorted(done(ran)) == list(range(1, 21))


@pytest.mark.django_db
def test_counting_costs_one_statement_and_no_log(anna, noon, django_assert_num_queries):
    with django_assert_num_queries(1):
        count_request(client_id="one", now=noon)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence::text FROM pg_class WHERE relname = 'lostpost_requestcount'")
        assert cursor.fetchone() == ("u",)
