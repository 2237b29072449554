"""An answer that is held: sent or taken back, never both, and one for each person and query."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from lostpost.accounts.actor import Actor
from lostpost.answering.answer_query import answer_query
from lostpost.answering.hold_answer import AnswerHeld, AnswerOnItsWay, hold_answer, undo_answer
from lostpost.answering.models import AnswerDraft
from lostpost.answering.send_held_answer import send_held_answer
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.writeoffs.assess_order import assess_order
from tests.cast import NOW, silent_parcel, user_of
from tests.races.together import Gate, together, while_held

pytestmark = pytest.mark.django_db(transaction=True)
HOLDING, SENDING = "lostpost.answering.hold_answer", "lostpost.answering.send_held_answer"


def hold(query: CustomerQuery, by: Actor, text: str = "We look.") -> datetime | None:
    wish: dict[str, Any] = {"leave_open": True, "last_message_id": None, "hold_seconds": 0, "now": NOW}
    return hold_answer(number=query.number, message=text, by=by, key=f"hold-{text}", **wish)


def calls(query: CustomerQuery, anna: Actor) -> tuple[Any, Any]:
    """Return one that sends what is held, and one that takes it back."""
    draft_id = AnswerDraft.objects.get(seller_id=anna.seller_id).id
    return (
        lambda: send_held_answer(seller_id=anna.seller_id, draft_id=draft_id, now=NOW),
        lambda: undo_answer(number=query.number, by=anna, now=NOW),
    )


def sent() -> int:
    return TimelineEntry.objects.filter(kind="message.sent", text="We look.").count()


def test_what_is_being_sent_cannot_be_taken_back(anna, monkeypatch):
    query = silent_parcel(anna)
    hold(query, anna)
    gate = Gate()
    gate.after(monkeypatch, SENDING, "lock_query")
    send, undo = calls(query, anna)

    _sending, undone, waited = while_held(gate, send, undo)

    assert waited
    assert isinstance(undone.refusal, AnswerOnItsWay) or undone.value is False
    assert sent() == 1
    assert not AnswerDraft.objects.exists()


def test_what_is_taken_back_is_not_sent(anna, monkeypatch):
    query = silent_parcel(anna)
    hold(query, anna)
    gate = Gate()
    gate.after(monkeypatch, HOLDING, "lock_query")
    send, undo = calls(query, anna)

    undone, _sending, waited = while_held(gate, undo, send)

    assert waited
    assert undone.value is True
    assert sent() == 0
    assert AnswerDraft.objects.get().text == "We look."


def test_of_two_tabs_one_answer_is_held(anna, monkeypatch):
    query = silent_parcel(anna)
    gate = Gate()
    gate.after(monkeypatch, HOLDING, "lock_query")

    first, second, waited = while_held(gate, lambda: hold(query, anna), lambda: hold(query, anna, "Another"))

    assert waited
    assert first.done
    assert isinstance(second.refusal, AnswerHeld)
    assert AnswerDraft.objects.get().text == "We look."


def test_a_page_that_is_read_while_an_answer_closes_its_query_contradicts_itself_nowhere(anna, client, monkeypatch):
    query = silent_parcel(anna)
    client.force_login(user_of(anna))

    def closed_meanwhile(*args: Any, **named: Any) -> Any:
        answer = {"number": query.number, "message": "We look.", "leave_open": False, "by": anna}
        together(lambda: answer_query(**answer, key="answer-1", now=NOW))
        return assess_order(*args, **named)

    monkeypatch.setattr("lostpost.portal.queries.assess_order", closed_meanwhile)
    address = f"/shops/{anna.seller.code}/customer-queries/{query.number}/"
    page = client.get(address).content.decode()
    assert ("Answer the customer" in page, "We look." in page) == (True, False)
    monkeypatch.undo()
    assert "This customer query is handled" in client.get(address).content.decode()
