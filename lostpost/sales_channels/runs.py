"""Claim runs of sales channels, keep how far they came, and record how they ended.

All times are the database's. A run holds a lease with a number of its own: each step renews it, in the transaction that
keeps the progress, so of two runs the one that lost its lease writes nothing more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q, QuerySet

from lostpost.core.ownership import cross_seller
from lostpost.core.sealed import KeyMissing, seal, unseal
from lostpost.sales_channels.models import RefusedRecord, SalesChannel

LEASE = timedelta(minutes=10)  # Longer than any step: a worker that died lets go after so long.
EVERY = timedelta(minutes=10)
SHORTEST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
RETRY_AFTER = timedelta(hours=6)  # A refused record: what it lacks may have come meanwhile.


class LeaseLost(Exception):
    """Somebody else runs the channel by now, or it was paused or removed."""


@dataclass(frozen=True, slots=True)
class RecordRefusal:
    """A record that could not be taken in, with the platform's name of its order, and why."""

    kind: str
    reference: str
    order_reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What a step has brought: records that came in (kind and number), refusals, and how much was new.

    `read_whole`: orders that were fetched with all their parcels, by the platform's names of them.
    """

    taken_in: Set[tuple[str, str]] = frozenset()
    read_whole: Set[str] = frozenset()
    refusals: Sequence[RecordRefusal] = ()
    counts: Mapping[str, int] | None = None  # "orders", "parcels", "returns", "scans".


def due_channels(now: datetime, most: int) -> list[SalesChannel]:
    """Return the channels that are to run now and that nobody runs, the longest waiting first."""
    with cross_seller("which sales channels are due"):
        return list(SalesChannel.objects.filter(_due(now)).order_by("next_run_at")[:most])


@transaction.atomic(durable=True)
def claim_run(*, seller_id: UUID, channel_id: UUID, now: datetime, early: bool = False) -> SalesChannel | None:
    """Return the channel, leased to the caller; none if it is not due, paused, removed, or somebody runs it.

    Args: `early`: also before its time, as a person wants it.
    """
    rows = SalesChannel.objects.filter(_free(now) if early else _due(now), seller_id=seller_id, id=channel_id)
    if not rows.update(lease=uuid4(), leased_until=now + LEASE):
        return None
    return SalesChannel.objects.select_related("seller").get(seller_id=seller_id, id=channel_id)


@transaction.atomic(durable=True)
def keep_step(*, channel: SalesChannel, progress: Mapping[str, Any], outcome: StepOutcome, now: datetime) -> None:
    """Keep how far a run came and what it refused, and renew its lease. Raises: LeaseLost; then nothing is kept."""
    counts = {name: F(name) + count for name, count in (outcome.counts or {}).items() if count}
    if not _held(channel).update(progress=progress, leased_until=now + LEASE, **counts):
        raise LeaseLost
    refused = RefusedRecord.objects.filter(seller_id=channel.seller_id, channel_id=channel.id)
    numbers = [number for _kind, number in outcome.taken_in]
    earlier = refused.filter(Q(reference__in=numbers) | Q(order_reference__in=outcome.read_whole))
    still = {(each.kind, each.reference[:100]) for each in outcome.refusals}
    over = [
        row.id
        for row in (earlier if numbers or outcome.read_whole else ())
        if (row.kind, row.reference) not in still
        and ((row.kind, row.reference) in outcome.taken_in or row.kind != "return")
    ]
    if over:
        refused.filter(id__in=over).delete()
    for each in outcome.refusals:
        RefusedRecord.objects.update_or_create(
            seller_id=channel.seller_id,
            channel_id=channel.id,
            kind=each.kind,
            reference=each.reference[:100],
            defaults={
                "order_reference": each.order_reference[:100],
                "reason": " ".join(each.reason.split())[:500],
                "refused_at": now,
                "retry_at": now + RETRY_AFTER,
            },
            create_defaults={
                "order_reference": each.order_reference[:100],
                "reason": " ".join(each.reason.split())[:500],
                "first_refused_at": now,
                "refused_at": now,
                "retry_at": now + RETRY_AFTER,
            },
        )


@transaction.atomic(durable=True)
def end_run(*, channel: SalesChannel, wait: timedelta, now: datetime) -> None:
    """Record a run that went well, which the next one follows after a while; nothing if the lease was lost."""
    _held(channel).update(
        lease=None,
        leased_until=None,
        next_run_at=now + min(max(wait, SHORTEST_WAIT), LONGEST_WAIT),
        succeeded_at=now,
        failing_since=None,
        failures=0,
        problem="",
        problem_detail="",
    )


@transaction.atomic(durable=True)
def fail_run(*, channel: SalesChannel, problem: str, detail: str, now: datetime) -> None:
    """Record why a run failed; the next one waits longer each time."""
    row = _held(channel).first()
    if row is None:
        return
    failures = row.failures + 1
    _held(channel).update(
        lease=None,
        leased_until=None,
        next_run_at=now + min(SHORTEST_WAIT * 2 ** min(failures, 12), LONGEST_WAIT),
        failures=failures,
        failing_since=row.failing_since or now,
        problem=problem,
        problem_detail=" ".join(detail.split())[:300],
    )


@transaction.atomic(durable=True)
def keep_token(*, channel: SalesChannel, token: str, until: datetime) -> None:
    """Keep a token for the runs to come, sealed: platforms block who asks for one all the time."""
    _held(channel).update(token=seal(json.dumps({"token": token, "until": until.isoformat()})))


def live_token(channel: SalesChannel, now: datetime) -> str:
    """Return the token that was kept, if it lasts for a while yet; else nothing."""
    try:
        kept_token = json.loads(unseal(channel.token)) if channel.token else None
    except KeyMissing:
        return ""
    return kept_token["token"] if kept_token and datetime.fromisoformat(kept_token["until"]) > now else ""


def orders_to_retry(channel: SalesChannel, now: datetime, most: int) -> list[str]:
    """Return the platform's names of orders of which something was refused some hours ago."""
    rows = RefusedRecord.objects.filter(seller_id=channel.seller_id, channel_id=channel.id, retry_at__lte=now)
    return list(dict.fromkeys(rows.order_by("retry_at").values_list("order_reference", flat=True)[: 2 * most]))[:most]


@transaction.atomic(durable=True)
def retry_refused(*, seller_id: UUID, channel_id: UUID, now: datetime) -> None:
    """Let all that was refused be fetched again by the next run, at once."""
    RefusedRecord.objects.filter(seller_id=seller_id, channel_id=channel_id).update(retry_at=now)
    SalesChannel.objects.filter(seller_id=seller_id, id=channel_id).update(next_run_at=now)


def _free(now: datetime) -> Q:
    """Match what nobody runs. A lease further ahead than any was written by a wrong clock."""
    return Q(state=SalesChannel.State.ACTIVE) & (
        Q(leased_until=None) | Q(leased_until__lte=now) | Q(leased_until__gt=now + 2 * LEASE)
    )


def _due(now: datetime) -> Q:
    return _free(now) & (Q(next_run_at__lte=now) | Q(next_run_at__gt=now + 2 * LONGEST_WAIT))


def _held(channel: SalesChannel) -> QuerySet[SalesChannel]:
    return SalesChannel.objects.filter(seller_id=channel.seller_id, id=channel.id, lease=channel.lease)
