"""Who sends to a webhook's address now, and what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from lostpost.events.models import Webhook

LEASE = timedelta(minutes=2)  # A worker that died lets go of the address after so long.
GIVE_UP = timedelta(hours=24)
LONGEST_WAIT = timedelta(hours=1)


@transaction.atomic(durable=True)
def claim_delivery(*, seller_id: UUID, webhook_id: UUID, now: datetime) -> Webhook | None:
    """Return the webhook, which is the caller's alone for a while; none if it is not due, parked or gone."""
    due = Webhook.objects.filter(
        seller_id=seller_id, id=webhook_id, state=Webhook.State.ACTIVE, next_attempt_at__lte=now
    )
    if not due.update(next_attempt_at=now + LEASE):
        return None
    return Webhook.objects.select_related("seller").get(seller_id=seller_id, id=webhook_id)


@transaction.atomic(durable=True)
def mark_delivered(*, seller_id: UUID, webhook_id: UUID, sequence: int, now: datetime, last: bool) -> None:
    """Record that the address took everything up to an event; `last`: the caller, who told of each, lets go of it."""
    Webhook.objects.filter(seller_id=seller_id, id=webhook_id, delivered__lte=sequence).update(
        delivered=sequence,
        failures=0,
        failing_since=None,
        problem="",
        state=Webhook.State.ACTIVE,
        next_attempt_at=now if last else now + LEASE,
        **({} if last else {"delivered_at": now}),
    )


@transaction.atomic(durable=True)
def mark_delivery_failed(*, seller_id: UUID, webhook_id: UUID, problem: str, gone: bool, now: datetime) -> Webhook:
    """Record why the address took nothing: it waits longer each time; after a day, or if it is gone, it is parked."""
    webhook = Webhook.objects.select_for_update().get(seller_id=seller_id, id=webhook_id)
    webhook.failures += 1
    webhook.failing_since = webhook.failing_since or now
    webhook.problem = " ".join(problem.split())[:300] or "?"
    if gone or now - webhook.failing_since >= GIVE_UP:
        webhook.state = Webhook.State.PARKED
    webhook.next_attempt_at = now + min(timedelta(seconds=5) * 2 ** min(webhook.failures, 12), LONGEST_WAIT)
    Webhook.objects.filter(seller_id=seller_id, id=webhook_id).update(
        failures=webhook.failures,
        failing_since=webhook.failing_since,
        problem=webhook.problem,
        state=webhook.state,
        next_attempt_at=webhook.next_attempt_at,
    )
    return webhook
