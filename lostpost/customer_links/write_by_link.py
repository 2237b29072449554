"""Take what a customer writes on the page of their link."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from lostpost.core.idempotency import claim
from lostpost.core.ownership import uuid7
from lostpost.customer_links.models import CustomerLink
from lostpost.customer_queries.messages import require_message
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.received_messages import add_received_message
from lostpost.customer_queries.timeline import lock_query


@transaction.atomic(durable=True)
def write_by_link(*, link: CustomerLink, message: str, key: str, now: datetime) -> None:
    """Add a customer's message to the query of their link; with the same key it stands once.

    Raises: MessageRefused, KeyReused.
    """
    text = require_message(message)
    number = CustomerQuery.objects.values_list("number", flat=True).get(seller_id=link.seller_id, id=link.query_id)
    query = lock_query(number, seller_id=link.seller_id)
    content = [number, text]
    if claim(key, scope="link-message", seller_id=link.seller_id, content=content, result_id=uuid7(), now=now):
        return
    add_received_message(query, text, now=now, by_link=True)
