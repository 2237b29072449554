"""Background jobs about found parcels."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from lostpost.core.queues import UPKEEP, WATCH
from lostpost.found_parcels.look_at_scans import look_at_scans
from lostpost.found_parcels.run_question_timers import (
    cases_settled_elsewhere,
    cases_with_units_again,
    due_questions,
    end_as_settled,
    open_again,
    run_question_timers,
)
from lostpost.jobs.batches import ItemByItem
from lostpost.tracking.newest_scan import SCANNED_AFTER_WRITE_OFF

logger = logging.getLogger("lostpost.jobs")

MOST_AT_ONCE = 500  # The others come five minutes later.


@app.task(name=SCANNED_AFTER_WRITE_OFF, queue=WATCH, retry=RetryStrategy(max_attempts=20, exponential_wait=2))
def look_at_scans_job(seller: str, parcels: Sequence[str]) -> None:
    """Look whether parcels that were written off were found. Safe to break off and repeat."""
    with ItemByItem() as batch:
        for parcel in parcels:
            with batch.item(f"the look at the scans of parcel {parcel}"):
                for case in look_at_scans(seller_id=UUID(seller), parcel_id=UUID(parcel), now=timezone.now()):
                    logger.info("found parcel %s: its carrier scanned it", case.number)


@app.periodic(cron="*/5 * * * *")
@app.task(name="found-parcels.run-timers", queue=UPKEEP, queueing_lock="found-parcels.run-timers")
def run_timers_of_found_parcels(timestamp: int) -> None:
    """Remind customers, end what nobody answered, and follow restorations. Safe to break off and repeat."""
    now = timezone.now()
    with ItemByItem() as batch:
        due = due_questions(now=now, most=MOST_AT_ONCE)
        for seller_id, outcome_id in due:
            with batch.item(f"question {outcome_id} about a found parcel"):
                run_question_timers(seller_id=seller_id, outcome_id=outcome_id, now=now)
        for seller_id, number in cases_settled_elsewhere(most=MOST_AT_ONCE):
            with batch.item(f"found parcel {number}, settled elsewhere,"):
                end_as_settled(seller_id=seller_id, number=number, now=now)
        for seller_id, number in cases_with_units_again(now=now, most=MOST_AT_ONCE):
            with batch.item(f"found parcel {number}, with units again,"):
                open_again(seller_id=seller_id, number=number, now=now)
        if due:
            logger.info("%s questions about found parcels were due", len(due))
