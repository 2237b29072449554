"""Close a query as handled."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.core.errors import Conflict
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import add_entry, lock_query, require_open


class CannotClose(Conflict):
    """Something is still to be settled in this query."""

    code = "cannot-close"


@transaction.atomic(durable=True)
def close_query(*, number: str, by: Actor, now: datetime) -> CustomerQuery:
    """Close a query; closing a handled one again changes nothing.

    Raises: ReadOnly, QueryNotFound, QueryWithPartnerservice, CannotClose.
    """
    require_writer(by)
    query = lock_query(number, seller_id=by.seller_id)
    if query.state != CustomerQuery.State.HANDLED:
        require_open(query)
        mark_handled(query, by=by, now=now)
    return query


def mark_handled(query: CustomerQuery, *, by: Actor, now: datetime) -> None:
    """Close a locked query, within the caller's transaction. Raises CannotClose while a refund has failed."""
    if query.refunds_failed:
        raise CannotClose(
            _("The refund in this customer query has failed; it stays open until the customer has the money.")
        )
    query.state, query.handled_at, query.waits_since = CustomerQuery.State.HANDLED, now, now
    query.unanswered_since = None
    _save_state(query)
    add_entry(query, "query.closed", now=now, by=by)


def stop_clock(query: CustomerQuery, *, now: datetime) -> None:
    """Let a locked query wait for nobody's answer, as the shop has just given one; its state stays."""
    query.unanswered_since = None
    if query.state == CustomerQuery.State.OPEN:
        query.waits_since = now
    _save_state(query)


def start_clock(query: CustomerQuery, *, since: datetime) -> None:
    """Let the customer of a locked query wait for an answer."""
    query.unanswered_since = since
    _save_state(query)


def mark_open(query: CustomerQuery, *, by: Actor | None, now: datetime) -> None:
    """Make a locked query the seller's turn again, within the caller's transaction."""
    query.state, query.handled_at, query.waits_since = CustomerQuery.State.OPEN, None, now
    _save_state(query)
    add_entry(query, "query.reopened", now=now, by=by)


def count_failed_refunds(query: CustomerQuery, change: int) -> None:
    """Count refunds of a locked query that failed (1), or did not fail after all (-1)."""
    query.refunds_failed += change
    CustomerQuery.objects.filter(seller_id=query.seller_id, id=query.id).update(refunds_failed=query.refunds_failed)


def _save_state(query: CustomerQuery) -> None:
    CustomerQuery.objects.filter(seller_id=query.seller_id, id=query.id).update(
        state=query.state,
        handled_at=query.handled_at,
        waits_since=query.waits_since,
        unanswered_since=query.unanswered_since,
    )
