"""Background jobs of Partnerservice: write off what two agents decided, take requests up again."""

from __future__ import annotations

import logging
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from lostpost.core.queues import UPKEEP, WATCH
from lostpost.holds.place_hold import REQUEST_OF_HOLD
from lostpost.jobs.batches import ItemByItem
from lostpost.partnerservice.inquire import resume_request
from lostpost.partnerservice.reads import requests_to_resume
from lostpost.partnerservice.settle_hold import open_hold_request
from lostpost.partnerservice.settle_override import WRITE_OFF_OVERRIDDEN
from lostpost.partnerservice.write_off_overridden import write_off_overridden

logger = logging.getLogger("lostpost.jobs")

MOST_AT_ONCE = 500  # The others come five minutes later.


@app.task(name=WRITE_OFF_OVERRIDDEN, queue=UPKEEP, retry=RetryStrategy(max_attempts=20, exponential_wait=2))
def write_off_overridden_job(seller: str, override: str) -> None:
    """Write off for a seller what two agents decided. Safe to repeat."""
    write_off_overridden(seller_id=UUID(seller), override_id=UUID(override), now=timezone.now())


@app.task(name=REQUEST_OF_HOLD, queue=WATCH, retry=RetryStrategy(max_attempts=20, exponential_wait=2))
def open_hold_request_job(seller: str, hold: str) -> None:
    """Bring a hold before Partnerservice. Safe to repeat."""
    open_hold_request(seller_id=UUID(seller), hold_id=UUID(hold), now=timezone.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="requests.resume", queue=UPKEEP, queueing_lock="requests.resume")
def resume_requests(timestamp: int) -> None:
    """Take up the requests that wait for a reply no more. Safe to break off and repeat."""
    now = timezone.now()
    due = requests_to_resume(now=now, most=MOST_AT_ONCE)
    with ItemByItem() as batch:
        for seller_id, request_id in due:
            with batch.item(f"request {request_id} to Partnerservice, which was due,"):
                resume_request(seller_id=seller_id, request_id=request_id, now=now)
        if due:
            logger.info("%s requests to Partnerservice are to be decided again", len(due))
