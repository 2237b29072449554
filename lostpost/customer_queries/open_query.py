"""Open a query: the row that `start_contact` and a customer's message begin."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from lostpost.core.errors import Rejected
from lostpost.core.ownership import uuid7
from lostpost.core.text import is_storable, trimmed
from lostpost.customer_queries.models import CustomerQuery
from lostpost.orders.models import Order, OrderItem

LONGEST_SUBJECT = 200


def open_query(
    order: Order,
    *,
    subject: str,
    now: datetime,
    query_id: UUID | None = None,
    order_item_id: UUID | None = None,
    handled: bool = False,
    earlier: CustomerQuery | None = None,
) -> CustomerQuery:
    """Add a query about a locked order, in the caller's transaction; the caller notes it on the timeline.

    Args: `order_item_id`: what it is about; none: the entire order. `handled`: it is closed at once. `earlier`: the
    handled query that it goes on with.
    """
    query = CustomerQuery(
        seller_id=order.seller_id,
        id=query_id or uuid7(),
        number=_free_number(order),
        order_id=order.id,
        order_item_id=earlier.order_item_id if earlier else order_item_id,
        subject=subject,
        state=CustomerQuery.State.HANDLED if handled else CustomerQuery.State.OPEN,
        opened_at=now,
        handled_at=now if handled else None,
        waits_since=now,
        earlier_query_id=earlier.id if earlier else None,
        assignee_user_id=earlier.assignee_user_id if earlier else None,
        assignee_name=earlier.assignee_name if earlier else "",
    )
    query.save(force_insert=True)
    query.order = order
    return query


def _free_number(order: Order) -> str:
    """Make a number of ten digits that no query of the shop has, the same for the same order and its history."""
    attempt = CustomerQuery.objects.filter(seller_id=order.seller_id, order_id=order.id).count()
    while True:
        seed = f"{order.seller_id}/{order.number}/{attempt}"
        number = str(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]) % 9_000_000_000 + 1_000_000_000)
        if not CustomerQuery.objects.filter(seller_id=order.seller_id, number=number).exists():
            return number
        attempt += 1


def require_subject(subject: str) -> str:
    """Return a subject as one line. Raises Rejected for none, and for one that is too long."""
    subject = " ".join(trimmed(subject).split())
    if not subject or len(subject) > LONGEST_SUBJECT:
        raise Rejected(_("Give a subject of 1 to 200 characters: the customer sees it first."))
    return subject


def require_item(order: Order, item: str) -> UUID | None:
    """Return the id of a line of the order; None for the entire order (no item). Raises Rejected for another."""
    if not item:
        return None
    items = OrderItem.objects.filter(seller_id=order.seller_id, order_id=order.id, item=item)
    item_id = items.values_list("id", flat=True).first() if is_storable(item) else None
    if item_id is None:
        raise Rejected(_("Order %(order)s has no item “%(item)s”.") % {"order": order.number, "item": item})
    return item_id
