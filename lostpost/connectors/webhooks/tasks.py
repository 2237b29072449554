"""The jobs that send events to webhooks."""

from __future__ import annotations

import logging
from time import monotonic
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone
from procrastinate.contrib.django import app

from lostpost.connectors.webhooks.delivery import Undelivered, deliver
from lostpost.core.jobs import Job, defer
from lostpost.core.ownership import cross_seller
from lostpost.events.models import EventCounter, Webhook
from lostpost.events.reads import events_after
from lostpost.events.settle_delivery import claim_delivery, mark_delivered, mark_delivery_failed

logger = logging.getLogger("lostpost.webhooks")

DELIVER = "webhooks.deliver"
PAGE, TURN_SECONDS = 50, 60  # After so long others have their turn.


@app.periodic(cron="* * * * * */10")
@app.task(name="webhooks.look", queue="webhooks")
def look_for_work(timestamp: int) -> None:
    """Look every ten seconds which addresses have events to come, and let each be served by a job of its own."""
    further = EventCounter.objects.filter(seller_id=OuterRef("seller_id"), last__gt=OuterRef("delivered"))
    with cross_seller("which webhooks have events to come"):
        due = Webhook.objects.filter(Exists(further), state=Webhook.State.ACTIVE, next_attempt_at__lte=timezone.now())
        found = list(due.values_list("seller_id", "id"))
    if found:
        defer(
            *[Job(DELIVER, "webhooks", {"seller": str(seller), "webhook": str(webhook)}) for seller, webhook in found]
        )


@app.task(name=DELIVER, queue="webhooks")
def deliver_events(seller: str, webhook: str) -> None:
    """Send an address its events in their order, until none is left, its turn is over, or it takes one no more.

    Safe to repeat: one worker has the address at a time. If it dies between the address's word and ours, the event is
    sent again with the same webhook-id.
    """
    claimed = claim_delivery(seller_id=UUID(seller), webhook_id=UUID(webhook), now=timezone.now())
    if claimed is None:
        return
    ends, sequence = monotonic() + TURN_SECONDS, claimed.delivered
    while monotonic() < ends and (events := events_after(claimed.seller_id, sequence, size=PAGE)):
        for event in events:
            try:
                deliver(claimed, event, timezone.now())
            except Undelivered as problem:
                _failed(claimed, problem)
                return
            sequence = event.sequence
            _delivered(claimed, sequence, last=False)
            if monotonic() >= ends:
                break
    _delivered(claimed, sequence, last=True)


def _delivered(webhook: Webhook, sequence: int, *, last: bool) -> None:
    mark_delivered(seller_id=webhook.seller_id, webhook_id=webhook.id, sequence=sequence, now=timezone.now(), last=last)


def _failed(webhook: Webhook, problem: Undelivered) -> None:
    now = timezone.now()
    after = mark_delivery_failed(
        seller_id=webhook.seller_id, webhook_id=webhook.id, problem=str(problem), gone=problem.gone, now=now
    )
    logger.warning("webhook %s is %s: %s", webhook.name, after.state, problem, extra={"seller": webhook.seller.code})
