"""What became of a refund: paid, failed, or to be tried again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.core.errors import Conflict, NotFound, Rejected
from lostpost.core.text import can_be_kept, keepable
from lostpost.customer_queries.close_query import reopen
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import Actor, note
from lostpost.ledger.models import Kind
from lostpost.ledger.post import Posting, post
from lostpost.parcels.models import Order
from lostpost.refunds.gateway import gateway_of_new_refunds
from lostpost.refunds.models import Refund

State = Refund.State


class RefundNotFound(NotFound):
    """There is no such refund in this shop."""


class RefundSettled(Conflict):
    """The refund is not in a state from which this may follow."""

    code = "refund-settled"


@transaction.atomic(durable=True)
def mark_refund_paid(*, seller_id: UUID, number: str, reference: str, by: Actor, now: datetime) -> Refund:
    """Record that the customer has the money, with the bank's or the provider's reference, and book it.

    The same reference again changes nothing. Raises: RefundNotFound, RefundSettled, Rejected without a reference.
    """
    reference = _one_line(reference, 200, _("Write down the reference of the payment, up to 200 characters."))
    refund = _lock(seller_id, number)
    if refund.state == State.CONFIRMED and refund.reference == reference:
        return refund
    _move(refund, State.CONFIRMED, sent_at=refund.sent_at or now, confirmed_at=now, reference=reference)
    post(
        [Posting(Kind.REFUND_PAID, refund.id, refund.amount_minor)],
        seller_id=seller_id,
        currency=refund.currency,
        now=now,
    )
    _tell(refund, "refund.confirmed", by=by, now=now, reference=reference)
    return refund


@transaction.atomic(durable=True)
def mark_refund_failed(*, seller_id: UUID, number: str, problem: str, by: Actor, now: datetime) -> Refund:
    """Record why a refund could not be paid. A handled query opens again: the customer still has no money.

    Raises: RefundNotFound, RefundSettled, Rejected without a reason.
    """
    problem = _one_line(problem, 500, _("Write down why the payment failed, up to 500 characters."))
    refund = _lock(seller_id, number)
    if refund.state == State.FAILED and refund.problem == problem:
        return refund
    _move(refund, State.FAILED, failed_at=now, problem=problem)
    _tell(refund, "refund.failed", by=by, now=now, problem=problem)
    if refund.query.state == CustomerQuery.State.HANDLED:
        reopen(refund.query, by=by, now=now)
    return refund


@transaction.atomic(durable=True)
def retry_refund(*, seller_id: UUID, number: str, by: Actor, now: datetime) -> Refund:
    """Ask again for a refund that failed; one that is asked for already stays as it is.

    Raises: RefundNotFound, RefundSettled.
    """
    refund = _lock(seller_id, number)
    if refund.state == State.REQUESTED:
        return refund
    _move(refund, State.REQUESTED, failed_at=None, sent_at=None, problem="", gateway=gateway_of_new_refunds().name)
    _tell(refund, "refund.requested", by=by, now=now)
    return refund


def _lock(seller_id: UUID, number: str) -> Refund:
    """Return the refund with its order, query and itself locked, in this order, as everywhere."""
    found = Refund.objects.filter(seller_id=seller_id, number=number).values_list("order_id", flat=True)
    order_id = found.first() if can_be_kept(number) else None
    if order_id is None:
        raise RefundNotFound(_("There is no refund “%(number)s” in this shop.") % {"number": number})
    order = Order.objects.select_for_update().get(seller_id=seller_id, id=order_id)
    refund = Refund.objects.select_for_update().get(seller_id=seller_id, number=number)
    refund.query = CustomerQuery.objects.select_for_update().get(seller_id=seller_id, id=refund.query_id)
    refund.query.order = order
    return refund


def _move(refund: Refund, to: Refund.State, **values: object) -> None:
    if to not in Refund.MOVES[Refund.State(refund.state)]:
        raise RefundSettled(
            _("Refund %(number)s is “%(state)s” already; look at the list again.")
            % {"number": refund.number, "state": refund.get_state_display()}
        )
    for name, value in values.items():
        setattr(refund, name, value)
    refund.state = to
    Refund.objects.filter(seller_id=refund.seller_id, id=refund.id).update(state=to, **values)


def _tell(refund: Refund, kind: str, *, by: Actor, now: datetime, **data: str) -> None:
    note(
        refund.query,
        kind,
        now=now,
        by=by,
        number=refund.number,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        **data,
    )


def _one_line(text: str, most: int, otherwise: str) -> str:
    text = " ".join(keepable(text).split())
    if not 1 <= len(text) <= most:
        raise Rejected(otherwise)
    return text
