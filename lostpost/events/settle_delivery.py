"""Claim deliveries to webhooks, and record their outcome.

All times are the database's: workers' clocks may differ, and an address must not wait because one of them was ahead.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from lostpost.events.models import Webhook

LEASE = timedelta(minutes=2)  # A worker that died lets go of the address after so long.
GIVE_UP, GIVE_UP_FAILURES = timedelta(hours=24), 12  # Both: a clock that jumps ahead makes no day of a minute.
LONGEST_WAIT = timedelta(hours=1)


def due(now: datetime) -> Q:
    """Match what may be sent to now. A time further ahead than anybody waits was written by a wrong clock."""
    in_time = Q(next_attempt_at__lte=now) | Q(next_attempt_at__gt=now + LONGEST_WAIT)
    return in_time & Q(state=Webhook.State.ACTIVE)


@transaction.atomic(durable=True)
def claim_delivery(*, seller_id: UUID, webhook_id: UUID, now: datetime) -> Webhook | None:
    """Return the webhook, leased to the caller for a while; none if it is not due, parked or removed."""
    if not Webhook.objects.filter(due(now), seller_id=seller_id, id=webhook_id).update(next_attempt_at=now + LEASE):
        return None
    return _webhook(seller_id, webhook_id)


@transaction.atomic(durable=True)
def mark_delivered(*, webhook: Webhook, sequence: int, slow: bool, now: datetime) -> Webhook | None:
    """Record that an address took everything up to an event; return the webhook as it is now, still the caller's.

    None if it was removed or leads to another address: then nothing more is sent to this one, and the event goes to the
    other one too. Args: `webhook`: as it was claimed. `slow`: whether the address took long.
    """
    recorded = (
        _same(webhook)
        .filter(delivered__lte=sequence)
        .update(
            delivered=sequence,
            delivered_at=now,
            failures=0,
            failing_since=None,
            problem="",
            state=Webhook.State.ACTIVE,
            slow=slow,
            next_attempt_at=now + LEASE,
        )
    )
    return _webhook(webhook.seller_id, webhook.id) if recorded else None


@transaction.atomic(durable=True)
def release_delivery(*, webhook: Webhook, next_attempt_at: datetime) -> None:
    """Let go of an address, to which somebody may send from an instant on."""
    _same(webhook).update(next_attempt_at=next_attempt_at)


@transaction.atomic(durable=True)
def mark_delivery_failed(*, webhook: Webhook, problem: str, gone: bool, now: datetime) -> Webhook | None:
    """Record why a delivery failed: it waits longer each time; after a day, or if the address is gone, it is parked.

    None if the webhook was removed or leads to another address, which has done nothing wrong.
    """
    failed = _same(webhook).select_for_update().first()
    if failed is None:
        return None
    failed.failures += 1
    failed.failing_since = min(failed.failing_since or now, now)
    failed.problem = " ".join(problem.split())[:300] or "?"
    if gone or (now - failed.failing_since >= GIVE_UP and failed.failures >= GIVE_UP_FAILURES):
        failed.state = Webhook.State.PARKED
    failed.next_attempt_at = now + min(timedelta(seconds=5) * 2 ** min(failed.failures, 12), LONGEST_WAIT)
    _same(webhook).update(
        failures=failed.failures,
        failing_since=failed.failing_since,
        problem=failed.problem,
        state=failed.state,
        next_attempt_at=failed.next_attempt_at,
    )
    return failed


def _same(webhook: Webhook) -> QuerySet[Webhook]:
    """Find the webhook if it still leads where it did."""
    return Webhook.objects.filter(seller_id=webhook.seller_id, id=webhook.id, url=webhook.url)


def _webhook(seller_id: UUID, webhook_id: UUID) -> Webhook | None:
    return Webhook.objects.select_related("seller").filter(seller_id=seller_id, id=webhook_id).first()
