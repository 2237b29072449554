"""Templates of answers over HTTP, and answers with them."""

from __future__ import annotations

import pytest

from lostpost.answering.models import AnswerTemplate
from lostpost.customer_queries.models import TimelineEntry
from tests.api.machine import a_lost_parcel, a_machine_of, a_platform, problem
from tests.cast import row_counts

pytestmark = pytest.mark.django_db
TEMPLATE = {"name": "Ask the neighbours", "language": "nl", "text": "Is {order} bij de buren?"}


def test_a_template_from_keeping_to_deleting():
    number = a_lost_parcel(a_platform())
    shop = a_machine_of("lampenhuis")

    kept = shop.call("post", "/answer-templates", TEMPLATE).json()
    before = row_counts()
    spaced = {**TEMPLATE, "name": f" {TEMPLATE['name']} "}
    new_text = shop.call("post", "/answer-templates", {**spaced, "text": "Ligt {order} bij de buren?"}).json()
    assert (new_text["id"], row_counts()) == (kept["id"], before)
    at = f"/answer-templates/{kept['id']}"
    assert shop.call("get", at).json() == new_text
    renamed = shop.call("put", at, {**TEMPLATE, "name": "Neighbours"}).json()
    assert (renamed["name"], renamed["changed_by"]) == ("Neighbours", "Tool")

    items = shop.call("get", "/answer-templates").json()["items"]
    assert items[0] == renamed
    assert {(each["id"], each["name"]) for each in items[1:] if each["language"] == "fr"} > {(None, "arrived")}

    wish = {"template": "Neighbours", "leave_open": True}
    sent = shop.call("post", f"/customer-queries/{number}/messages", wish, key="message-1")
    assert shop.call("delete", at).status_code == 204
    again = shop.call("post", f"/customer-queries/{number}/messages", wish, key="message-1")  # A repeat is known by it.
    assert (sent.status_code, again.content) == (201, sent.content)
    assert TimelineEntry.objects.filter(kind="message.sent").latest("id").text == "Is 2398-4471 bij de buren?"
    problem(shop.call("delete", at), 404, "not-found")
    problem(shop.call("put", at, TEMPLATE), 404, "not-found")


def test_what_cannot_be_kept_or_filled_in_is_refused_and_leaves_nothing():
    number = a_lost_parcel(a_platform())
    shop = a_machine_of("lampenhuis")
    shop.call("post", "/answer-templates", {**TEMPLATE, "language": "fr"})
    before = row_counts()

    problem(shop.call("post", "/answer-templates", {**TEMPLATE, "text": "{nothing}"}), 422, "template-refused")
    at = f"/customer-queries/{number}/messages"
    for wish, status, code in (
        ({"template": "none"}, 404, "not-found"),
        ({"template": TEMPLATE["name"]}, 422, "template-refused"),  # It has no Dutch.
        ({"template": "arrived", "message": "Both"}, 422, "rejected"),
        ({}, 422, "rejected"),
    ):
        problem(shop.call("post", at, {**wish, "leave_open": True}, key="message-1"), status, code)
    assert row_counts() == before
    AnswerTemplate.objects.update(
        language="nl", text="Het pakket ligt bij {query}, {refunded}."
    )  # Nothing is refunded.
    problem(
        shop.call("post", at, {"template": TEMPLATE["name"], "leave_open": True}, key="message-1"),
        422,
        "template-refused",
    )
