"""Two people of a shop who answer one customer at the same moment."""

from functools import partial

import pytest

from lostpost.answering.answer_query import answer_query
from lostpost.answering.models import AnswerDraft
from lostpost.answering.save_draft import save_draft
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.receive_message import receive_message
from lostpost.customer_queries.states import NewerMessage
from tests.cast import NOW, mails_about, silent_parcel
from tests.races.together import done, together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def query(anna) -> CustomerQuery:
    query = silent_parcel(anna)
    query.refresh_from_db()
    return query


def answer(query, by, text):
    return partial(
        answer_query,
        number=query.number,
        message=text,
        leave_open=True,
        last_message_id=query.last_message_id,
        by=by,
        key=f"answer-of-{by.name}",
        now=NOW,
    )


def test_of_two_answers_to_one_message_one_is_sent(query, anna, bram):
    ran = together(answer(query, anna, "We look for it."), answer(query, bram, "You get your money back."))

    assert len(done(ran)) == 1
    assert [type(result.refusal) for result in ran if not result.done] == [NewerMessage]
    assert len(mails_about(query, "message")) == 2  # That of the start, and one of the two.


def test_an_answer_and_a_message_at_once_never_pass_each_other_unseen(query, anna):
    received = partial(
        receive_message, seller_id=anna.seller_id, number=query.number, message="It came after all!", now=NOW
    )

    answered, came = together(answer(query, anna, "We look for it."), received)

    assert came.done
    query.refresh_from_db()
    assert query.unanswered_since == NOW
    assert answered.done == (len(mails_about(query, "message")) == 2)
    assert answered.done or isinstance(answered.refusal, NewerMessage)


def test_a_draft_that_is_kept_while_it_is_sent_does_not_stay(query, anna):
    send = answer(query, anna, "We look for it.")
    draft = {"number": query.number, "text": "We look for it.", "leave_open": None, "key": "answer-of-Anna"}

    together(send, *[partial(save_draft, **draft, by=anna, now=NOW)] * 5)

    assert not AnswerDraft.objects.filter(seller_id=anna.seller_id).exists()
