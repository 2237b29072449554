"""The one timeline of a query, and the lock that every change of a query takes first."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from lostpost.core.errors import Conflict, NotFound
from lostpost.core.text import can_be_kept
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.parcels.models import Order

LONGEST_TEXT = 10_000


class Actor(Protocol):
    """Whoever acts: a member of the shop, or someone of the marketplace's staff."""

    @property
    def user_id(self) -> int:
        """Id of Django's user."""
        ...

    @property
    def name(self) -> str:
        """Name as the timeline shows it."""
        ...


class QueryNotFound(NotFound):
    """There is no such customer query in this shop."""


class QueryHandled(Conflict):
    """The query is handled; it must be reopened first."""

    code = "query-not-open"


class QueryWithPartnerservice(Conflict):
    """Partnerservice has the query; the seller waits."""

    code = "query-with-partnerservice"


def no_such_query(number: str) -> QueryNotFound:
    """Return the refusal of a number that no query of the shop has."""
    return QueryNotFound(_("There is no customer query “%(number)s” in this shop.") % {"number": number[:40]})


def lock_query(number: str, *, seller_id: UUID) -> CustomerQuery:
    """Return the query with its order, both locked until commit; the order first, as everywhere.

    Raises: QueryNotFound.
    """
    found = CustomerQuery.objects.filter(seller_id=seller_id, number=number).values_list("order_id", flat=True)
    order_id = found.first() if can_be_kept(number) else None
    if order_id is None:
        raise no_such_query(number)
    order = Order.objects.select_for_update().get(seller_id=seller_id, id=order_id)
    query = CustomerQuery.objects.select_for_update().get(seller_id=seller_id, number=number)
    query.order = order
    return query


def require_in_hand(query: CustomerQuery) -> None:
    """Refuse to go on with a query that is handled or with Partnerservice. Raises QueryHandled etc."""
    if query.state == CustomerQuery.State.HANDLED:
        raise QueryHandled(_("This customer query is handled. Reopen it first."))
    if query.state == CustomerQuery.State.WITH_PARTNERSERVICE:
        raise QueryWithPartnerservice(_("Partnerservice has this customer query. Wait for its answer."))


def note(
    query: CustomerQuery,
    kind: str,
    /,  # So that `data` may have a `kind` of its own.
    *,
    now: datetime,
    by: Actor | None = None,
    text: str = "",
    **data: Any,
) -> TimelineEntry:
    """Write one entry on the timeline; `data` holds JSON values that the words are made of when it is read."""
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
    return entry
