"""Close a query as handled."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import mark_handled, require_newest_read, require_open
from lostpost.customer_queries.timeline import lock_query


@transaction.atomic(durable=True)
def close_query(*, number: str, by: Actor, now: datetime, last_message_id: UUID | None = None) -> CustomerQuery:
    """Close a query; closing a handled one again changes nothing.

    Args: `last_message_id`: the newest message that whoever closes it has seen; None: whatever came since.
    Raises: ReadOnly, QueryNotFound, QueryWithPartnerservice, NewerMessage, CannotClose.
    """
    require_writer(by, Section.QUERIES)
    query = lock_query(number, seller_id=by.seller_id)
    if query.state != CustomerQuery.State.HANDLED:
        require_open(query, now=now)
        require_newest_read(query, last_message_id)
        mark_handled(query, by=by, now=now)
    return query
