"""What a customer says, however it came: the entry on the timeline, and what follows for the query's state."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lostpost.accounts.policy import current_policy
from lostpost.core.link_masking import mask_customer_links
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.customer_queries.open_query import open_query
from lostpost.customer_queries.states import mark_open, note_last_message, start_clock
from lostpost.customer_queries.timeline import add_entry

State = CustomerQuery.State
LATER_QUERIES_MAX = 20  # That follow one another; nobody has as many.


def add_received_message(query: CustomerQuery, text: str, *, now: datetime, **data: Any) -> TimelineEntry:
    """Add a customer's message to a locked query's timeline, in the caller's transaction.

    A query that was handled or put aside is the seller's turn again, and waits for an answer from then on. One that was
    open and answered is the seller's turn since then; one put away until a day keeps it in mind, so that it can be put
    away again. A query that was handled too long ago stays as it is: the message opens a new one that is linked to it,
    and the entry returned is of that. Their link is masked in it, for the shop reads this.
    """
    text = mask_customer_links(text)
    query = query_to_go_on_with(query, now=now)
    entry = add_entry(query, "message.received", now=now, text=text, **{"name": query.order.customer_name, **data})
    note_last_message(query, entry)
    if query.state == State.OPEN and query.unanswered_since is None:
        query.waits_since = now
    query.earlier_follow_up_on = query.follow_up_on or query.earlier_follow_up_on
    start_clock(query, since=now)
    if query.state != State.WITH_PARTNERSERVICE:
        mark_open(query, by=None, now=now)
    return entry


def reopened_from(*, now: datetime) -> datetime:
    """Return since when a query must have been handled to be opened again."""
    return now - timedelta(days=current_policy().reopen_days)


def query_to_go_on_with(query: CustomerQuery, *, now: datetime) -> CustomerQuery:
    """Return a locked query; if it was handled too long ago to open it again, the one that follows it, or a new one."""
    if _goes_on(query, now):
        return query
    latest = latest_query(query)
    if latest.id != query.id:
        latest = CustomerQuery.objects.select_for_update().get(seller_id=query.seller_id, id=latest.id)
        latest.order = query.order
        if _goes_on(latest, now):
            return latest
    later = open_query(query.order, subject=query.subject, earlier=latest, now=now)
    add_entry(later, "query.opened", now=now, earlier=latest.number)
    return later


def latest_query(query: CustomerQuery) -> CustomerQuery:
    """Return the query in which one goes on today: the newest of those that follow it, or itself."""
    for _step in range(LATER_QUERIES_MAX):
        later = CustomerQuery.objects.filter(seller_id=query.seller_id, earlier_query_id=query.id)
        newest = later.order_by("-opened_at", "-id").first()
        if newest is None:
            break
        query = newest
    return query


def with_earlier_queries(query: CustomerQuery) -> list[UUID]:
    """Return the ids of a query and of those that it goes on with, newest first."""
    ids, earlier = [query.id], query.earlier_query_id
    while earlier and len(ids) <= LATER_QUERIES_MAX:
        ids.append(earlier)
        rows = CustomerQuery.objects.filter(seller_id=query.seller_id, id=earlier)
        earlier = rows.values_list("earlier_query_id", flat=True).first()
    return ids


def _goes_on(query: CustomerQuery, now: datetime) -> bool:
    return query.handled_at is None or query.handled_at >= reopened_from(now=now)
