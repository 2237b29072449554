"""Pages neither skip nor repeat a row, whatever is added while somebody reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests.api.machine import CONTACT, ORDER, Machine, days_ago

pytestmark = pytest.mark.django_db


def read(platform: Machine, path: str, *, size: int, between: Callable[[int], None] = lambda page: None) -> list[Any]:
    """Read a list to its end, and let something happen after each page."""
    rows: list[Any] = []
    after = ""
    for page in range(100):
        answer = platform.call("get", f"{path}{'&' if '?' in path else '?'}seller=lampenhuis&size={size}{after}")
        assert answer.status_code == 200, answer.content
        body = answer.json()
        assert len(body["items"]) <= size
        rows += body["items"]
        if body["next"] is None:
            return rows
        assert len(body["items"]) == size
        after = f"&after={quote(body['next'])}"
        between(page)
    raise AssertionError("the list has no end")


@pytest.fixture
def platform(platform_and_lost_parcel: Machine) -> Machine:
    return platform_and_lost_parcel.restarted()


def put(platform: Machine, number: str, placed_at: str) -> None:
    answer = platform.call("put", f"/orders/lampenhuis/{number}", {**ORDER, "placed_at": placed_at})
    assert answer.status_code == 201, answer.content


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize("words", ["", "?q=Klaas"])
def test_orders_that_come_in_meanwhile(platform: Machine, size: int, words: str) -> None:
    at_once, numbers = days_ago(5), [f"N-{index}" for index in range(7)]
    for number in numbers:  # All at the same instant: the id decides then.
        put(platform, number, at_once)

    def come_in(page: int) -> None:
        put(platform, f"NEW-{page}", days_ago(1))
        put(platform, f"OLD-{page}", days_ago(30))

    read_rows = read(platform, f"/orders{words}", size=size, between=come_in)
    read_numbers = [row["order_number"] for row in read_rows]
    assert len(read_numbers) == len(set(read_numbers))
    assert {*numbers, "2398-4471"} <= set(read_numbers)
    assert not [number for number in read_numbers if number.startswith("NEW")]
    instants = [row["placed_at"] for row in read_rows]
    assert instants == sorted(instants, reverse=True)


def test_queries_and_their_timeline(platform: Machine) -> None:
    def start(index: int) -> None:
        answer = platform.call("post", "/customer-queries?seller=lampenhuis", CONTACT, key=f"contact-{index:03}")
        assert answer.status_code == 201

    for index in range(5):
        start(index)
    before = {row["number"] for row in read(platform, "/customer-queries", size=200)}
    listed = [
        row["number"] for row in read(platform, "/customer-queries", size=2, between=lambda page: start(page + 100))
    ]
    assert len(listed) == len(set(listed))
    assert before <= set(listed)

    number = next(iter(before))
    messages = [f"Message {index}" for index in range(5)]
    for index, words in enumerate(messages):
        body = {"message": words, "leave_open": True}
        platform.call("post", f"/customer-queries/{number}/messages?seller=lampenhuis", body, key=f"message-{index}")
    texts = [row["text"] for row in read(platform, f"/customer-queries/{number}/timeline", size=2)]
    assert [text for text in texts if text in messages] == messages


def test_write_offs_and_refunds(platform: Machine) -> None:
    number = platform.call("get", "/customer-queries?seller=lampenhuis").json()["items"][0]["number"]
    for key in ("one", "two"):
        wish = {"customer_query": number, "lines": [{"parcel": "P1", "item": "A", "quantity": 1}]}
        assert platform.call("post", "/write-offs?seller=lampenhuis", wish, key=f"write-off-{key}").status_code == 201
    for path in ("/write-offs", "/refunds", "/refunds?state=requested", "/write-offs?order_number=2398-4471"):
        assert [row["number"] for row in read(platform, path, size=1)] == [f"{number}-2", f"{number}-1"]
    assert read(platform, "/refunds?state=failed", size=1) == []


@pytest.mark.parametrize("after", ["2026-01-01T00:00:00Z", "x" * 99, "_", "2026-01-01_0"])
def test_an_invalid_cursor(platform: Machine, after: str) -> None:
    answer = platform.call("get", f"/orders?seller=lampenhuis&after={after}")
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor-unknown")
