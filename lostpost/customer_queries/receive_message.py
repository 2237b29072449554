"""Receive a customer's message."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lostpost.customer_queries.messages import require_message
from lostpost.customer_queries.models import TimelineEntry
from lostpost.customer_queries.received_messages import add_received_message
from lostpost.customer_queries.timeline import lock_query


@transaction.atomic(durable=True)
def receive_message(*, seller_id: UUID, number: str, message: str, now: datetime) -> TimelineEntry:
    """Add a customer's message to the timeline, with all that follows for the query: see `add_received_message`.

    Raises: QueryNotFound, MessageRefused.
    """
    text = require_message(message)
    return add_received_message(lock_query(number, seller_id=seller_id), text, now=now)
