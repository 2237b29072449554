"""The e-mail of a message: sent, failed or handed over, once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.customer_queries.settle_mail import mark_answer_lost, mark_mail_failed, mark_mail_sent
from lostpost.events.models import Event
from tests.cast import KLAAS, NOW, a_query, an_order, mails_about, row_counts

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def query(anna) -> CustomerQuery:
    return a_query(an_order(anna.seller), anna)


def kinds(query: CustomerQuery) -> list[str]:
    entries = TimelineEntry.objects.filter(seller_id=query.seller_id, query_id=query.id)
    return list(entries.order_by("at", "id").values_list("kind", flat=True))


def state_of(query: CustomerQuery) -> str:
    return CustomerQuery.objects.get(seller_id=query.seller_id, id=query.id).state


def test_a_mail_is_sent_or_failed_once(anna, query):
    (mail,) = mails_about(query, "message")
    of_it: dict[str, Any] = {"seller_id": anna.seller_id, "mail_id": mail.id, "now": LATER}

    assert mark_mail_sent(subject="Your parcel", body="We ask.", **of_it)
    before = row_counts()
    assert not mark_mail_sent(subject="Again", body="Again", **of_it)
    assert not mark_mail_failed(problem="Too late", **of_it)

    assert row_counts() == before
    mail.refresh_from_db()
    assert (mail.state, mail.sent_at, mail.subject, mail.body) == ("sent", LATER, "Your parcel", "We ask.")


def test_a_failed_mail_reopens_a_handled_query_and_is_on_the_timeline(anna, query):
    close_query(number=query.number, by=anna, now=NOW)
    (mail,) = mails_about(query, "message")

    mark_mail_failed(seller_id=anna.seller_id, mail_id=mail.id, problem="550 no such\nuser", now=LATER)

    mail.refresh_from_db()
    assert (mail.state, mail.problem) == ("failed", "550 no such user")
    assert kinds(query)[-2:] == ["mail.failed", "query.reopened"]
    assert state_of(query) == "open"
    assert Event.objects.get(seller_id=anna.seller_id, type="mail.failed").data["user"] == anna.user_id


def test_a_mail_whose_answers_were_lost_is_handed_over_in_the_end_and_changes_no_query(anna, query):
    close_query(number=query.number, by=anna, now=NOW)
    (mail,) = mails_about(query, "message")
    of_it: dict[str, Any] = {"seller_id": anna.seller_id, "mail_id": mail.id, "subject": "S", "body": "B", "now": LATER}

    assert [mark_answer_lost(**of_it) for _n in range(3)] == [2, 1, 0]
    before = row_counts()
    assert mark_answer_lost(**of_it) == 0
    assert not mark_mail_failed(seller_id=anna.seller_id, mail_id=mail.id, problem="Too late", now=LATER)

    assert row_counts() == before
    mail.refresh_from_db()
    assert (mail.state, mail.sent_at, mail.answers_lost, mail.body) == ("handed_over", None, 3, "B")
    assert kinds(query)[-3:] == ["mail.answer-lost"] * 3
    assert state_of(query) == "handled"


@pytest.mark.parametrize("values", [{"state": "sent"}, {"state": "queued", "sent_at": NOW}, {"state": "gone"}])
def test_the_database_keeps_no_mail_without_its_time(anna, query, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        Mail.objects.filter(seller_id=anna.seller_id).update(**values)


def test_each_subject_has_one_mail(anna, query):
    (mail,) = mails_about(query, "message")
    with pytest.raises(IntegrityError, match="mail_once_for_each_thing_told"), transaction.atomic():
        Mail.objects.create(
            seller_id=anna.seller_id,
            query_id=query.id,
            kind="message",
            about_id=mail.about_id,
            to=KLAAS,
            language="en",
            queued_at=NOW,
        )
