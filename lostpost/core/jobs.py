"""Promise an effect inside a transaction; a worker keeps it once the transaction has committed."""

from __future__ import annotations

from typing import Any, NamedTuple

from procrastinate.sql import queries
from procrastinate.types import JobToDefer
from psycopg.types.json import Jsonb

from lostpost.core.sql import execute


class Job(NamedTuple):
    """One effect to come: the task's name, its queue, and its arguments (JSON)."""

    task: str
    queue: str
    args: dict[str, Any]


def defer(*promised: Job) -> None:
    """Write the jobs into the current transaction, in one statement: no commit, no job.

    The statement is procrastinate's own, sent on Django's connection: its app has, in a worker, a connection to itself
    and would promise outside of the transaction.
    """
    jobs = [
        JobToDefer(
            queue_name=job.queue,
            task_name=job.task,
            priority=0,
            lock=None,
            queueing_lock=None,
            args=Jsonb(job.args),  # type: ignore[arg-type]  # As its own connector wraps it.
            scheduled_at=None,
        )
        for job in promised
    ]
    execute(queries["defer_jobs"], {"jobs": jobs})
