"""The jobs that send events to webhooks."""

from __future__ import annotations

import logging
from datetime import timedelta
from time import monotonic
from uuid import UUID

from django.db.models import Exists, OuterRef
from procrastinate.contrib.django import app

from lostpost.connectors.webhooks.delivery import Undelivered, deliver_batch
from lostpost.core.jobs import Job, defer_unless_waiting
from lostpost.core.ownership import cross_seller
from lostpost.core.queues import SLOW_WEBHOOKS, WATCH, WEBHOOKS
from lostpost.core.sql import database_now
from lostpost.events.models import EventCounter, Webhook
from lostpost.events.reads import events_after
from lostpost.events.settle_delivery import (
    claim_delivery,
    due,
    mark_delivered,
    mark_delivery_failed,
    release_delivery,
)

logger = logging.getLogger("lostpost.webhooks")

DELIVER, LOOK = "webhooks.deliver", "webhooks.look"
PAGE, TURN_SECONDS = 50, 5.0  # After so long others have their turn.
SLOW_SECONDS = 2.0  # A slower address is served separately, and pauses as long as it took.


@app.periodic(cron="* * * * * */10")
@app.task(name=LOOK, queue=WATCH, queueing_lock=LOOK)
def look_for_work(timestamp: int) -> None:
    """Look every ten seconds which addresses have events to come, and let each be served by a job of its own."""
    further = EventCounter.objects.filter(seller_id=OuterRef("seller_id"), last__gt=OuterRef("delivered"))
    with cross_seller("which webhooks have events to come"):
        behind = Webhook.objects.filter(due(database_now()), Exists(further)).order_by("next_attempt_at")
        webhooks = list(behind.only("seller_id", "id", "slow", "failures"))
    if webhooks:
        defer_unless_waiting(*map(delivery_job, webhooks))


def delivery_job(webhook: Webhook) -> Job:
    """Return the job that serves an address: one at a time of a shop, and those that fail or are slow apart."""
    troubled = webhook.slow or webhook.failures > 0
    return Job(
        DELIVER,
        SLOW_WEBHOOKS if troubled else WEBHOOKS,
        {"seller": str(webhook.seller_id), "webhook": str(webhook.id)},
        priority=-1 if troubled else 0,  # A shop's other addresses go first.
        lock=f"webhooks of {webhook.seller_id}",
        waits_once=f"webhook {webhook.id}",
    )


@app.task(name=DELIVER, queue=WEBHOOKS)
def deliver_events(seller: str, webhook: str) -> None:
    """Send an address its events in order, until none is left, its turn is over, or a delivery fails.

    Safe to repeat: one worker serves the address at a time. If it dies between the answer and our commit, the event is
    sent again with the same webhook-id. The webhook is read again before each event.
    """
    served = claim_delivery(seller_id=UUID(seller), webhook_id=UUID(webhook), now=database_now())
    ends = monotonic() + TURN_SECONDS
    while served and (events := events_after(served.seller_id, served.delivered, size=PAGE)):
        for event in events:
            began = monotonic()
            try:
                deliver_batch(served, event, database_now())
            except Undelivered as problem:
                _failed(served, problem)
                return
            took_seconds = monotonic() - began
            after = mark_delivered(
                webhook=served, sequence=event.sequence, slow=took_seconds > SLOW_SECONDS, now=database_now()
            )
            if after is None:
                return  # Removed, or led elsewhere, while it was sent to.
            served = after
            if served.slow:
                release_delivery(webhook=served, next_attempt_at=database_now() + timedelta(seconds=took_seconds))
                return
            if monotonic() >= ends:
                release_delivery(webhook=served, next_attempt_at=database_now())
                defer_unless_waiting(delivery_job(served))
                return
    if served:
        release_delivery(webhook=served, next_attempt_at=database_now())


def _failed(webhook: Webhook, problem: Undelivered) -> None:
    after = mark_delivery_failed(webhook=webhook, problem=str(problem), gone=problem.gone, now=database_now())
    outcome = after.state if after else "removed, or leads elsewhere"
    logger.warning("webhook %s is %s: %s", webhook.name, outcome, problem, extra={"seller": webhook.seller.code})
