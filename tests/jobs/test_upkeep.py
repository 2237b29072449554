"""Jobs whose worker died, and the records of old jobs."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar, cast

import pytest
from django.db import connection
from django.utils import timezone
from oauth2_provider.models import get_access_token_model
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager

from lostpost.accounts.models import RequestCount
from lostpost.core.idempotency import IdempotencyKey, claim
from lostpost.core.jobs import Job, defer
from lostpost.core.ownership import uuid7
from lostpost.core.queues import UPKEEP
from lostpost.jobs.upkeep import forgive_clock, stalled_jobs, take_up_stalled

pytestmark = pytest.mark.django_db(transaction=True)


def execute(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []


def states() -> list[object]:
    return [
        row[0] for row in execute("SELECT status::text FROM procrastinate_jobs WHERE task_name = 'a.job' ORDER BY id")
    ]


def a_job_at_work(*, silent_seconds: int) -> None:
    defer(Job("a.job", UPKEEP, {}))
    heard_at = f"now() - interval '{silent_seconds} s'"
    ((worker,),) = execute(f"INSERT INTO procrastinate_workers (last_heartbeat) VALUES ({heard_at}) RETURNING id")
    execute(f"UPDATE procrastinate_jobs SET status = 'doing', worker_id = {worker} WHERE status = 'todo'")


T = TypeVar("T")


def with_jobs(*actions: Callable[[JobManager], Awaitable[T]]) -> list[T]:
    """Run actions on the job queue as a worker does, all at once."""

    async def together() -> list[T]:
        async with app.open_async():
            return list(await asyncio.gather(*(each(app.job_manager) for each in actions)))

    with app.replace_connector(cast(DjangoConnector, app.connector).get_worker_connector()):
        return asyncio.run(together())


def taken_up(times: int = 1) -> list[int]:
    return with_jobs(*[take_up_stalled] * times)


def test_jobs_of_a_dead_worker_are_retried_and_of_a_running_one_not():
    a_job_at_work(silent_seconds=60)
    a_job_at_work(silent_seconds=20)

    assert taken_up() == [1]
    assert states() == ["todo", "doing"]


def test_concurrent_looks_retry_a_stalled_job_once():
    a_job_at_work(silent_seconds=60)

    assert sum(taken_up(times=5)) == 1
    assert states() == ["todo"]


def test_a_worker_with_a_new_heartbeat_was_not_dead():
    """As when the clock jumped ahead: all seem to be silent until their next sign of life."""
    for _n in range(2):
        a_job_at_work(silent_seconds=60)
    (silent,) = with_jobs(stalled_jobs)
    execute(
        "UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = (SELECT min(id) FROM procrastinate_workers)"
    )
    a_job_at_work(silent_seconds=60)  # Silent now, but not at the earlier look.

    assert with_jobs(lambda jobs: take_up_stalled(jobs, among=silent)) == [1]
    assert states() == ["doing", "todo", "doing"]


def test_a_stalled_job_that_waits_again_already_is_not_done_twice():
    job = Job("a.job", UPKEEP, {}, waits_once="a.job")
    defer(job)
    execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')")
    execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)")
    defer(job)

    assert taken_up() == [0]
    assert states() == ["aborted", "todo"]


def test_jobs_postponed_while_the_clock_was_ahead_are_due():
    ahead, honest = "now() + interval '1 day'", "now() + interval '1 hour'"
    for event_at, due_at in [(ahead, f"{ahead} + interval '30 s'"), ("now()", honest)]:
        defer(Job("a.job", UPKEEP, {}))
        newest = "(SELECT max(id) FROM procrastinate_jobs)"
        execute(f"UPDATE procrastinate_jobs SET scheduled_at = {due_at} WHERE id = {newest}")
        execute(f"UPDATE procrastinate_events SET at = {event_at} WHERE job_id = {newest} AND type <> 'scheduled'")
    execute(f"INSERT INTO procrastinate_workers (last_heartbeat) VALUES ({ahead}), (now() - interval '5 s')")

    with_jobs(forgive_clock)

    assert execute("SELECT scheduled_at <= now() FROM procrastinate_jobs ORDER BY id") == [(True,), (False,)]
    assert execute("SELECT last_heartbeat <= now() FROM procrastinate_workers") == [(True,), (True,)]


def test_done_jobs_are_deleted_after_days_and_failed_ones_after_weeks(work):
    for state, days in [("succeeded", 1), ("succeeded", 4), ("failed", 4), ("failed", 31)]:
        defer(Job("a.job", UPKEEP, {}))
        execute(f"UPDATE procrastinate_jobs SET status = '{state}' WHERE status = 'todo'")
        execute(
            f"UPDATE procrastinate_events SET at = now() - interval '{days} days'"
            " WHERE job_id = (SELECT max(id) FROM procrastinate_jobs)"
        )
    defer(Job("jobs.clear-away", UPKEEP, {"timestamp": 0}))

    work()

    assert states() == ["succeeded", "failed"]


def test_idempotency_keys_older_than_ninety_days_are_deleted_in_every_shop(anna, carla, work):
    for member in (anna, carla):
        for days in (91, 89):
            at = timezone.now() - timedelta(days=days)
            used = {"scope": "test", "seller_id": member.seller_id, "content": [], "result_id": uuid7(), "now": at}
            claim(f"key-of-{days}-days", **used)
    defer(Job("jobs.forget-keys", UPKEEP, {"timestamp": 0}))

    work()

    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["key-of-89-days"] * 2


def test_expired_tokens_and_past_rate_counts_are_deleted(work):
    now = timezone.now()
    for name, hours in [("silent", 2), ("busy", 0)]:
        RequestCount.objects.create(client_id=name, minute=now - timedelta(hours=hours), requests=1)
        get_access_token_model().objects.create(token=name, expires=now + timedelta(hours=1 - hours))
    defer(Job("jobs.forget-sign-ins", UPKEEP, {"timestamp": 0}))

    work()

    assert list(RequestCount.objects.values_list("client_id", flat=True)) == ["busy"]
    assert list(get_access_token_model().objects.values_list("token", flat=True)) == ["busy"]
