"""The jobs of batches of write-offs."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from lostpost.connectors.carriers.ask_before_write_off import (
    BULK_SECONDS,
    FRESH_IN_BULK,
    AskLimit,
    ask_before_write_off,
)
from lostpost.core.jobs import defer_unless_waiting
from lostpost.core.queues import DOCUMENTS, UPKEEP
from lostpost.write_off_batches.run_batch import batches_left_running, run_batch
from lostpost.write_off_batches.start_batch import RUN_BATCH, batch_job

logger = logging.getLogger("lostpost.jobs")

FORGOTTEN = timedelta(minutes=15)


@app.task(name=RUN_BATCH, queue=DOCUMENTS, retry=RetryStrategy(max_attempts=10, exponential_wait=2))
def run_batch_job(seller: str, batch: str) -> None:
    """Write off what is left of a batch. Safe to break off and repeat."""
    shop, limit = UUID(seller), AskLimit(seconds=BULK_SECONDS, fresh=FRESH_IN_BULK)

    def ask(parcels: Collection[str]) -> None:
        ask_before_write_off(seller_id=shop, parcels=parcels, limit=limit)

    run_batch(seller_id=shop, batch_id=UUID(batch), clock=timezone.now, before_line=ask)


@app.periodic(cron="*/10 * * * *")
@app.task(name="write-off-batches.resume", queue=UPKEEP, queueing_lock="write-off-batches.resume")
def resume_batches(timestamp: int) -> None:
    """Defer the jobs of batches again that are not finished long after they began."""
    if left := batches_left_running(before=timezone.now() - FORGOTTEN):
        with transaction.atomic():
            defer_unless_waiting(*map(batch_job, left))
        logger.warning("%s batches of write-offs were not finished; they go on", len(left))
