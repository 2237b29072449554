"""`lostpost worker`: run deferred jobs."""

import asyncio
import faulthandler
import logging
import os
from typing import Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.core.queues import QUEUES, threads_by_queue
from lostpost.jobs.upkeep import take_up_stalled
from lostpost.jobs.watch_database import end_without_database
from lostpost.jobs.workers import run_workers
from lostpost.management.newer_schema import require_known_where_it_answers
from lostpost.management.parent_death import end_with_parent

GRACE_SECONDS = 20.0
END_SECONDS = GRACE_SECONDS + 10.0  # From the signal to the end, even if a job or the database hangs.


class Command(BaseCommand):
    """Do jobs until SIGTERM."""

    help = "Do the jobs: e-mail, refunds, periodic work. How many of each at once: LOSTPOST_WORKER_THREADS."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what tests and operators vary."""
        parser.add_argument("--until-done", action="store_true", help="do what is waiting, then end")

    def handle(self, *, until_done: bool, **options: Any) -> None:
        """Run procrastinate's worker; a job is a plain function, in a thread with a Django connection of its own."""
        end_with_parent()
        require_known_where_it_answers()
        self.run(wait=not until_done)
        while until_done and something_waits():
            self.run(wait=False)

    def run(self, *, wait: bool) -> None:
        """Run until SIGTERM; without `wait` until no job is left to fetch, though running jobs may defer others."""
        connector = cast(DjangoConnector, app.connector).get_worker_connector()
        connection.close()
        try:
            with app.replace_connector(connector):
                asyncio.run(self.work(wait=wait))
        finally:
            faulthandler.cancel_dump_traceback_later()

    async def work(self, *, wait: bool) -> None:
        """Take up what a dead worker left, then fetch and do jobs; at SIGTERM finish those that run."""
        async with app.open_async():
            await take_up_stalled(app.job_manager)
            threads = threads_by_queue(settings.WORKER_THREADS)
            watch = asyncio.create_task(end_without_database(app, exit_now))
            try:
                stopped = await run_workers(
                    app, threads, wait=wait, grace_seconds=GRACE_SECONDS, at_stop=end_after_grace
                )
            finally:
                watch.cancel()
        if not stopped:
            raise CommandError("The worker ended by itself; the log has why.")


def end_after_grace() -> None:
    """See that the process ends: jobs that are broken off are done again, they are all safe to repeat."""
    faulthandler.dump_traceback_later(END_SECONDS, exit=True)


def exit_now() -> None:
    """End without waiting for threads, which may wait for a database that is not there."""
    logging.shutdown()
    os._exit(1)


def something_waits() -> bool:
    """Whether a job is due now; those to be retried later are not."""
    due = Q(scheduled_at=None) | Q(scheduled_at__lte=Now())
    return ProcrastinateJob.objects.filter(due, status="todo", queue_name__in=QUEUES).exists()
