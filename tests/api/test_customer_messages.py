"""Customers write through the marketplace's own contact form."""

from __future__ import annotations

import pytest

from lostpost.customer_queries.models import CustomerQuery
from tests.api.machine import ORDER, a_lost_parcel, a_platform, problem
from tests.cast import row_counts

pytestmark = pytest.mark.django_db
AT = "/customer-messages?seller=lampenhuis"
MESSAGE = {"order_number": "2398-4471", "subject": "Where is it?", "message": "It should be here."}


def queries():
    return CustomerQuery.objects.filter(order__number="2398-4471", seller__code="lampenhuis")


def test_a_message_goes_on_with_the_newest_query():
    platform = a_platform()
    number = a_lost_parcel(platform)

    answer = platform.call("post", AT, MESSAGE, key="message-1")

    assert (answer.status_code, answer.json()) == (201, {"number": number, "state": "open"})
    entries = platform.call("get", f"/customer-queries/{number}/timeline?seller=lampenhuis").json()["items"]
    assert [(entry["kind"], entry["text"]) for entry in entries][-1] == ("message.received", "It should be here.")


def test_without_one_it_opens_a_query_and_repeats_change_nothing():
    platform = a_platform()
    platform.call("put", "/sellers/lampenhuis", {"name": "Lampenhuis"})
    platform.call("put", "/orders/lampenhuis/2398-4471", ORDER)

    first = platform.call("post", AT, {**MESSAGE, "item": "A"}, key="message-1")
    before = row_counts()
    again = platform.call("post", AT, {**MESSAGE, "item": "A"}, key="message-1")

    assert first.status_code == 201, first.content
    assert (again.status_code, again.content) == (201, first.content)
    assert row_counts() == before
    (query,) = queries()
    assert (query.subject, query.state, query.order_item.item) == ("Where is it?", "open", "A")
    assert query.unanswered_since is not None
    reused = platform.call("post", AT, {**MESSAGE, "message": "Else"}, key="message-1")
    assert problem(reused, 422, "key-reused")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"order_number": "nobody"}, 404, "not-found"),
        ({"item": "Z"}, 422, "rejected"),
        ({"message": "\u200b"}, 422, "validation-failed"),
        ({"subject": " "}, 422, "validation-failed"),
    ],
)
def test_a_refusal_leaves_nothing(change, status, code):
    platform = a_platform()
    a_lost_parcel(platform)
    before = row_counts()

    answer = platform.call("post", AT, {**MESSAGE, **change}, key="message-1")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert row_counts() == before
