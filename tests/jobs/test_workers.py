"""Workers per queue with their own threads, and wrong clocks."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection
from procrastinate import utils
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.periodic import PeriodicRegistry
from procrastinate.retry import RetryStrategy

from lostpost.core.jobs import Job, defer, defer_unless_waiting
from lostpost.core.queues import MAIL, QUEUES, SLOW_WEBHOOKS, UPKEEP, WATCH, WEBHOOKS, threads_by_queue
from lostpost.jobs.next_job import NEXT_OF_QUEUE
from lostpost.jobs.workers import ForgivingDeferrer

DAY = 24 * 3600.0
WAIT_SECONDS = 30

others_done = threading.Event()
held: list[bool] = []  # What each job that waited for the others saw: whether they were done in time.
running = threading.Semaphore(0)


@app.task(name="tests.hold", queue=WEBHOOKS)
def hold() -> None:
    """Block a thread until the jobs of other queues are done."""
    running.release()
    held.append(others_done.wait(WAIT_SECONDS))


@app.task(name="tests.finish", queue=MAIL)
def finish() -> None:
    """Do a job that others must not block."""
    others_done.set()


@app.task(name="tests.fail", queue=UPKEEP, retry=RetryStrategy(wait=60))
def fail() -> None:
    """Fail, to be tried again in a minute."""
    raise RuntimeError("as expected")


@pytest.fixture
def at_work() -> Iterator[None]:
    others_done.clear()
    held.clear()
    yield
    others_done.set()


def test_every_task_is_in_a_queue_that_has_a_worker():
    app.perform_import_paths()
    elsewhere = {name: task.queue for name, task in app.tasks.items() if task.queue not in QUEUES}
    assert {name for name in elsewhere if "builtin" not in name} == set()
    assert set(threads_by_queue(1)) == set(QUEUES)
    assert min(threads_by_queue(1).values()) >= 1


@pytest.mark.django_db(transaction=True)
def test_one_queue_does_not_block_another(at_work, work, settings):
    settings.WORKER_THREADS = 1
    defer(*[Job("tests.hold", WEBHOOKS, {})] * 3, Job("tests.finish", MAIL, {}))

    work()

    assert held == [True] * 3


@pytest.mark.django_db(transaction=True)
def test_all_threads_can_be_at_work_at_once(at_work, work, settings):
    """asyncio alone would give as many threads as processors and four more."""
    settings.WORKER_THREADS = 8
    threads = threads_by_queue(8)
    count = threads[WEBHOOKS] + threads[SLOW_WEBHOOKS]
    holding = [Job("tests.hold", queue, {}) for queue in (WEBHOOKS, SLOW_WEBHOOKS) for _n in range(threads[queue])]
    defer(*holding)
    all_hold = threading.Thread(target=lambda: [running.acquire(timeout=WAIT_SECONDS) for _n in holding] and finish())
    all_hold.start()

    work()

    all_hold.join()
    assert held == [True] * count


@pytest.mark.django_db(transaction=True)
def test_a_retry_is_scheduled_by_the_database_clock(work, monkeypatch):
    real = utils.utcnow
    monkeypatch.setattr("procrastinate.utils.utcnow", lambda: real() + timedelta(days=1))
    defer(Job("tests.fail", UPKEEP, {}))

    work()

    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM scheduled_at - now()) FROM procrastinate_jobs WHERE status = 'todo'")
        ((wait_seconds,),) = cursor.fetchall()
    assert 0 < wait_seconds <= 60


@pytest.mark.django_db
def test_a_waiting_job_is_not_deferred_again():
    one, two = (Job("a.job", UPKEEP, {"n": n}, waits_once=f"n {n}") for n in (1, 2))
    defer_unless_waiting(one)
    defer_unless_waiting(one, two)
    assert [job.args["n"] for job in ProcrastinateJob.objects.order_by("id")] == [1, 2]

    ProcrastinateJob.objects.filter(args__n=1).update(status="doing")
    defer_unless_waiting(one, two)
    assert [job.args["n"] for job in ProcrastinateJob.objects.order_by("id")] == [1, 2, 1]


@pytest.fixture
def ticks() -> Callable[[float], list[int]]:
    """Ask a deferrer of one task, due every ten seconds, what is due at an instant."""
    registry = PeriodicRegistry()

    @registry.periodic_decorator(cron="* * * * * */10", periodic_id="")
    @app.task(name="tests.tick", queue=UPKEEP)
    def tick(timestamp: int) -> None:
        """Do nothing."""

    deferrer = ForgivingDeferrer(registry=registry)
    return lambda at: [timestamp for _task, timestamp in deferrer.get_previous_tasks(at)]


def test_periodic_work_goes_on_when_the_clock_goes_back(ticks):
    noon = 1_800_000_000.0
    assert ticks(noon + 1) == [noon]
    assert ticks(noon + 5) == []
    assert ticks(noon + 11) == [noon + 10]

    assert ticks(noon + DAY + 21) == [noon + DAY + 20], "not one for each tick of a day"
    assert ticks(noon + 31) == [noon + 30]
    assert ticks(noon + 41) == [noon + 40]


def test_the_library_itself_would_wait_for_a_day():
    """If this fails, the library does it by itself, and ours can go."""
    from procrastinate.periodic import PeriodicDeferrer

    registry = PeriodicRegistry()
    registry.periodic_decorator(cron="* * * * * */10", periodic_id="")(app.tasks["tests.fail"])
    deferrer = PeriodicDeferrer(registry=registry)
    for at in (1_800_000_001.0, 1_800_000_001.0 + DAY):
        assert list(deferrer.get_previous_tasks(at))
    assert list(deferrer.get_previous_tasks(1_800_000_031.0)) == []


def test_a_worker_that_needs_no_periodic_work_watches_its_other_tasks():
    """The library stops watching once one of its own tasks has returned."""
    from lostpost.jobs.workers import QueueWorker

    async def watched() -> bool:
        worker = QueueWorker(app, queues=[MAIL])
        deferring = asyncio.create_task(worker._periodic_deferrer())
        await asyncio.sleep(0)
        returned = deferring.done()
        deferring.cancel()
        return returned

    assert asyncio.run(watched()) is False


@pytest.mark.django_db
def test_the_next_job_is_found_however_many_wait_in_other_queues():
    promised = [Job("a.job", MAIL, {"n": n}, priority=n % 3) for n in range(2000)]
    defer(*promised, Job("a.job", WATCH, {"n": 1}), Job("a.job", WATCH, {"n": 2}, priority=1))
    numbered = re.sub(r"%\((\w+)\)s", "%s", NEXT_OF_QUEUE)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE procrastinate_jobs")
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {numbered}", [WATCH, None])
        ((plan,),) = cursor.fetchall()
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE status = 'doing'")
        done = cursor.fetchall()

    assert [json.loads(args) if isinstance(args, str) else args for (args,) in done] == [{"n": 2}]
    root = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    (candidate,) = (it for it in root["Plans"] if it.get("Subplan Name") == "CTE candidate")
    assert candidate["Shared Hit Blocks"] + candidate["Shared Read Blocks"] < 20
