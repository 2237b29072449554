"""Move queries on as time passes: back on their day, back from Partnerservice, too late for an answer, closed."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from lostpost.accounts.policy import current_policy
from lostpost.core.ownership import cross_seller
from lostpost.customer_queries.closing import move_towards_closing, queries_to_announce, queries_to_close
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import come_back, is_back, save_state, wake
from lostpost.customer_queries.timeline import add_entry, lock_query

State = CustomerQuery.State


class DueQuery(NamedTuple):
    """A query whose time has come."""

    seller_id: UUID
    number: str


def due_queries(*, now: datetime, most: int) -> list[DueQuery]:
    """Return queries of all sellers whose time has come, at most so many for each reason, those due longest first."""
    policy = current_policy()
    today = now.astimezone(policy.zone).date()
    rows = CustomerQuery.objects.all()
    with cross_seller("timers: queries whose time has come"):
        return [
            *_due(rows.filter(state=State.FOLLOW_UP_LATER, follow_up_on__lte=today), "follow_up_on", most),
            *_due(
                rows.filter(state=State.WITH_PARTNERSERVICE, back_from_partnerservice_at__lte=now),
                "back_from_partnerservice_at",
                most,
            ),
            *_due(
                rows.filter(state=State.OPEN, overdue_announced_at=None, answer_due_at__lte=now), "answer_due_at", most
            ),
            *_due(queries_to_announce(policy, now=now), "waits_since", most),
            *_due(queries_to_close(policy, now=now), "waits_since", most),
        ]


@transaction.atomic(durable=True)
def run_timers(*, seller_id: UUID, number: str, now: datetime) -> None:
    """Do to one query what is due; where somebody moved it meanwhile, or it is repeated, nothing.

    Raises: QueryNotFound.
    """
    query = lock_query(number, seller_id=seller_id)
    policy = current_policy()
    today = now.astimezone(policy.zone).date()
    if query.state == State.FOLLOW_UP_LATER and query.follow_up_on and query.follow_up_on <= today:
        wake(query, now=now)
    elif query.state == State.WITH_PARTNERSERVICE and is_back(query, now=now):
        come_back(query, by=None, now=now)
    due_at = query.answer_due_at
    if query.state == State.OPEN and due_at and due_at <= now and query.overdue_announced_at is None:
        query.overdue_announced_at = now
        save_state(query)
        add_entry(query, "query.overdue", now=now)
    move_towards_closing(query, policy, now=now)


def _due(rows: QuerySet[CustomerQuery], by: str, most: int) -> list[DueQuery]:
    due = rows.order_by(by, "seller_id", "id").values_list("seller_id", "number")[:most]
    return [DueQuery(seller_id, number) for seller_id, number in due]
