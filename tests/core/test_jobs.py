"""A promise made inside a transaction: kept only if it commits."""

from contextlib import suppress

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.core.jobs import Job, defer

MAIL = Job("mail.send", "mail", {"seller": "a", "mail": "é'\"\\ 1"})


def jobs() -> list[tuple[str, str, dict[str, object], str]]:
    rows = ProcrastinateJob.objects.order_by("id")
    return [(row.task_name, row.queue_name, row.args, row.status) for row in rows]


@pytest.mark.django_db(transaction=True)
def test_a_promise_is_there_once_its_transaction_has_committed():
    with transaction.atomic():
        defer(MAIL, Job("refund.send", "refunds", {}))

    assert jobs() == [
        ("mail.send", "mail", {"seller": "a", "mail": "é'\"\\ 1"}, "todo"),
        ("refund.send", "refunds", {}, "todo"),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_deferred_job_is_rolled_back_with_its_transaction():
    with suppress(RuntimeError), transaction.atomic():
        defer(MAIL)
        raise RuntimeError

    assert jobs() == []


@pytest.mark.django_db
def test_several_jobs_are_deferred_in_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        defer(*[MAIL] * 20)

    assert len(jobs()) == 20


@pytest.mark.django_db
def test_a_waiting_worker_is_notified():
    """The insertion is procrastinate's own, so its trigger notifies whoever listens."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = 'procrastinate_jobs'::regclass")
        assert any("notify" in name for (name,) in cursor.fetchall())
