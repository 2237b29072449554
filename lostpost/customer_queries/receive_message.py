"""Receive a customer's message."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lostpost.customer_queries.close_query import mark_open, start_clock
from lostpost.customer_queries.messages import require_message
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.customer_queries.timeline import add_entry, lock_query


@transaction.atomic(durable=True)
def receive_message(*, seller_id: UUID, number: str, message: str, now: datetime) -> TimelineEntry:
    """Add a customer's message to the timeline; a query that was handled or put aside is the seller's turn again.

    It waits for an answer from then on. One that was open and answered is the seller's turn since then.

    Raises: QueryNotFound, MessageRefused.
    """
    text = require_message(message)
    query = lock_query(number, seller_id=seller_id)
    entry = add_entry(query, "message.received", now=now, text=text, name=query.order.customer_name)
    if query.state == CustomerQuery.State.OPEN and query.unanswered_since is None:
        query.waits_since = now
    start_clock(query, since=now)
    if query.state not in (CustomerQuery.State.OPEN, CustomerQuery.State.WITH_PARTNERSERVICE):
        mark_open(query, by=None, now=now)
    return entry
