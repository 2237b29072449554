"""The migration gives queries of before the evidence of their states, and the deadlines that the commands give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from lostpost.customer_queries.add_note import add_note
from lostpost.customer_queries.hand_to_partnerservice import hand_to_partnerservice
from lostpost.customer_queries.models import NEVER, CustomerQuery
from lostpost.customer_queries.receive_message import receive_message
from lostpost.partnerservice.answer_request import answer_request
from lostpost.partnerservice.ask_partnerservice import ask_partnerservice
from tests.cast import silent_parcel

MIGRATION = import_module("lostpost.migrations.0025_query_states_and_worklist")
OF_BEFORE = ("customer_query_followed_up_later_has_its_day", "customer_query_with_partnerservice_comes_back")
EVIDENCE = ("back_from_partnerservice_at", "answer_due_at", "last_message_id")

pytestmark = pytest.mark.django_db


def as_before(rows):
    """Take away what the migration adds, with what the database demands of it since."""
    with connection.cursor() as cursor:
        for name in (*OF_BEFORE, "customer_query_unanswered_has_its_deadline"):
            cursor.execute(f"ALTER TABLE lostpost_customerquery DROP CONSTRAINT {name}")
    rows.update(
        follow_up_on=None,
        back_from_partnerservice_at=None,
        answer_due_at=None,
        due_at=NEVER,
        last_message_id=None,
        partnerservice_answered_at=None,
        eligible_from=NEVER,
    )


def migrate():
    with connection.schema_editor() as editor:
        MIGRATION.fill_in(apps, editor)


def test_queries_of_before_get_evidence_and_deadlines(anna, pia, monkeypatch):
    monkeypatch.setattr(MIGRATION, "BATCH", 1)
    now = timezone.now()
    later, handed, answered, acted, *waiting = (silent_parcel(anna, now=now, status="delivered") for _ in range(6))
    for query in waiting:
        receive_message(seller_id=query.seller_id, number=query.number, message="Well?", now=now)
    hand_to_partnerservice(seller_id=anna.seller_id, number=handed.number, reason="He denies it.", by=anna, now=now)
    for query in (answered, acted):
        about = {"parcel": f"{query.order.number}-P1", "item": "1", "sentence": "He denies it."}
        request = ask_partnerservice(query=query.number, **about, by=anna, now=now)
        case = {"seller_id": anna.seller_id, "request_id": request.id}
        answer_request(**case, answer="Ask him.", by=pia, now=now + timedelta(seconds=1))
    add_note(number=acted.number, text="Done.", by=anna, key="note-of-anna", now=now + timedelta(seconds=2))
    rows = CustomerQuery.objects.filter(seller_id=anna.seller_id)
    rows.update(eligible_from=NEVER)  # What was at stake is assessed after the migration, by a job.
    of_commands = list(rows.exclude(id=later.id).order_by("id").values("id", *EVIDENCE))
    as_before(rows)
    half_past_eleven = datetime(2026, 11, 3, 23, 30, tzinfo=UTC)  # The next day in Amsterdam.
    rows.filter(id=later.id).update(state="follow_up_later", waits_since=half_past_eleven)

    migrate()

    assert list(rows.exclude(id=later.id).order_by("id").values(*of_commands[0])) == of_commands
    back = rows.get(id=later.id)
    assert (str(back.follow_up_on), back.due_at) == ("2026-11-11", datetime(2026, 11, 10, 23, tzinfo=UTC))
    assert rows.get(id=handed.id).due_at == rows.get(id=handed.id).back_from_partnerservice_at
    for query in waiting:
        assert rows.get(id=query.id).due_at == rows.get(id=query.id).answer_due_at
    assert rows.get(id=answered.id).partnerservice_answered_at == now + timedelta(seconds=1)
    assert rows.get(id=acted.id).partnerservice_answered_at is None
    assert rows.get(id=acted.id).due_at == NEVER
