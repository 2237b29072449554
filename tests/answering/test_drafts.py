"""Drafts of answers, and who else is in a query."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from lostpost.accounts.actor import Actor, ReadOnly
from lostpost.answering.answer_query import answer_query
from lostpost.answering.drafts import Colleague, answering_names, forget_drafts, people_in, queries_with_draft
from lostpost.answering.models import AnswerDraft
from lostpost.answering.save_draft import LONGEST_DRAFT, save_draft
from lostpost.core.errors import Rejected
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.customer_queries.receive_message import receive_message
from lostpost.customer_queries.states import NewerMessage
from lostpost.customer_queries.timeline import QueryNotFound
from tests.cast import NOW, row_counts, silent_parcel

SECOND = timedelta(seconds=1)


@pytest.fixture
def query(anna: Actor) -> CustomerQuery:
    query = silent_parcel(anna)
    query.refresh_from_db()
    return query


def save(query, by, text="We look for it.", **values):
    save_draft(
        **{"number": query.number, "text": text, "leave_open": None, "key": "its-key-1", "now": NOW} | values, by=by
    )


def send(query, by, **values):
    wish = {"number": query.number, "message": "We look for it.", "leave_open": True, "key": "its-key-1", "now": NOW}
    return answer_query(**wish | values, by=by)


def test_a_draft_is_its_writers_alone_and_can_be_changed(query, anna, bram):
    save(query, anna, "First")
    save(query, anna, "Second", leave_open=False)
    save(query, bram, "Other")

    drafts = {person.name: people_in(query, user_id=person.user_id, now=NOW).draft for person in (anna, bram)}

    assert {name: (draft.text, draft.leave_open) for name, draft in drafts.items() if draft} == {
        "Anna": ("Second", False),
        "Bram": ("Other", None),
    }


def test_colleagues_are_seen_while_they_are_there(query, anna, bram, vera):
    save(query, bram)
    save(query, anna, " \n ")

    def colleagues(seconds: int) -> tuple[Colleague, ...]:
        return people_in(query, user_id=vera.user_id, now=NOW + seconds * SECOND).colleagues

    assert colleagues(44) == (Colleague("Anna", answering=False), Colleague("Bram", answering=True))
    assert colleagues(45) == ()
    assert people_in(query, user_id=bram.user_id, now=NOW).colleagues == (Colleague("Anna", answering=False),)


def test_lists_learn_of_drafts_and_of_who_is_answering(query, anna, bram):
    other = silent_parcel(anna)
    save(query, bram)
    ids = [query.id, other.id]

    assert queries_with_draft(anna.seller_id, ids, user_id=bram.user_id) == {query.id}
    assert queries_with_draft(anna.seller_id, ids, user_id=anna.user_id) == set()
    assert answering_names(anna.seller_id, ids, but=anna.user_id, now=NOW) == {query.id: "Bram"}
    assert answering_names(anna.seller_id, ids, but=bram.user_id, now=NOW) == {}
    assert answering_names(anna.seller_id, ids, but=anna.user_id, now=NOW + 45 * SECOND) == {}


def test_a_draft_ends_when_its_answer_is_sent_and_does_not_come_back(query, anna, bram):
    save(query, anna)
    save(query, bram, "Mine", key="brams-key")
    send(query, anna)
    save(query, anna)  # The page sent it before, and it arrives late.

    assert [draft.user_name for draft in AnswerDraft.objects.filter(seller_id=anna.seller_id)] == ["Bram"]


def test_a_draft_is_refused_to_viewers_and_elsewhere_and_where_it_is_far_too_long(query, anna, vera, carla):
    before = row_counts()
    with pytest.raises(ReadOnly):
        save(query, vera)
    with pytest.raises(QueryNotFound):
        save(query, carla)
    with pytest.raises(Rejected, match="is not kept"):
        save(query, anna, "x" * (LONGEST_DRAFT + 1))
    assert row_counts() == before


def test_a_draft_that_cannot_be_stored_is_kept_without_those_signs(query, anna):
    save(query, anna, "We\x00 look")
    draft = people_in(query, user_id=anna.user_id, now=NOW).draft
    assert draft is not None
    assert draft.text == "We look"


def test_drafts_end_after_thirty_days(query, anna, bram):
    save(query, anna)
    save(query, bram, now=NOW + SECOND)

    assert forget_drafts(seller_id=anna.seller_id, now=NOW + timedelta(days=30, seconds=1)) == 1
    assert [draft.user_name for draft in AnswerDraft.objects.filter(seller_id=anna.seller_id)] == ["Bram"]


# Sending what does not answer the newest message -------------------------------------------------------------------


def test_an_answer_to_an_older_message_is_refused_and_leaves_nothing(query, anna, bram):
    seen = query.last_message_id
    save(query, anna)
    receive_message(seller_id=anna.seller_id, number=query.number, message="It came!", now=NOW)
    before = row_counts()

    with pytest.raises(NewerMessage):
        send(query, anna, last_message_id=seen)

    assert row_counts() == before

    query.refresh_from_db()
    send(query, anna, last_message_id=query.last_message_id)
    with pytest.raises(NewerMessage):  # Now Anna has answered.
        send(query, bram, last_message_id=query.last_message_id, key="brams-key")
    send(query, bram, key="brams-key")  # Whatever came since.
    assert TimelineEntry.objects.filter(seller_id=anna.seller_id, kind="message.sent").count() == 3


def test_a_repeat_of_what_was_sent_is_not_refused(query, anna):
    seen = query.last_message_id
    assert send(query, anna, last_message_id=seen).number == send(query, anna, last_message_id=seen).number


def test_an_unknown_message_refuses_as_a_newer_one_does(query, anna):
    with pytest.raises(NewerMessage):
        send(query, anna, last_message_id=uuid4())
