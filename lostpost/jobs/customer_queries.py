"""Background jobs of customer queries: what happens to them as time passes."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from lostpost.core.queues import UPKEEP
from lostpost.customer_queries.run_timers import due_queries, run_timers

logger = logging.getLogger("lostpost.jobs")

MOST_AT_ONCE = 500  # Of each reason; the others come five minutes later.


@app.periodic(cron="*/5 * * * *")
@app.task(name="customer-queries.run-timers", queue=UPKEEP, queueing_lock="customer-queries.run-timers")
def run_timers_of_all(timestamp: int) -> None:
    """Move on the queries whose time has come. Safe to break off and repeat."""
    now = timezone.now()
    due = due_queries(now=now, most=MOST_AT_ONCE)
    for query in due:
        run_timers(seller_id=query.seller_id, number=query.number, now=now)
    if due:
        logger.info("%s customer queries were due", len(due))
