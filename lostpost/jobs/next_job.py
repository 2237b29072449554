"""Which job a worker does next: by an index of its own queue, however many wait in others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import LiteralString

from procrastinate.jobs import Job
from procrastinate.manager import JobManager

from lostpost.core.sql import sql_file

# As the library's function does it, which has a list of queues. PostgreSQL cannot take the next job of a list from an
# index, so it read all that waited: 25 ms for each look of each other queue, with 84,000 e-mails waiting.
NEXT_OF_QUEUE: LiteralString = sql_file(__name__, "next_of_queue")


class QueueJobManager(JobManager):
    """The library's manager for workers of which each has one queue."""

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """Mark the next job of the queue as being done, and return it; none if none is due."""
        (queue,) = queues or ()
        rows = await self.connector.execute_query_all_async(NEXT_OF_QUEUE, queue=queue, worker_id=worker_id)
        return Job.from_row(rows[0]) if rows else None
