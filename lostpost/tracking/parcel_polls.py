"""Parcels about which carriers are asked: which, which is next, and when again.

A claim is a lease: of two workers one gets the parcel, and a worker that died lets go of it by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet

from lostpost.core.ownership import cross_seller
from lostpost.core.sql import fetch, insertion, json_rows, sql_file
from lostpost.tracking.models import ParcelPoll

_TO_ENROL = sql_file(__name__, "parcels_to_enrol")
_SHOPS_TO_ENROL = sql_file(__name__, "shops_to_enrol")
_CLAIM = sql_file(__name__, "claim_poll")
_UNLESS_CLAIMED = """
    ON CONFLICT (seller_id, parcel_id) DO UPDATE SET claimed_until = EXCLUDED.claimed_until
     WHERE existing.claimed_until IS NULL OR existing.claimed_until <= %(now)s
    RETURNING existing.not_found
"""
LEASE = timedelta(minutes=3)  # Longer than a question takes, its turn included.
ENROLLED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class ClaimedPoll:
    """A parcel that the caller has to itself until `until`."""

    seller_id: UUID
    parcel_id: UUID
    not_found: int  # Answers in a row that the carrier does not know it.
    until: datetime


@dataclass(frozen=True, slots=True)
class PollQueue:
    """How many parcels a carrier is asked about, how many of these are due, and since when the oldest has been."""

    parcels: int = 0
    due: int = 0
    oldest_due_at: datetime | None = None


def shops_to_enrol(*, carriers: Collection[str], shipped_from: datetime) -> list[UUID]:
    """Return the shops with silent parcels about which their carrier is not asked yet."""
    values = {"carriers": sorted(carriers), "shipped_from": shipped_from}
    with cross_seller("carriers are asked: which shops have parcels of them"):
        return [seller_id for (seller_id,) in fetch(_SHOPS_TO_ENROL, values)]


@transaction.atomic(durable=True)
def enrol_polls(
    *, seller_id: UUID, connector: str, carriers: Collection[str], shipped_from: datetime, now: datetime
) -> int:
    """Ask a carrier from now on about silent parcels of a shop, `ENROLLED_AT_ONCE` at most; return how many are new."""
    wanted = {"seller": seller_id, "carriers": sorted(carriers), "shipped_from": shipped_from}
    rows = [{"parcel_id": parcel_id} for (parcel_id,) in fetch(_TO_ENROL, {**wanted, "most": ENROLLED_AT_ONCE})]
    if not rows:
        return 0
    same = {"seller_id": seller_id, "connector": connector, "urgency": 1, "next_poll_at": now}
    statement = insertion(ParcelPoll, ("parcel_id",), same=tuple(same))
    return len(fetch(f"{statement} ON CONFLICT DO NOTHING RETURNING parcel_id", {**same, "rows": json_rows(rows)}))


def shop_with_due_poll(*, connector: str, without: Sequence[UUID], now: datetime) -> UUID | None:
    """Return the shop of the most urgent parcel that is due. Args: `without`: shops whose parcels others ask about."""
    with cross_seller("carriers are asked: which shop is next"):
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        due = ParcelPoll.objects.filter(free, connector=connector, next_poll_at__lte=now)
        if without:
            due = due.exclude(seller_id__in=without)
        return due.order_by("urgency", "next_poll_at").values_list("seller_id", flat=True).first()


@transaction.atomic(durable=True)
def claim_poll(*, seller_id: UUID, connector: str, now: datetime) -> ClaimedPoll | None:
    """Claim the most urgent parcel of a shop that is due; None where there is none, or others have it."""
    until = now + LEASE
    rows = fetch(_CLAIM, {"seller": seller_id, "connector": connector, "now": now, "until": until})
    if not rows:
        return None
    ((parcel_id, not_found),) = rows
    return ClaimedPoll(seller_id, parcel_id, not_found, until)


@transaction.atomic(durable=True)
def claim_parcel_poll(*, seller_id: UUID, parcel_id: UUID, connector: str, now: datetime) -> ClaimedPoll | None:
    """Claim one parcel to ask about it now; None while somebody else asks."""
    until = now + LEASE
    row = {
        "seller_id": seller_id,
        "parcel_id": parcel_id,
        "connector": connector,
        "urgency": 0,
        "next_poll_at": now,
        "claimed_until": until,
    }
    rows = fetch(f"{insertion(ParcelPoll, same=tuple(row))} {_UNLESS_CLAIMED}", {**row, "now": now})
    return ClaimedPoll(seller_id, parcel_id, rows[0][0], until) if rows else None


@transaction.atomic(durable=True)
def hasten_polls(*, seller_id: UUID, parcel_ids: Sequence[UUID], unless_asked_since: datetime, now: datetime) -> None:
    """Ask about parcels next that somebody is deciding about, where they are asked about and were not lately."""
    lately = Q(asked_at__gte=unless_asked_since)
    of_parcels = ParcelPoll.objects.filter(~lately | Q(asked_at=None), seller_id=seller_id, parcel_id__in=parcel_ids)
    of_parcels.filter(next_poll_at__gt=now).update(next_poll_at=now, urgency=0)


@transaction.atomic(durable=True)
def release_poll(*, claim: ClaimedPoll, next_poll_at: datetime | None = None) -> None:
    """Let go of a parcel about which nobody was answered; it is asked about when it was to be, or at an instant."""
    later = {} if next_poll_at is None else {"next_poll_at": next_poll_at}
    _claimed(claim).update(claimed_until=None, **later)


@transaction.atomic(durable=True)
def settle_poll(
    *,
    claim: ClaimedPoll,
    next_poll_at: datetime | None,
    urgency: int = 0,
    not_found: int = 0,
    asked_at: datetime | None = None,
) -> None:
    """Say when the carrier is asked about a claimed parcel again; never, with None. Nothing if the lease is over.

    Args: `asked_at`: when the carrier answered.
    """
    if next_poll_at is None:
        _claimed(claim).delete()
        return
    _claimed(claim).update(
        claimed_until=None,
        next_poll_at=next_poll_at,
        urgency=urgency,
        not_found=min(not_found, 1_000),
        asked_at=asked_at,
    )


def _claimed(claim: ClaimedPoll) -> QuerySet[ParcelPoll]:
    return ParcelPoll.objects.filter(seller_id=claim.seller_id, parcel_id=claim.parcel_id, claimed_until=claim.until)


def forget_polls(*, connector: str, seller_ids: Sequence[UUID]) -> None:
    """Ask a carrier no more about these shops' parcels."""
    for seller_id in seller_ids:
        ParcelPoll.objects.filter(seller_id=seller_id, connector=connector).delete()


def shops_with_polls(connector: str) -> list[UUID]:
    """Return the shops about whose parcels a carrier is asked."""
    with cross_seller("carriers are asked: of which shops"):
        return list(ParcelPoll.objects.filter(connector=connector).values_list("seller_id", flat=True).distinct())


def poll_queues(*, connector: str, now: datetime) -> dict[UUID, PollQueue]:
    """Return how a carrier's parcels wait, by shop."""
    with cross_seller("the operator: how many parcels carriers are asked about"):
        polls = ParcelPoll.objects.filter(connector=connector)
        parcels = dict(polls.values_list("seller_id").annotate(n=Count("parcel_id")))
        due = polls.filter(next_poll_at__lte=now).values_list("seller_id")
        waiting = {shop: (n, oldest) for shop, n, oldest in due.annotate(Count("parcel_id"), Min("next_poll_at"))}
    return {seller_id: PollQueue(n, *waiting.get(seller_id, (0, None))) for seller_id, n in parcels.items()}
