"""Queries that wait for a customer who does not answer: by setting only, with a notice before and a way back."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lostpost.accounts.policy import change_policy
from lostpost.answering.answer_query import answer_query
from lostpost.connectors.mail.letter import mail_to_write, write_letter
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.customer_queries.put_aside import put_aside
from lostpost.customer_queries.receive_message import receive_message
from lostpost.customer_queries.run_timers import due_queries, run_timers
from lostpost.customer_queries.settle_mail import mark_mail_failed
from lostpost.texts.timeline import timeline_details, timeline_heading
from tests.cast import NOW, silent_parcel

pytestmark = pytest.mark.django_db
NOTICE_AT = NOW + timedelta(days=7)  # A Tuesday, 13:00 in Amsterdam.
CLOSES_AT = NOW + timedelta(days=14)


@pytest.fixture
def query(anna):
    """Let a query wait for its customer, and close after two weeks with a notice after one."""
    change_policy(values={"close_waiting_days": 14}, reason="Old ones pile up.", by="operator", now=NOW)
    query = silent_parcel(anna)
    put_aside(number=query.number, state="waiting_for_customer", by=anna, now=NOW)
    return query


def stored(query):
    return CustomerQuery.objects.get(seller_id=query.seller_id, id=query.id)


def entries(query):
    rows = TimelineEntry.objects.filter(seller_id=query.seller_id, query_id=query.id)
    return list(rows.order_by("at", "id"))[3:]


def kinds(query):
    return [entry.kind for entry in entries(query)]


def run_due(now):
    for due in due_queries(now=now, most=10):
        run_timers(seller_id=due.seller_id, number=due.number, now=now)


def notices(query):
    return Mail.objects.filter(seller_id=query.seller_id, query_id=query.id, kind="query.closing")


def test_it_closes_after_a_notice_and_a_message_opens_it_again(anna, query):
    run_due(NOTICE_AT - timedelta(seconds=1))
    assert kinds(query) == []
    run_due(NOTICE_AT)
    run_due(NOTICE_AT + timedelta(minutes=5))
    (mail,) = notices(query)
    letter = write_letter(mail_to_write(seller_id=mail.seller_id, mail_id=mail.id))
    assert "24 Mar" in letter.subject
    for text in (letter.text, letter.html):
        assert "24 Mar" in text
    run_due(CLOSES_AT - timedelta(seconds=1))
    assert stored(query).state == "waiting_for_customer"

    run_due(CLOSES_AT)

    announced, closed = entries(query)
    assert (stored(query).state, stored(query).handled_at) == ("handled", CLOSES_AT)
    assert (announced.kind, announced.data) == ("query.closing-announced", {"until": "2026-03-24"})
    assert timeline_details(announced).aside == "Until Tue 24 Mar."
    assert (closed.data, timeline_heading(closed)) == ({"reason": "no-answer"}, "The customer query closed by itself")
    assert "did not answer" in timeline_details(closed).aside
    receive_message(seller_id=query.seller_id, number=query.number, message="Sorry!", now=CLOSES_AT)
    assert stored(query).state == "open"


def test_nothing_closes_unless_the_policy_says_so(query):
    change_policy(values={"close_waiting_days": 0}, reason="No.", by="operator", now=NOW)
    run_due(NOW + timedelta(days=300))
    assert kinds(query) == []


@pytest.mark.parametrize(
    ("local", "sent"),
    [
        ("2026-04-01T08:59", False),
        ("2026-04-01T09:00", True),
        ("2026-04-01T16:59", True),
        ("2026-04-01T17:00", False),
        ("2026-04-04T12:00", False),  # A Saturday.
        ("2026-04-06T12:00", False),  # Easter Monday.
    ],
)
def test_the_notice_is_sent_when_people_work_and_gives_its_days_in_full(query, local, sent):
    now = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/Amsterdam"))
    run_due(now)
    assert notices(query).exists() == sent
    if sent:
        run_due(now + timedelta(days=7) - timedelta(seconds=1))
        assert stored(query).state == "waiting_for_customer"
        run_due(now + timedelta(days=7))
        assert stored(query).state == "handled"


def test_whatever_either_side_writes_counts_again(anna, query):
    run_due(NOTICE_AT)
    answer_query(number=query.number, message="And?", leave_open=True, by=anna, key="answer-1", now=NOTICE_AT)
    run_due(CLOSES_AT)
    assert stored(query).closing_announced_at == CLOSES_AT, "a notice of its own"
    receive_message(seller_id=query.seller_id, number=query.number, message="Wait.", now=CLOSES_AT)
    put_aside(number=query.number, state="waiting_for_customer", by=anna, now=CLOSES_AT)
    run_due(CLOSES_AT + timedelta(days=90))
    assert stored(query).state == "waiting_for_customer", "nobody has answered the customer"


def test_a_notice_that_does_not_arrive_closes_nothing(query):
    run_due(NOTICE_AT)
    (mail,) = notices(query)
    mark_mail_failed(seller_id=mail.seller_id, mail_id=mail.id, problem="550 no such user", now=NOTICE_AT)
    assert (stored(query).state, stored(query).closing_announced_at) == ("open", None)
    run_due(CLOSES_AT)
    assert stored(query).state == "open"


def test_money_that_is_stuck_keeps_it_open(query):
    CustomerQuery.objects.filter(seller_id=query.seller_id, id=query.id).update(refunds_failed=1)
    run_due(CLOSES_AT)
    run_timers(seller_id=query.seller_id, number=query.number, now=CLOSES_AT)
    assert kinds(query) == []
