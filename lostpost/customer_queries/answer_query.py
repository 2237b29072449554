"""Answer the customer in a query."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from lostpost.accounts.actor import Actor, require_writer
from lostpost.core.idempotency import IdempotencyClaim, claim, keeps_answer
from lostpost.core.ownership import uuid7
from lostpost.customer_queries.messages import require_message, send_message
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import mark_handled, require_open, stop_clock
from lostpost.customer_queries.timeline import lock_query


@transaction.atomic(durable=True)
@keeps_answer("answer")
def answer_query(
    *, number: str, message: str, leave_open: bool, by: Actor, key: str | IdempotencyClaim, now: datetime
) -> CustomerQuery:
    """Send a message from a query and leave it open, or close it; with the same key it is sent once.

    Raises: ReadOnly, QueryNotFound, QueryHandled, QueryWithPartnerservice, MessageRefused, CannotClose, KeyReused.
    """
    require_writer(by)
    text = require_message(message)
    query = lock_query(number, seller_id=by.seller_id)
    content = [number, text, leave_open]
    if claim(key, scope="answer", seller_id=by.seller_id, content=content, result_id=uuid7(), now=now):
        return query
    require_open(query, now=now)
    send_message(query, text, by=by, now=now)
    if leave_open:
        stop_clock(query, now=now)
    else:
        mark_handled(query, by=by, now=now)
    return query
