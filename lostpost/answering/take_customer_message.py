"""Take what a customer says about an order: it goes on with their query, or opens one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lostpost.answering.attachments import digests, store_files
from lostpost.answering.files import CheckedFile
from lostpost.core.idempotency import IdempotencyClaim, claim, keeps_answer
from lostpost.core.link_masking import mask_customer_links
from lostpost.core.ownership import uuid7
from lostpost.core.text import is_storable
from lostpost.customer_queries.messages import require_message
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.open_query import open_query, require_item, require_subject
from lostpost.customer_queries.received_messages import add_received_message
from lostpost.customer_queries.timeline import add_entry
from lostpost.orders.errors import OrderNotFound
from lostpost.orders.models import Order


@transaction.atomic(durable=True)
@keeps_answer("customer-message")
def take_customer_message(
    *,
    seller_id: UUID,
    order_number: str,
    subject: str,
    message: str,
    key: str | IdempotencyClaim,
    now: datetime,
    item: str = "",
    files: Sequence[CheckedFile] = (),
) -> CustomerQuery:
    """Add a customer's message to the newest query about their order, or open one; with the same key it is taken once.

    Args: `item`: the line that it is about; empty for the entire order, or if it is not known.
    Raises: OrderNotFound, MessageRefused, FileRefused, Rejected for a subject or an item, KeyReused.
    """
    text, subject = require_message(message), require_subject(subject)
    orders = Order.objects.select_for_update().filter(seller_id=seller_id, number=order_number)
    order = orders.first() if is_storable(order_number) else None
    if order is None:
        raise OrderNotFound(
            _("There is no order “%(number)s” in this shop. Check the number.") % {"number": order_number}
        )
    item_id = require_item(order, item)
    newest = newest_query_about(order, item_id=item_id)
    content = [order_number, item, subject, text, *digests(files)]
    if (
        claim(key, scope="customer-message", seller_id=seller_id, content=content, result_id=uuid7(), now=now)
        and newest
    ):
        return newest
    query = newest or opened_by_customer(order, subject=subject, item_id=item_id, now=now)
    entry = add_received_message(query, text, now=now)
    query = CustomerQuery.objects.get(seller_id=seller_id, id=entry.query_id)
    store_files(query, files, entry=entry, by=None, now=now)
    return query


def newest_query_about(order: Order, *, item_id: UUID | None = None) -> CustomerQuery | None:
    """Return the newest query about a locked order, locked; a query about another item is another one."""
    queries = CustomerQuery.objects.select_for_update().filter(seller_id=order.seller_id, order_id=order.id)
    if item_id:
        queries = queries.filter(Q(order_item_id=item_id) | Q(order_item_id=None))
    query = queries.order_by("-opened_at", "-id").first()
    if query:
        query.order = order
    return query


def opened_by_customer(order: Order, *, subject: str, now: datetime, item_id: UUID | None = None) -> CustomerQuery:
    """Open a query that a customer begins, in the caller's transaction, which adds their message."""
    query = open_query(order, subject=mask_customer_links(subject), order_item_id=item_id, now=now)
    add_entry(query, "query.opened", now=now)
    return query
