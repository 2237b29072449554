"""Put a query aside: it waits for the customer, or for a later day."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.core.errors import Rejected
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import add_entry, lock_query, require_open

_ASIDE = (CustomerQuery.State.WAITING_FOR_CUSTOMER, CustomerQuery.State.FOLLOW_UP_LATER)


@transaction.atomic(durable=True)
def put_aside(*, number: str, state: str, by: Actor, now: datetime) -> CustomerQuery:
    """Move an open query to `waiting_for_customer` or `follow_up_later`; where it is already, nothing changes.

    Raises: ReadOnly, QueryNotFound, QueryHandled, QueryWithPartnerservice, Rejected for any other state.
    """
    require_writer(by)
    if state not in _ASIDE:
        raise Rejected(_("Choose whether the query waits for the customer or is followed up later."))
    query = lock_query(number, seller_id=by.seller_id)
    require_open(query)
    if query.state != state:
        query.state, query.waits_since = state, now
        CustomerQuery.objects.filter(seller_id=query.seller_id, id=query.id).update(state=state, waits_since=now)
        add_entry(query, "query.put-aside", now=now, by=by, state=state)
    return query
