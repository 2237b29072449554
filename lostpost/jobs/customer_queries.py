"""Background jobs of customer queries: what happens to them as time passes."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from lostpost.core.queues import UPKEEP
from lostpost.customer_queries.run_timers import due_queries, run_timers
from lostpost.customer_queries.stakes import forget_stakes, queries_to_assess
from lostpost.jobs.batches import ItemByItem
from lostpost.partnerservice.reads import orders_of_ended_overrides
from lostpost.writeoffs.assess_stakes import assess_stakes

logger = logging.getLogger("lostpost.jobs")

MOST_AT_ONCE = 500  # Of each reason; the others come five minutes later.
ENDED_SINCE = timedelta(minutes=2)  # It runs each minute; what it misses is assessed within the hour.
MOST_ASSESSED, IN_ONE_TRANSACTION = 10_000, 200  # The others come a minute later.


@app.periodic(cron="*/5 * * * *")
@app.task(name="customer-queries.run-timers", queue=UPKEEP, queueing_lock="customer-queries.run-timers")
def run_timers_of_all(timestamp: int) -> None:
    """Move on the queries whose time has come. Safe to break off and repeat."""
    now = timezone.now()
    with ItemByItem() as batch:
        due = due_queries(now=now, most=MOST_AT_ONCE)
        for query in due:
            with batch.item(f"customer query {query.number}, which was due,"):
                run_timers(seller_id=query.seller_id, number=query.number, now=now)
        if due:
            logger.info("%s customer queries were due", len(due))


@app.periodic(cron="* * * * *")
@app.task(name="customer-queries.assess-stakes", queue=UPKEEP, queueing_lock="customer-queries.assess-stakes")
def assess_stakes_of_all(timestamp: int) -> None:
    """Assess what is at stake in queries where that is unknown or old. Safe to break off and repeat."""
    now, count = timezone.now(), 0
    for seller_id, order_ids in orders_of_ended_overrides(after=now - ENDED_SINCE, until=now).items():
        forget_stakes(seller_id, order_ids)
    for seller_id, query_ids in queries_to_assess(now=now, most=MOST_ASSESSED).items():
        for at in range(0, len(query_ids), IN_ONE_TRANSACTION):
            count += assess_stakes(seller_id=seller_id, query_ids=query_ids[at : at + IN_ONE_TRANSACTION], now=now)
    if count:
        logger.info("what is at stake in %s customer queries was assessed", count)
