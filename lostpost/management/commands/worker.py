"""`lostpost worker`: do the jobs that committed changes have promised."""

import asyncio
from typing import Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.connectors.jobs.tasks import take_up_stalled
from lostpost.connectors.jobs.workers import run_workers
from lostpost.core.queues import QUEUES, threads_by_queue
from lostpost.management.lifeline import end_with_parent

GRACE_SECONDS = 20.0


class Command(BaseCommand):
    """Do jobs until SIGTERM."""

    help = "Do the jobs: e-mail, refunds, periodic work. How many of each at once: LOSTPOST_WORKER_THREADS."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what tests and operators vary."""
        parser.add_argument("--until-done", action="store_true", help="do what is waiting, then end")

    def handle(self, *, until_done: bool, **options: Any) -> None:
        """Run procrastinate's worker; a job is a plain function, in a thread with a Django connection of its own."""
        end_with_parent()
        self.run(wait=not until_done)
        while until_done and something_waits():
            self.run(wait=False)

    def run(self, *, wait: bool) -> None:
        """Run until SIGTERM; without `wait` until nothing is left to fetch, though jobs at work may promise others."""
        connector = cast(DjangoConnector, app.connector).get_worker_connector()
        connection.close()
        with app.replace_connector(connector):
            asyncio.run(self.work(wait=wait))

    async def work(self, *, wait: bool) -> None:
        """Take up what a dead worker left, then fetch and do jobs; at SIGTERM finish those that run."""
        async with app.open_async():
            await take_up_stalled(app.job_manager)
            threads = threads_by_queue(settings.WORKER_THREADS)
            await run_workers(app, threads, wait=wait, grace_seconds=GRACE_SECONDS)


def something_waits() -> bool:
    """Tell whether a job is due now; those put off to be tried again later are not."""
    due = Q(scheduled_at=None) | Q(scheduled_at__lte=Now())
    return ProcrastinateJob.objects.filter(due, status="todo", queue_name__in=QUEUES).exists()
