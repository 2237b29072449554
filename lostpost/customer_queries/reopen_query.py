"""Reopen a handled query."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import mark_open, require_open
from lostpost.customer_queries.timeline import lock_query


@transaction.atomic(durable=True)
def reopen_query(*, number: str, by: Actor, now: datetime) -> CustomerQuery:
    """Reopen a handled query, or take up one that was put aside; an open one stays as it is.

    Raises: ReadOnly, QueryNotFound, QueryWithPartnerservice.
    """
    require_writer(by, Section.QUERIES)
    query = lock_query(number, seller_id=by.seller_id)
    if query.state == CustomerQuery.State.OPEN:
        return query
    if query.state != CustomerQuery.State.HANDLED:
        require_open(query, now=now)
    mark_open(query, by=by, now=now)
    return query
