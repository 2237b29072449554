"""The clock of the customer's wait: from the last message that nobody answered."""

from datetime import timedelta
from typing import Any

import pytest

from lostpost.answering.answer_query import answer_query
from lostpost.customer_queries.add_note import add_note
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.put_aside import put_aside
from lostpost.customer_queries.receive_message import receive_message
from lostpost.customer_queries.settle_mail import mark_mail_failed
from tests.cast import NOW, a_query, an_order, mails_about

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def query(anna) -> CustomerQuery:
    return a_query(an_order(anna.seller), anna)


def state_of(query: CustomerQuery) -> tuple[Any, ...]:
    stored = CustomerQuery.objects.get(seller_id=query.seller_id, id=query.id)
    return stored.state, stored.handled_at, stored.waits_since


def unanswered_since(query: CustomerQuery) -> Any:
    return CustomerQuery.objects.get(seller_id=query.seller_id, id=query.id).unanswered_since


def receive(query: CustomerQuery, now: Any) -> None:
    receive_message(seller_id=query.seller_id, number=query.number, message="Where is it?", now=now)


def answer(query: CustomerQuery, anna: Any, now: Any, *, leave_open: bool = True) -> None:
    answer_query(
        number=query.number, message="We look.", leave_open=leave_open, by=anna, key=f"answer-{now:%d%H%M%S}", now=now
    )


def test_the_clock_runs_from_the_customers_last_message_and_stops_with_an_answer(query, anna):
    assert unanswered_since(query) is None, "the shop wrote first"
    receive(query, NOW + timedelta(hours=1))
    receive(query, LATER)
    assert unanswered_since(query) == LATER
    assert state_of(query) == ("open", None, NOW + timedelta(hours=1)), "a second message does not lose its place"
    answer(query, anna, LATER + timedelta(hours=1))
    assert unanswered_since(query) is None
    assert state_of(query) == ("open", None, LATER + timedelta(hours=1))


def test_a_note_and_putting_aside_are_no_answers(query, anna):
    receive(query, LATER)
    add_note(number=query.number, text="Asked DPD.", by=anna, key="a-note-of-1", now=LATER)
    put_aside(
        number=query.number,
        state="follow_up_later",
        by=anna,
        now=LATER,
        follow_up_on=(LATER + timedelta(days=3)).date(),
    )
    assert unanswered_since(query) == LATER


@pytest.mark.parametrize("by_answer", [True, False])
def test_a_handled_query_waits_for_nobody_until_the_customer_writes_again(query, anna, by_answer):
    receive(query, LATER)
    if by_answer:
        answer(query, anna, LATER, leave_open=False)
    else:
        close_query(number=query.number, by=anna, now=LATER)
    assert unanswered_since(query) is None
    receive(query, LATER + timedelta(hours=3))
    assert unanswered_since(query) == LATER + timedelta(hours=3)


@pytest.mark.parametrize("asked", [True, False])
def test_a_failed_answer_does_not_count_as_an_answer(query, anna, asked):
    if asked:
        receive(query, LATER)
    answer(query, anna, LATER + timedelta(hours=1))
    mail = mails_about(query, "message")[-1]
    failed_at = LATER + timedelta(hours=2)
    mark_mail_failed(seller_id=query.seller_id, mail_id=mail.id, problem="No such user.", now=failed_at)
    assert unanswered_since(query) == (LATER if asked else failed_at)
