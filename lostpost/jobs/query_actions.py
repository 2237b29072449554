"""The jobs of actions in several customer queries."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from lostpost.core.jobs import defer_unless_waiting
from lostpost.core.queues import DOCUMENTS, UPKEEP
from lostpost.query_actions.run_action import run_action, runs_left
from lostpost.query_actions.start_action import RUN_ACTION, action_job

logger = logging.getLogger("lostpost.jobs")

FORGOTTEN = timedelta(minutes=15)


@app.task(name=RUN_ACTION, queue=DOCUMENTS, retry=RetryStrategy(max_attempts=10, exponential_wait=2))
def run_action_job(seller: str, run: str) -> None:
    """Do what is left of an action. Safe to break off and repeat."""
    run_action(seller_id=UUID(seller), run_id=UUID(run), clock=timezone.now)


@app.periodic(cron="5-59/10 * * * *")
@app.task(name="query-actions.resume", queue=UPKEEP, queueing_lock="query-actions.resume")
def resume_actions(timestamp: int) -> None:
    """Defer the jobs of actions again that are not finished long after they began."""
    if left := runs_left(before=timezone.now() - FORGOTTEN):
        with transaction.atomic():
            defer_unless_waiting(*map(action_job, left))
        logger.warning("%s actions in several customer queries were not finished; they go on", len(left))
