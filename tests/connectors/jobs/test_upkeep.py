"""Jobs whose worker died, and jobs that are long done."""

import asyncio
from typing import cast

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from lostpost.connectors.jobs.tasks import take_up_stalled
from lostpost.core.jobs import Job, defer

pytestmark = pytest.mark.django_db(transaction=True)


def ask(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []


def states() -> list[object]:
    return [row[0] for row in ask("SELECT status::text FROM procrastinate_jobs WHERE queue_name = 'test' ORDER BY id")]


def a_job_at_work(*, silent_seconds: int) -> None:
    defer(Job("a.job", "test", {}))
    heard_at = f"now() - interval '{silent_seconds} s'"
    ((worker,),) = ask(f"INSERT INTO procrastinate_workers (last_heartbeat) VALUES ({heard_at}) RETURNING id")
    ask(f"UPDATE procrastinate_jobs SET status = 'doing', worker_id = {worker} WHERE status = 'todo'")


async def look(times: int = 1) -> list[int]:
    async with app.open_async():
        return list(await asyncio.gather(*(take_up_stalled(app.job_manager) for _ in range(times))))


def looked(times: int = 1) -> list[int]:
    with app.replace_connector(cast(DjangoConnector, app.connector).get_worker_connector()):
        return asyncio.run(look(times))


def test_what_a_dead_worker_left_is_taken_up_and_what_a_live_one_does_is_not():
    a_job_at_work(silent_seconds=60)
    a_job_at_work(silent_seconds=20)

    assert looked() == [1]
    assert states() == ["todo", "doing"]


def test_two_that_look_at_once_take_it_up_once():
    a_job_at_work(silent_seconds=60)

    assert sum(looked(times=5)) == 1
    assert states() == ["todo"]


def test_done_jobs_are_cleared_away_after_days_and_failed_ones_after_weeks(work):
    for state, days in [("succeeded", 1), ("succeeded", 4), ("failed", 4), ("failed", 31)]:
        defer(Job("a.job", "test", {}))
        ask(f"UPDATE procrastinate_jobs SET status = '{state}' WHERE status = 'todo'")
        ask(
            f"UPDATE procrastinate_events SET at = now() - interval '{days} days'"
            " WHERE job_id = (SELECT max(id) FROM procrastinate_jobs)"
        )
    defer(Job("jobs.clear-away", "upkeep", {"timestamp": 0}))

    work()

    assert states() == ["succeeded", "failed"]
