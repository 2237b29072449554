"""The jobs that fetch what shops sell on other platforms."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from lostpost.connectors.sales_channels.run_channel import run_channel
from lostpost.core.jobs import Job, defer_unless_waiting
from lostpost.core.queues import SALES_CHANNELS, WATCH
from lostpost.core.sql import database_now
from lostpost.sales_channels.models import SalesChannel
from lostpost.sales_channels.runs import claim_run, due_channels

RUN, LOOK = "sales-channels.run", "sales-channels.look"
AT_ONCE = 200


@app.periodic(cron="* * * * *")
@app.task(name=LOOK, queue=WATCH, queueing_lock=LOOK)
def look_for_due_channels(timestamp: int) -> None:
    """Look every minute which channels are due, and let each run in a job of its own."""
    due = due_channels(database_now(), AT_ONCE)
    if due:
        defer_unless_waiting(*map(channel_job, due))


def channel_job(channel: SalesChannel) -> Job:
    """Return the job that runs a channel: one at a time."""
    args = {"seller": str(channel.seller_id), "channel": str(channel.id)}
    name = f"sales channel {channel.id}"
    return Job(RUN, SALES_CHANNELS, args, lock=name, waits_once=name)


@app.task(name=RUN, queue=SALES_CHANNELS)
def run_due_channel(seller: str, channel: str) -> None:
    """Run a channel if it is due and nobody else does. Safe to break off and repeat."""
    claimed = claim_run(seller_id=UUID(seller), channel_id=UUID(channel), now=database_now())
    if claimed:
        run_channel(claimed)
