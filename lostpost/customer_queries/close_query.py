"""Close a query as handled."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from lostpost.accounts.actor import Actor, require_writer
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import mark_handled, require_open
from lostpost.customer_queries.timeline import lock_query


@transaction.atomic(durable=True)
def close_query(*, number: str, by: Actor, now: datetime) -> CustomerQuery:
    """Close a query; closing a handled one again changes nothing.

    Raises: ReadOnly, QueryNotFound, QueryWithPartnerservice, CannotClose.
    """
    require_writer(by)
    query = lock_query(number, seller_id=by.seller_id)
    if query.state != CustomerQuery.State.HANDLED:
        require_open(query, now=now)
        mark_handled(query, by=by, now=now)
    return query
