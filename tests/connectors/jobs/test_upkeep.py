"""Jobs whose worker died, and jobs that are long done."""

import asyncio
from datetime import timedelta
from typing import cast

import pytest
from django.db import connection
from django.utils import timezone
from oauth2_provider.models import get_access_token_model
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from lostpost.accounts.models import RequestCount
from lostpost.connectors.jobs.tasks import take_up_stalled
from lostpost.core.idempotency import IdempotencyKey, claim
from lostpost.core.jobs import Job, defer
from lostpost.core.ownership import uuid7

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


def test_keys_of_more_than_ninety_days_are_forgotten_in_every_shop(anna, carla, work):
    for member in (anna, carla):
        for days in (91, 89):
            at = timezone.now() - timedelta(days=days)
            used = {"scope": "test", "seller_id": member.seller_id, "content": [], "made_id": uuid7(), "now": at}
            claim(f"key-of-{days}-days", **used)
    defer(Job("jobs.forget-keys", "upkeep", {"timestamp": 0}))

    work()

    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["key-of-89-days"] * 2


def test_expired_tokens_and_counts_of_past_minutes_are_forgotten(work):
    now = timezone.now()
    for name, hours in [("silent", 2), ("busy", 0)]:
        RequestCount.objects.create(client_id=name, minute=now - timedelta(hours=hours), requests=1)
        get_access_token_model().objects.create(token=name, expires=now + timedelta(hours=1 - hours))
    defer(Job("jobs.forget-sign-ins", "upkeep", {"timestamp": 0}))

    work()

    assert list(RequestCount.objects.values_list("client_id", flat=True)) == ["busy"]
    assert list(get_access_token_model().objects.values_list("token", flat=True)) == ["busy"]
