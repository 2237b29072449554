"""The jobs that fetch what shops sell on other platforms."""

from __future__ import annotations

import logging
from uuid import UUID

from procrastinate.contrib.django import app

from lostpost.connectors.sales_channels.run_channel import CHANNEL_RUN, run_channel
from lostpost.connectors.sales_channels.take_news import channel_job
from lostpost.core.jobs import defer_unless_waiting
from lostpost.core.queues import SALES_CHANNELS, UPKEEP, WATCH
from lostpost.core.sql import database_now
from lostpost.sales_channels.channel_news import forget_news
from lostpost.sales_channels.runs import claim_run, due_channels

logger = logging.getLogger("lostpost.jobs")

LOOK = "sales-channels.look"
AT_ONCE = 200


@app.periodic(cron="* * * * *")
@app.task(name=LOOK, queue=WATCH, queueing_lock=LOOK)
def look_for_due_channels(timestamp: int) -> None:
    """Look every minute which channels are due, and let each run in a job of its own."""
    due = due_channels(database_now(), AT_ONCE)
    if due:
        defer_unless_waiting(*map(channel_job, due))


@app.task(name=CHANNEL_RUN, queue=SALES_CHANNELS)
def run_due_channel(seller: str, channel: str) -> None:
    """Run a channel if it is due and nobody else does. Safe to break off and repeat."""
    claimed = claim_run(seller_id=UUID(seller), channel_id=UUID(channel), now=database_now())
    if claimed:
        run_channel(claimed)


@app.periodic(cron="57 3 * * *")
@app.task(name="sales-channels.forget-news", queue=UPKEEP, queueing_lock="sales-channels.forget-news")
def forget_old_news(timestamp: int) -> None:
    """Delete what platforms told more than a week ago."""
    logger.info("forgot %s news of sales channels", forget_news(now=database_now()))
