"""Take in what the customer wrote."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lostpost.customer_queries.close_query import reopen
from lostpost.customer_queries.messages import require_message
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.customer_queries.timeline import lock_query, note


@transaction.atomic(durable=True)
def receive_message(*, seller_id: UUID, number: str, message: str, now: datetime) -> TimelineEntry:
    """Put a customer's message on the timeline; a query that was handled or put aside is the seller's turn again.

    Raises: QueryNotFound, MessageRefused.
    """
    text = require_message(message)
    query = lock_query(number, seller_id=seller_id)
    entry = note(query, "message.received", now=now, text=text, name=query.order.customer_name)
    if query.state not in (CustomerQuery.State.OPEN, CustomerQuery.State.WITH_PARTNERSERVICE):
        reopen(query, by=None, now=now)
    return entry
