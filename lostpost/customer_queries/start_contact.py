"""Start customer contact from an order number: a query that the seller opens."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.core.idempotency import IdempotencyClaim, claim, keeps_answer
from lostpost.core.ownership import uuid7
from lostpost.core.text import is_storable
from lostpost.customer_queries.messages import require_message, send_message
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.open_query import open_query, require_item, require_subject
from lostpost.customer_queries.timeline import add_entry
from lostpost.orders.errors import OrderNotFound
from lostpost.orders.models import Order


@transaction.atomic(durable=True)
@keeps_answer("start-contact")
def start_contact(
    *,
    order_number: str,
    subject: str,
    message: str,
    leave_open: bool,
    by: Actor,
    key: str | IdempotencyClaim,
    now: datetime,
    item: str = "",
) -> CustomerQuery:
    """Write to the customer of an order; sending opens a query by itself, or one that is handled at once.

    `item` names the line that it is about; empty for the entire order. A retry with the same key sends nothing more.
    Raises: ReadOnly, OrderNotFound, Rejected, KeyReused.
    """
    require_writer(by, Section.QUERIES)
    text, subject = require_message(message), require_subject(subject)
    orders = Order.objects.select_for_update().filter(seller_id=by.seller_id, number=order_number)
    order = orders.first() if is_storable(order_number) else None
    if order is None:
        raise OrderNotFound(
            _("There is no order “%(number)s” in this shop. Check the number.") % {"number": order_number}
        )
    content = [order_number, item, subject, text, leave_open]
    query_id = uuid7()
    earlier = claim(key, scope="start-contact", seller_id=by.seller_id, content=content, result_id=query_id, now=now)
    if earlier:
        return CustomerQuery.objects.get(seller_id=by.seller_id, id=earlier)
    query = open_query(
        order,
        subject=subject,
        now=now,
        query_id=query_id,
        order_item_id=require_item(order, item),
        handled=not leave_open,
    )
    add_entry(query, "query.opened", now=now, by=by)
    send_message(query, text, by=by, now=now)
    if not leave_open:
        add_entry(query, "query.closed", now=now, by=by)
    return query
