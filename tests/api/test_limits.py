"""What a client may send in a minute, for all of its tokens and all web servers together."""

from datetime import timedelta
from time import monotonic

import pytest
from django.db import connection
from django.utils import timezone

from lostpost.accounts.count_request import count_request
from lostpost.accounts.models import RequestCount
from tests.api.machine import a_machine_of, a_platform, problem, stop_counting_clock
from tests.races.together import done, together


@pytest.fixture
def noon(monkeypatch):
    """Stop the clock of the counting, so that no minute ends within a test."""
    at = timezone.now().replace(second=18)
    stop_counting_clock(monkeypatch, at)
    return at


@pytest.mark.django_db
def test_every_answer_has_the_remaining_requests(anna, noon, settings):
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
    stop_counting_clock(monkeypatch, noon + timedelta(seconds=42))
    answer = machine.call("put", "/sellers/late", {"name": "Late"})
    assert (answer.status_code, answer.headers["RateLimit-Remaining"]) == (200, "1")


@pytest.mark.django_db
def test_anonymous_requests_get_no_limit_headers(client, db):
    answer = client.get("/api/v1/orders")
    assert answer.status_code == 401
    assert "RateLimit-Limit" not in answer.headers
    assert not RequestCount.objects.exists()


@pytest.mark.django_db
def test_a_clock_that_was_ahead_does_not_lock_clients_out(anna, noon, settings, monkeypatch):
    settings.API_REQUESTS_PER_MINUTE = 2
    machine = a_machine_of("lampenhuis")
    stop_counting_clock(monkeypatch, noon + timedelta(days=1))
    assert [machine.call("get", "/orders").status_code for _n in range(3)] == [200, 200, 429]

    stop_counting_clock(monkeypatch, noon)
    answers = [machine.call("get", "/orders") for _n in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "42"


@pytest.mark.django_db
def test_one_that_comes_late_counts_into_the_minute_that_was_reached(noon, monkeypatch):
    counts = []
    for at in (noon, noon - timedelta(seconds=20), noon, noon - timedelta(minutes=2)):
        stop_counting_clock(monkeypatch, at)
        counts.append(count_request(client_id="one"))
    assert counts == [(1, 42), (2, 62), (3, 42), (1, 42)]


@pytest.mark.django_db
def test_a_web_server_whose_clock_is_wrong_counts_with_the_others(anna, monkeypatch):
    machine = a_machine_of("lampenhuis")
    real = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: real + timedelta(minutes=30))  # Its token is still good.

    assert machine.call("get", "/orders").status_code == 200

    assert abs(RequestCount.objects.get(client_id=machine.credentials.client_id).minute - real) < timedelta(minutes=2)


@pytest.mark.django_db(transaction=True)
def test_concurrent_requests_are_all_counted(noon):
    ran = together(*[lambda: count_request(client_id="one")] * 20)
    assert sorted(count.requests for count in done(ran)) == list(range(1, 21))


@pytest.mark.django_db
def test_counting_costs_one_statement_and_no_log(anna, noon, django_assert_num_queries):
    with django_assert_num_queries(1):
        count_request(client_id="one")
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence::text FROM pg_class WHERE relname = 'lostpost_requestcount'")
        assert cursor.fetchone() == ("u",)


@pytest.mark.django_db
def test_requests_that_are_counted_ahead_need_no_statement_and_no_number_comes_twice(noon, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert [count_request(client_id="ahead", ahead=4).requests for _n in range(4)] == [1, 2, 3, 4]
    with django_assert_num_queries(1):
        assert count_request(client_id="ahead", ahead=4).requests == 5


@pytest.mark.django_db
def test_what_was_counted_ahead_ends_with_its_minute(noon, monkeypatch):
    first = count_request(client_id="ahead-2", ahead=4)
    monkeypatch.setattr("lostpost.accounts.count_request.time.monotonic", lambda: monotonic() + first.reset_seconds + 1)
    assert count_request(client_id="ahead-2", ahead=4).requests == 5  # Not 2: it asked the database, where it is noon.


@pytest.mark.django_db(transaction=True)
def test_concurrent_requests_that_are_counted_ahead_are_all_counted(noon):
    ran = together(*[lambda: count_request(client_id="ahead-3", ahead=3)] * 12)
    numbers = sorted(count.requests for count in done(ran))
    assert len(set(numbers)) == 12
    assert [count_request(client_id="ahead-3", ahead=3).requests not in numbers for _n in range(24)] == [True] * 24
