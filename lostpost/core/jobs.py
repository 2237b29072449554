"""Defer jobs inside a transaction; a worker runs them once it has committed."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction

from lostpost.core.queues import QUEUES
from lostpost.core.sql import execute, fetch, json_rows

_DEFER = """
    SELECT procrastinate_defer_jobs_v1(array_agg(job))
      FROM jsonb_populate_recordset(NULL::procrastinate_job_to_defer_v1, %(jobs)s::jsonb) job
"""


class Job(NamedTuple):
    """One effect to come: the task's name, its queue, and its arguments (JSON)."""

    task: str
    queue: str
    args: dict[str, Any]
    priority: int = 0  # Within its queue; the higher is done first.
    lock: str | None = None  # Of jobs with the same lock one is done at a time, in their order.
    scheduled_at: datetime | None = None  # Not before this instant.
    waits_once: str | None = None  # Of jobs with the same name one waits at a time: see `defer_unless_waiting`.


def defer(*promised: Job) -> None:
    """Insert the jobs in the current transaction, in one statement: no commit, no job.

    It calls procrastinate's function, on Django's connection: in a worker its app has its own connection and would
    defer outside of the transaction. The jobs go as JSON: writing an array of its rows costs more than the statement.
    """
    assert all(job.queue in QUEUES for job in promised), "no worker would ever do it"
    jobs = [
        {
            "queue_name": job.queue,
            "task_name": job.task,
            "priority": job.priority,
            "lock": job.lock,
            "queueing_lock": job.waits_once,
            "args": job.args,
            "scheduled_at": job.scheduled_at,
        }
        for job in promised
    ]
    execute(_DEFER, {"jobs": json_rows(jobs)})


def defer_unless_waiting(*promised: Job) -> None:
    """Defer those jobs of which none with the same `waits_once` waits; a running job does not count as waiting.

    For jobs that are deferred again soon anyway: if one of them is deferred concurrently, none is.
    """
    names = [job.waits_once for job in promised]
    waiting_locks = {
        name
        for (name,) in fetch(
            "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(%s)", (names,)
        )
    }
    if new := [job for job in promised if job.waits_once not in waiting_locks]:
        with suppress(IntegrityError), transaction.atomic():
            defer(*new)
