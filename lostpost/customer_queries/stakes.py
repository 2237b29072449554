"""What is at stake in a query, as lists sort and filter by it: assessed by a job, forgotten where facts change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, Q

from lostpost.core.ownership import cross_seller
from lostpost.core.sql import execute, json_rows
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import due_at_of
from lostpost.eligibility.policy import Policy

ASSESSED_AGAIN_AFTER = timedelta(hours=1)  # Scans say nothing to queries, and days pass.

_KEEP = """
    UPDATE lostpost_customerquery query
       SET at_stake_minor = row.at_stake_minor, eligible_from = row.eligible_from,
           claim_until = row.claim_until, carrier_normalised = row.carrier_normalised, due_at = row.due_at,
           stakes_assessed_at = %(now)s
      FROM jsonb_to_recordset(%(rows)s::jsonb)
           AS row (id uuid, at_stake_minor bigint, eligible_from timestamptz, claim_until timestamptz,
                   carrier_normalised text, due_at timestamptz)
     WHERE query.seller_id = %(seller)s AND query.id = row.id
"""


class Stakes(NamedTuple):
    """What is at stake in a query: money of units left, the days that count, and who carries it."""

    at_stake_minor: int
    eligible_from: datetime  # When the first may be written off.
    claim_until: datetime  # When the carrier's last day for a claim is over.
    carrier_normalised: str


def queries_to_assess(*, now: datetime, most: int) -> dict[UUID, list[UUID]]:
    """Return queries in hand whose stakes are unknown or old, by their seller: the longest unassessed first."""
    rows = CustomerQuery.objects.exclude(state=CustomerQuery.State.HANDLED).filter(
        Q(stakes_assessed_at=None) | Q(stakes_assessed_at__lt=now - ASSESSED_AGAIN_AFTER)
    )
    by_seller: dict[UUID, list[UUID]] = defaultdict(list)
    with cross_seller("stakes: queries to assess"):
        oldest = rows.order_by(F("stakes_assessed_at").asc(nulls_first=True), "seller_id", "id")
        for seller_id, query_id in oldest.values_list("seller_id", "id")[:most]:
            by_seller[seller_id].append(query_id)
    return by_seller


def lock_for_stakes(seller_id: UUID, query_ids: Sequence[UUID]) -> list[CustomerQuery]:
    """Return queries in hand with their orders, locked until commit; one that somebody else has locked is left out.

    Only these rows are locked, not their orders, and nothing is waited for: no circle can come of it.
    """
    rows = CustomerQuery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("order")
    in_hand = rows.filter(seller_id=seller_id, id__in=query_ids).exclude(state=CustomerQuery.State.HANDLED)
    return list(in_hand.order_by("id"))


def save_stakes(
    seller_id: UUID, stakes: Sequence[tuple[CustomerQuery, Stakes]], *, policy: Policy, now: datetime
) -> None:
    """Keep what is at stake on locked queries of a seller, and the deadline that follows: one statement for all."""
    rows = []
    for query, at_stake in stakes:
        query.at_stake_minor, query.eligible_from, query.claim_until, query.carrier_normalised = at_stake
        query.due_at = due_at_of(query, policy)
        rows.append({"id": query.id, **at_stake._asdict(), "due_at": query.due_at})
    if rows:
        execute(_KEEP, {"seller": seller_id, "rows": json_rows(rows), "now": now})


def forget_stakes_of_carriers(carriers: Iterable[str]) -> None:
    """Let the queries about parcels of these carriers be assessed again. Args: `carriers`: in their compact form."""
    if changed := sorted(carriers):
        with cross_seller("stakes: a carrier's feed fell silent or came back"):
            rows = CustomerQuery.objects.filter(carrier_normalised__in=changed)
            rows.exclude(state=CustomerQuery.State.HANDLED).update(stakes_assessed_at=None)


def forget_stakes(seller_id: UUID, order_ids: Iterable[UUID]) -> None:
    """Let the queries about these orders be assessed again, as facts of them changed."""
    if changed := list(order_ids):
        rows = CustomerQuery.objects.filter(seller_id=seller_id, order_id__in=changed)
        rows.exclude(state=CustomerQuery.State.HANDLED).update(stakes_assessed_at=None)
