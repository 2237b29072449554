"""The one timeline of a query, and the lock that every change of a query takes first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from lostpost.accounts.actor import Actor
from lostpost.core.errors import Conflict, NotFound
from lostpost.core.text import is_storable
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.events.record import EventData, record_events
from lostpost.orders.models import Order

LONGEST_TEXT = 10_000

# The timeline entries that are events of the feed, by the event's type. Notes are the seller's own.
EVENTS = {
    "query.opened": "customer-query.opened",
    "query.closed": "customer-query.closed",
    "query.reopened": "customer-query.reopened",
    "query.put-aside": "customer-query.put-aside",
    "query.followed-up": "customer-query.followed-up",
    "query.with-partnerservice": "customer-query.with-partnerservice",
    "query.returned": "customer-query.returned",
    "query.assigned": "customer-query.assigned",
    "query.overdue": "customer-query.overdue",
    "query.closing-announced": "customer-query.closing-announced",
    "message.sent": "message.sent",
    "message.received": "message.received",
    "mail.failed": "mail.failed",
    "write-off.confirmed": "write-off.confirmed",
    "write-off.armed": "write-off.armed",
    "write-off.disarmed": "write-off.disarmed",
    "write-off.carried-out": "write-off.carried-out",
    "hold.placed": "hold.placed",
    "compensation.granted": "compensation.granted",
    "refund.requested": "refund.requested",
    "refund.sent": "refund.sent",
    "refund.confirmed": "refund.confirmed",
    "refund.failed": "refund.failed",
    "restoration.agreed": "restoration.agreed",
    "restoration.received": "restoration.received",
    "restoration.withdrawn": "restoration.withdrawn",
    "restoration.delivery-waived": "restoration.delivery-waived",
    "restoration.delivery-paid": "restoration.delivery-paid",
    "partnerservice.asked": "partnerservice.asked",
    "partnerservice.inquired": "partnerservice.inquired",
    "partnerservice.replied": "partnerservice.replied",
    "partnerservice.answered": "partnerservice.answered",
    "partnerservice.approved": "partnerservice.approved",
    "partnerservice.declined": "partnerservice.declined",
    "partnerservice.released": "partnerservice.released",
    "partnerservice.upheld": "partnerservice.upheld",
    "partnerservice.not-written-off": "partnerservice.not-written-off",
    "declaration.asked": "declaration.asked",
    "declaration.signed": "declaration.signed",
    "found.opened": "found-parcel.opened",
    "found.seen-again": "found-parcel.seen-again",
    "found.asked": "found-parcel.asked",
    "found.reminded": "found-parcel.reminded",
    "found.agreed": "found-parcel.agreed",
    "found.declined": "found-parcel.declined",
    "found.withdrawn": "found-parcel.withdrawn",
    "found.unanswered": "found-parcel.unanswered",
    "found.not-paid": "found-parcel.not-paid",
    "found.returned": "found-parcel.returned",
    "found.let-go": "found-parcel.let-go",
}


class QueryNotFound(NotFound):
    """There is no such customer query in this shop."""


class QueryHandled(Conflict):
    """The query is handled; it must be reopened first."""

    code = "query-not-open"
    sentence = _("This customer query is handled. Reopen it first.")


class QueryWithPartnerservice(Conflict):
    """Partnerservice has the query; the seller waits."""

    code = "query-with-partnerservice"
    sentence = _("Partnerservice has this customer query. Wait for its answer.")


def query_not_found(number: str) -> QueryNotFound:
    """Return the refusal of a number that no query of the shop has."""
    return QueryNotFound(_("There is no customer query “%(number)s” in this shop.") % {"number": number[:40]})


def lock_query(number: str, *, seller_id: UUID) -> CustomerQuery:
    """Return the query with its order, both locked until commit; the order first, as everywhere.

    Raises: QueryNotFound.
    """
    order_ids = CustomerQuery.objects.filter(seller_id=seller_id, number=number).values_list("order_id", flat=True)
    order_id = order_ids.first() if is_storable(number) else None
    if order_id is None:
        raise query_not_found(number)
    order = Order.objects.select_for_update().get(seller_id=seller_id, id=order_id)
    query = CustomerQuery.objects.select_for_update().get(seller_id=seller_id, number=number)
    query.order = order
    return query


def lock_queries_of(order: Order) -> None:
    """Lock all queries of a locked order, until commit: for what may concern several of them, before its first event.

    The feed's lock is the last of a transaction: whoever has it may wait for no other.
    """
    queries = CustomerQuery.objects.select_for_update().filter(seller_id=order.seller_id, order_id=order.id)
    list(queries.order_by("id").values_list("id"))


def add_entry(
    query: CustomerQuery,
    kind: str,
    /,  # So that `data` may have a `kind` of its own.
    *,
    now: datetime,
    by: Actor | None = None,
    text: str = "",
    **data: Any,
) -> TimelineEntry:
    """Add one entry to the timeline, and its event to the shop's feed.

    `data` holds JSON values for the text, which is composed when it is read. The feed's lock is a transaction's last:
    call it when everything else that the command changes is locked.
    """
    entry = TimelineEntry(
        seller_id=query.seller_id,
        query_id=query.id,
        at=now,
        kind=kind,
        data=data,
        text=text,
        by_user_id=by.user_id if by else None,
        by_name=by.name if by else "",
    )
    entry.save(force_insert=True)
    if event := event_of(query, str(entry.id), kind, data):
        record_events(query.seller_id, [event], now)
    return entry


def event_of(query: CustomerQuery, entry_id: str, kind: str, data: Mapping[str, Any]) -> EventData | None:
    """Return the event that an entry of the timeline is for partners, if it is any; whoever is named stays out of it.

    Words that people wrote are read where they stand: `entry` is their place on the timeline.
    """
    if kind not in EVENTS:
        return None
    facts = {name: value for name, value in data.items() if name != "name"}
    return EVENTS[kind], {
        "customer_query": query.number,
        "order_number": query.order.number,
        "entry": entry_id,
        **facts,
    }
