"""Answers are held for some seconds: until then they can be taken back, after it they are sent once."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Member
from lostpost.answering.answer_query import answer_query
from lostpost.answering.attach_files import attach_files
from lostpost.answering.attachments import AttachmentMissing
from lostpost.answering.detach_file import detach_file
from lostpost.answering.files import PDF, CheckedFile
from lostpost.answering.hold_answer import (
    SEND_HELD,
    AnswerHeld,
    AnswerOnItsWay,
    give_back,
    hold_answer,
    undo_answer,
)
from lostpost.answering.models import AnswerDraft, Attachment
from lostpost.answering.save_draft import save_draft
from lostpost.answering.send_held_answer import held_answers, send_held_answer
from lostpost.core.idempotency import KeyReused
from lostpost.customer_queries.hand_to_partnerservice import hand_to_partnerservice
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.customer_queries.receive_message import receive_message
from lostpost.customer_queries.states import NewerMessage
from lostpost.customer_queries.timeline import QueryHandled
from tests.cast import NOW, silent_parcel
from tests.portal.pages import Site

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
PARTS = {"answer", "timeline", "query-head"}  # Of the page, which a script fetches again until the answer is sent.


@pytest.fixture
def query(anna: Actor) -> CustomerQuery:
    query = silent_parcel(anna)
    query.refresh_from_db()
    return query


def hold(query: CustomerQuery, by: Actor, **values: Any) -> datetime | None:
    wish = {"message": "We look.", "leave_open": True, "last_message_id": None, "key": "its-key-1", "now": NOW}
    return hold_answer(number=query.number, hold_seconds=10, by=by, **{**wish, **values})


def sent() -> list[str]:
    entries = TimelineEntry.objects.filter(kind="message.sent", text="We look.")
    assert entries.count() == Mail.objects.filter(about_id__in=entries.values("id")).count()
    return [entry.text for entry in entries]


def send(by: Actor, *, seconds: int) -> None:
    for draft in AnswerDraft.objects.all():
        send_held_answer(seller_id=by.seller_id, draft_id=draft.id, now=NOW + seconds * SECOND)


def test_it_is_sent_once_and_only_after_its_time(query, anna):
    assert hold(query, anna) == NOW + 10 * SECOND
    assert hold(query, anna, now=NOW + SECOND) == NOW + 10 * SECOND  # A double click.
    with pytest.raises(AnswerHeld):
        hold(query, anna, message="And another", key="its-key-2")
    job = ProcrastinateJob.objects.get(task_name=SEND_HELD)
    assert job.scheduled_at == NOW + 10 * SECOND
    save_draft(number=query.number, text="Old", leave_open=None, by=anna, key="its-key-1", now=NOW)  # Comes too late.

    send(anna, seconds=9)
    assert (sent(), held_answers(until=NOW + 9 * SECOND, most=9)) == ([], [])
    assert len(held_answers(until=NOW + 10 * SECOND, most=9)) == 1
    send(anna, seconds=10)
    send(anna, seconds=11)

    assert sent() == ["We look."]
    assert not AnswerDraft.objects.exists()
    assert hold(query, anna) is None  # The same page once more.
    with pytest.raises(KeyReused):
        hold(query, anna, message="Another one from the same page")
    assert sent() == ["We look."]
    assert not AnswerDraft.objects.exists()


def test_it_is_sent_with_the_files_that_were_chosen_for_it(query, anna):
    files = [CheckedFile(f"{name}.pdf", PDF, f"%PDF-{name}".encode()) for name in ("label", "later", "again")]
    label, later = (attach_files(number=query.number, files=[file], by=anna, now=NOW)[0] for file in files[:2])
    hold(query, anna, attachments=[label.id])

    send(anna, seconds=10)

    label.refresh_from_db()
    later.refresh_from_db()
    assert label.entry_id == TimelineEntry.objects.get(kind="message.sent", text="We look.").id
    assert later.entry_id is None  # It waits for the next answer.
    (again,) = attach_files(number=query.number, files=[files[0]], by=anna, now=NOW)
    assert hold(query, anna, attachments=[again.id]) is None  # The same page once more.
    assert set(Attachment.objects.values_list("id", flat=True)) == {label.id, later.id}


def test_a_file_that_was_taken_away_meanwhile_gives_the_answer_back(query, anna):
    (label,) = attach_files(number=query.number, files=[CheckedFile("label.pdf", PDF, b"%PDF")], by=anna, now=NOW)
    hold(query, anna, attachments=[label.id])
    detach_file(number=query.number, attachment_id=label.id, by=anna)

    send(anna, seconds=10)

    draft = AnswerDraft.objects.get()
    assert (sent(), draft.text, draft.held_until, draft.held_files) == ([], "We look.", None, [])
    with translation.override("nl"):
        assert draft.held_problem == str(AttachmentMissing.sentence)


def test_a_late_refusal_does_not_give_back_the_answer_that_is_held_now(query, anna):
    hold(query, anna)
    late = AnswerDraft.objects.get()
    undo_answer(number=query.number, by=anna, now=NOW)
    hold(query, anna, key="its-key-2")

    give_back(late, problem="It could not be sent.", now=NOW)

    draft = AnswerDraft.objects.get()
    assert (draft.held_key, draft.held_problem) == ("its-key-2", "")


def test_it_is_taken_back_as_a_draft_until_it_is_on_its_way(query, anna):
    hold(query, anna)
    assert undo_answer(number=query.number, by=anna, now=NOW + SECOND)
    assert not undo_answer(number=query.number, by=anna, now=NOW + SECOND)
    draft = AnswerDraft.objects.get()
    assert (draft.text, draft.leave_open, draft.held_until, draft.held_problem) == ("We look.", True, None, "")
    send(anna, seconds=10)
    assert sent() == []

    hold(query, anna, key="its-key-2")
    AnswerDraft.objects.update(held_sending=True)  # A worker has begun, and may have died.
    with pytest.raises(AnswerOnItsWay):
        undo_answer(number=query.number, by=anna, now=NOW + SECOND)
    send(anna, seconds=10)
    assert sent() == ["We look."]


def test_what_cannot_be_sent_then_is_given_back_with_the_reason(query, anna, bram):
    hold(query, bram, last_message_id=query.last_message_id)
    receive_message(seller_id=anna.seller_id, number=query.number, message="Found it!", now=NOW)
    send(bram, seconds=10)

    assert sent() == []
    draft = AnswerDraft.objects.get()
    assert (draft.text, draft.held_until) == ("We look.", None)
    with translation.override("nl"):  # The shop's language, which people may change on its pages.
        assert draft.held_problem == str(NewerMessage.sentence)
    query.refresh_from_db()
    hold(query, bram, last_message_id=query.last_message_id)
    Member.objects.filter(user_id=bram.user_id).delete()
    send(bram, seconds=10)
    assert (sent(), AnswerDraft.objects.get().held_problem != "") == ([], True)


def test_what_could_not_be_sent_now_is_not_held(query, anna):
    answer_query(number=query.number, message="Done.", leave_open=False, by=anna, key="its-key-0", now=NOW)
    with pytest.raises(QueryHandled):
        hold(query, anna)
    assert not AnswerDraft.objects.exists()


def test_the_page_says_when_it_goes_out_and_undoes_it(query, anna, client, settings):
    settings.ANSWER_HOLD_SECONDS = 10
    site = Site(client, anna)
    form = site.get(site.query(query)).form("/answer/")
    page = site.post(form.action, form.filled(message="We look.", leave_open="yes", step="send"))
    assert re.search(r"It is sent at \d\d:\d\d:\d\d\. Undo", page.text)
    assert "Your answer is about to be sent" in page.text
    assert 'hx-trigger="every 4s" hx-select="#answer"' in page.html  # So that it does not say so for ever.
    assert 'hx-select-oob="#timeline,#query-head"' in page.html
    assert {*PARTS, "undo-answer"} <= set(page.ids)
    assert sent() == []

    undone = page.form("/undo/")
    page = site.post(undone.action, undone.filled())

    assert "What you wrote is your draft again." in page.text
    assert page.form("/answer/").filled()["message"] == ["We look."]
    AnswerDraft.objects.update(held_problem="The customer wrote meanwhile.")
    page = site.get(site.query(query))
    assert page.text.count("Your answer was not sent: The customer wrote meanwhile.") == 2  # On top, and at the box.


@pytest.mark.parametrize("state", ["handled", "with_partnerservice"])
def test_the_parts_that_say_what_is_true_are_there_once_nothing_can_be_answered(query, anna, client, state):
    if state == "handled":
        answer_query(number=query.number, message="Done.", leave_open=False, by=anna, key="its-key-0", now=NOW)
    else:
        about = {"seller_id": anna.seller_id, "number": query.number, "reason": "We cannot decide this."}
        hand_to_partnerservice(**about, by=anna, now=timezone.now())
    site = Site(client, anna)
    page = site.get(site.query(query))
    assert set(page.ids) >= PARTS
