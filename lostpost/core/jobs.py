"""Promise an effect inside a transaction; a worker keeps it once the transaction has committed."""

from __future__ import annotations

from typing import Any, NamedTuple

from procrastinate import jobs
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager

# Not the app's own: in a worker that one has a connection to itself, and would promise outside of the transaction.
IN_TRANSACTION = JobManager(DjangoConnector())


class Job(NamedTuple):
    """One effect to come: the task's name, its queue, and its arguments (JSON)."""

    task: str
    queue: str
    args: dict[str, Any]


def defer(*promised: Job) -> None:
    """Write the jobs into the current transaction, in one statement: no commit, no job."""
    IN_TRANSACTION.batch_defer_jobs(
        [
            jobs.Job(
                id=None,
                queue=job.queue,
                lock=None,
                queueing_lock=None,
                task_name=job.task,
                task_kwargs=job.args,
                priority=0,
            )
            for job in promised
        ]
    )
