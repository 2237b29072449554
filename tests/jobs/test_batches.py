"""What goes wrong with one item of a batch stops none of the others, and the job says so once they are done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from psycopg import errors

from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.put_aside import put_aside
from lostpost.found_parcels.decide_found_parcel import decide_found_parcel
from lostpost.found_parcels.models import FoundOutcome
from lostpost.jobs import customer_queries, found_parcels
from lostpost.jobs.batches import BatchIncomplete, ItemByItem
from tests.cast import silent_parcel
from tests.found_parcels.scene import case_of, scanned, written_off


def deadlock() -> OperationalError:
    error = OperationalError("deadlock")
    error.__cause__ = errors.DeadlockDetected()
    return error


def test_the_others_are_done_and_each_error_is_logged(caplog):
    done = []

    def do(number, error):
        if error:
            raise error
        done.append(number)

    def do_all():
        with ItemByItem() as batch:
            for number, error in enumerate((None, ValueError("x"), deadlock(), None)):
                with batch.item(f"item {number}"):
                    do(number, error)

    with pytest.raises(BatchIncomplete, match="2 items"):
        do_all()
    assert done == [0, 3]
    messages = [record.getMessage() for record in caplog.records if record.exc_info]
    assert messages == ["item 1 was not done", "item 2 was not done"]


@pytest.mark.parametrize("error", [OperationalError("away"), InterfaceError("closed"), KeyboardInterrupt()])
def test_where_the_database_is_away_there_are_no_others(error):
    batch = ItemByItem()
    with pytest.raises(type(error)), batch, batch.item("item"):
        raise error


def failing_once(monkeypatch, module, name, key):
    """Let a command fail for what comes first."""
    original = getattr(module, name)
    failed: list[object] = []

    def command(**given):
        if not failed:
            failed.append(given[key])
            raise ValueError("a bug")
        return original(**given)

    monkeypatch.setattr(module, name, command)
    return failed


@pytest.mark.django_db
def test_the_timers_of_found_parcels_go_on_behind_a_question_that_fails(anna, fien, monkeypatch):
    now = timezone.now()
    began = now - timedelta(days=8)
    questions = []
    for number in range(3):
        recorded = written_off(anna, fien=fien, key=f"write-off-{number}")
        scanned(recorded)
        at = began + timedelta(minutes=number)
        about = case_of(recorded).number
        questions.append(
            decide_found_parcel(number=about, kind="pay-again", quantities={}, by=anna, key=f"outcome-{number}", now=at)
        )
    failed = failing_once(monkeypatch, found_parcels, "run_question_timers", "outcome_id")

    with pytest.raises(BatchIncomplete):
        found_parcels.run_timers_of_found_parcels(0)

    assert failed == [questions[0].id]
    reminded = FoundOutcome.objects.filter(reminded_at__isnull=False).order_by("decided_at")
    assert [each.id for each in reminded] == [questions[1].id, questions[2].id]


@pytest.mark.django_db
def test_the_timers_of_queries_go_on_behind_one_that_fails(anna, monkeypatch):
    long_ago = timezone.now() - timedelta(days=3)
    for _each in range(2):
        query = silent_parcel(anna, now=long_ago)
        on = (long_ago + timedelta(days=2)).date()
        put_aside(number=query.number, state="follow_up_later", follow_up_on=on, by=anna, now=long_ago)
    failed = failing_once(monkeypatch, customer_queries, "run_timers", "number")

    with pytest.raises(BatchIncomplete):
        customer_queries.run_timers_of_all(0)

    aside = CustomerQuery.objects.filter(seller_id=anna.seller_id, state="follow_up_later")
    assert [query.number for query in aside] == failed
