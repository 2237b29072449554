"""A write with a key is done once, and answered the same, byte for byte, whatever happens in between."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from lostpost.accounts.models import Seller
from lostpost.api.http import idempotency as idempotent
from lostpost.core.forget_keys import forget_keys
from lostpost.core.idempotency import IdempotencyKey
from lostpost.customer_queries.models import CustomerQuery
from lostpost.writeoffs.models import WriteOff
from tests.api.machine import CONTACT, LINES, Machine, a_lost_parcel, a_platform, problem
from tests.cast import row_counts
from tests.races.together import Gate, together
from tests.waiting import WAIT_SECONDS

AT = "/write-offs?seller=lampenhuis"


def a_wish(platform: Machine, quantity: int = 2) -> dict[str, Any]:
    return {"customer_query": a_lost_parcel(platform), "lines": [{**LINES[0], "quantity": quantity}]}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/write-offs", "/customer-queries", "/customer-queries/{number}/messages"])
def test_the_same_again_is_answered_with_the_same_bytes(path: str) -> None:
    platform = a_platform()
    wish = a_wish(platform)
    number = wish["customer_query"]
    body: dict[str, Any] = {
        "/write-offs": wish,
        "/customer-queries": CONTACT,
        "/customer-queries/{number}/messages": {"message": "Lost.", "leave_open": False},
    }[path]
    at = path.format(number=number) + "?seller=lampenhuis"
    first = platform.call("post", at, body, key="the-same-1")
    assert first.status_code == 201, first.content
    before = row_counts()
    if path == "/write-offs":  # What is told stays what was told, whatever became of it meanwhile.
        paid = {"outcome": "paid", "reference": "BANK-1"}
        platform.call("post", f"/refunds/lampenhuis/{number}-1/outcome", paid)
        before = row_counts()
    again = platform.call("post", at, dict(reversed(body.items())), key="the-same-1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert row_counts() == before


@pytest.mark.django_db
@pytest.mark.parametrize("paid_minor", [79_90, 0])
def test_a_write_off_is_answered_as_it_is_read_right_after(paid_minor: int) -> None:
    """Two parcels, two items of one, delivery costs with the last: composed of what was decided, and not read again."""
    items = [
        {"item": item, "title": f"Lamp {item}", "quantity": 3, "paid_minor": paid_minor, "commission_minor": 0}
        for item in ("A", "B")
    ]
    platform = a_platform()
    number = a_lost_parcel(
        platform,
        order={"items": items, "delivery_costs_minor": paid_minor and 4_95},
        parcel={"units": [{"item": "A", "quantity": 3}, {"item": "B", "quantity": 3}]},
    )
    lines = [{"parcel": "P1", "item": item, "quantity": 3} for item in ("B", "A")]

    answer = platform.call("post", AT, {"customer_query": number, "lines": lines}, key="all-of-it")

    assert answer.status_code == 201, answer.content
    assert answer.content == platform.call("get", f"/write-offs/{number}-1?seller=lampenhuis").content
    assert answer.json()["refund"]["state"] == ("requested" if paid_minor else "confirmed")


@pytest.mark.django_db
def test_other_content_under_the_same_key_is_refused() -> None:
    platform = a_platform()
    wish = a_wish(platform, quantity=1)
    first = platform.call("post", AT, wish, key="the-same-1")
    assert first.status_code == 201
    before = row_counts()
    for other in ({**wish, "lines": LINES}, {**wish, "customer_query": "1"}):
        answer = platform.call("post", AT, other, key="the-same-1")
        assert answer.json()["code"] in ("key-reused", "not-found"), answer.content
    problem(platform.call("post", AT, {**wish, "lines": LINES}, key="the-same-1"), 422, "key-reused")
    assert row_counts() == before
    assert platform.call("post", AT, wish, key="the-same-1").content == first.content


@pytest.mark.django_db
def test_a_key_belongs_to_one_shop_and_one_kind_of_request() -> None:
    platform = a_platform()
    wish = a_wish(platform)
    hers = {**wish, "customer_query": a_lost_parcel(platform, "carlas-keramiek")}
    answers = [
        platform.call("post", AT, wish, key="the-same-1"),
        platform.call("post", "/write-offs?seller=carlas-keramiek", hers, key="the-same-1"),
        platform.call("post", "/customer-queries?seller=lampenhuis", CONTACT, key="the-same-1"),
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201]


@pytest.mark.django_db
def test_a_refused_request_leaves_its_key_unused() -> None:
    platform = a_platform()
    wish = a_wish(platform)
    before = row_counts()
    problem(platform.call("post", AT, {**wish, "token": "stale"}, key="the-same-1"), 409, "changed-since-preview")
    assert row_counts() == before
    assert platform.call("post", AT, wish, key="the-same-1").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_a_repeat_during_the_first_request_gets_409(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = a_platform()
    wish = a_wish(platform)
    gate = Gate()
    gate.after(monkeypatch, "lostpost.writeoffs.write_off", "earlier_of")
    first: list[Any] = []

    def confirm() -> None:
        first.append(platform.call("post", AT, wish, key="the-same-1"))
        connection.close()

    thread = threading.Thread(target=confirm)
    thread.start()
    assert gate.reached.wait(WAIT_SECONDS)
    try:
        answer = platform.call("post", AT, wish, key="the-same-1")
        problem(answer, 409, "in-progress")
        assert int(answer.headers["Retry-After"]) >= 1
    finally:
        gate.opened.set()
        thread.join(WAIT_SECONDS)
    assert first[0].status_code == 201
    assert platform.call("post", AT, wish, key="the-same-1").content == first[0].content
    assert WriteOff.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "place", ["lostpost.writeoffs.write_off.earlier_of", "lostpost.core.idempotency.IdempotencyClaim.answer"]
)
def test_a_crash_in_between_leaves_nothing_locked(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    platform = a_platform()
    wish = a_wish(platform)
    before = row_counts()

    def crash(*_args: Any, **_values: Any) -> Any:
        raise SystemError("the process is gone")

    with monkeypatch.context() as patched:
        if place.endswith("answer"):
            patched.setattr("lostpost.api.write_offs.routes.json_text", crash)
        else:
            patched.setattr(place, crash)
        problem(platform.call("post", AT, wish, key="the-same-1"), 500, "unexpected")
    assert row_counts() == before
    assert platform.call("post", AT, wish, key="the-same-1").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_dies_leaves_nothing_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed process is a closed connection to the database: its locks go with it."""
    platform = a_platform()
    wish = a_wish(platform)
    before = row_counts()
    gate = Gate()
    gate.after(monkeypatch, "lostpost.writeoffs.write_off", "earlier_of")
    pids: list[int] = []

    def confirm() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pids.append(cursor.fetchone()[0])
        platform.call("post", AT, wish, key="the-same-1")
        connection.close()

    thread = threading.Thread(target=confirm)
    thread.start()
    assert gate.reached.wait(WAIT_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", (pids[0],))
    gate.opened.set()
    thread.join(WAIT_SECONDS)
    assert row_counts() == before
    assert platform.call("post", AT, wish, key="the-same-1").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_with_one_key_are_answer_of_once() -> None:
    platform = a_platform()
    wish = a_wish(platform)
    ran = together(*[lambda: platform.call("post", AT, wish, key="the-same-1")] * 20)
    answers = [each.value for each in ran]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    for answer in answers:
        if answer.status_code == 409:
            problem(answer, 409, "in-progress")
    assert WriteOff.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_concurrent_keys_write_off_only_what_is_available() -> None:
    platform = a_platform()
    wish = a_wish(platform, quantity=1)
    ran = together(*[lambda key=key: platform.call("post", AT, wish, key=f"mine-{key:04}") for key in range(20)])
    answers = [each.value for each in ran]
    numbers = [answer.json()["number"] for answer in answers if answer.status_code == 201]
    assert sorted(numbers) == sorted(WriteOff.objects.values_list("number", flat=True))
    assert len(numbers) == 2
    assert {answer.json()["code"] for answer in answers if answer.status_code != 201} <= {
        "not-eligible",
        "quantity-unavailable",
    }
    assert CustomerQuery.objects.count() == 1


def aged(key: str, *, days: int) -> None:
    IdempotencyKey.objects.filter(key=key).update(used_at=timezone.now() - timedelta(days=days))
    for shop in Seller.objects.all():
        forget_keys(seller_id=shop.id, now=timezone.now())


@pytest.mark.django_db
def test_a_key_expires_after_ninety_days() -> None:
    platform = a_platform()
    wish = a_wish(platform)
    first = platform.call("post", AT, wish, key="the-same-1")
    assert first.status_code == 201

    aged("the-same-1", days=89)
    assert platform.call("post", AT, wish, key="the-same-1").content == first.content

    aged("the-same-1", days=91)
    details = problem(platform.call("post", AT, wish, key="the-same-1"), 422, "not-eligible")
    assert details["lines"]
    assert WriteOff.objects.count() == 1
    assert not IdempotencyKey.objects.filter(key="the-same-1").exists()


@pytest.mark.django_db
def test_a_key_deleted_during_a_request_is_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = a_platform()
    a_lost_parcel(platform)
    path = "/customer-queries?seller=lampenhuis"
    first = platform.call("post", path, CONTACT, key="forgotten-1")
    IdempotencyKey.objects.filter(key="forgotten-1").update(used_at=timezone.now() - timedelta(days=91))
    real = idempotent._answer_of
    calls = []

    def forgotten_in_between(*args: Any, **kwargs: Any) -> str:
        calls.append(1)
        if len(calls) == 1:
            aged("forgotten-1", days=91)
            raise IdempotencyKey.DoesNotExist
        return real(*args, **kwargs)

    monkeypatch.setattr(idempotent, "_answer_of", forgotten_in_between)
    again = platform.call("post", path, CONTACT, key="forgotten-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["number"] != again.json()["number"]
