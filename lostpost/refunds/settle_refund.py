"""Record the outcome of a refund that a person pays, and retry any failed refund."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.core.idempotency import IdempotencyClaim, claim, keeps_answer
from lostpost.core.jobs import defer
from lostpost.core.ownership import uuid7
from lostpost.refunds.gateway import PROVIDERS, SEND_REFUND, refund_job
from lostpost.refunds.models import Refund
from lostpost.refunds.transitions import (
    RefundAtProvider,
    RefundNotFound,
    RefundSettled,
    announce_refund,
    confirm_refund,
    fail_refund,
    lock_refund,
    refund_settled,
    require_manual,
    require_one_line,
    transition,
)

__all__ = [
    "RefundAtProvider",
    "RefundNotFound",
    "RefundSettled",
    "mark_refund_failed",
    "mark_refund_paid",
    "mark_refund_sent",
    "retry_refund",
]
State = Refund.State


@transaction.atomic(durable=True)
def mark_refund_paid(*, seller_id: UUID, number: str, reference: str, by: Actor, now: datetime) -> Refund:
    """Record that the customer has the money, with the bank's reference, and book it; also if it had failed before.

    The same reference again changes nothing. Raises: RefundNotFound, RefundSettled, RefundAtProvider, Rejected without
    a reference.
    """
    reference = require_one_line(reference, 200, _("Write down the reference of the payment, up to 200 characters."))
    refund = lock_refund(seller_id=seller_id, number=number)
    if refund.state == State.CONFIRMED and refund.reference == reference:
        return refund
    require_manual(refund)
    confirm_refund(refund, reference=reference, by=by, now=now)
    return refund


@transaction.atomic(durable=True)
def mark_refund_sent(*, seller_id: UUID, number: str, reference: str, by: Actor, now: datetime) -> Refund:
    """Record that the money is on its way, with the bank's reference. The same again changes nothing.

    Raises: RefundNotFound, RefundSettled, RefundAtProvider, Rejected without a reference.
    """
    reference = require_one_line(reference, 200, _("Write down the reference of the payment, up to 200 characters."))
    refund = lock_refund(seller_id=seller_id, number=number)
    if refund.state == State.SENT and refund.reference == reference:
        return refund
    require_manual(refund)
    transition(refund, State.SENT, sent_at=now, reference=reference, problem="", problem_code="")
    announce_refund(refund, "refund.sent", by=by, now=now, reference=reference)
    return refund


@transaction.atomic(durable=True)
def mark_refund_failed(*, seller_id: UUID, number: str, problem: str, by: Actor, now: datetime) -> Refund:
    """Record why a refund could not be paid. A handled query opens again: the customer still has no money.

    Raises: RefundNotFound, RefundSettled, RefundAtProvider, Rejected without a reason.
    """
    problem = require_one_line(problem, 500, _("Write down why the payment failed, up to 500 characters."))
    refund = lock_refund(seller_id=seller_id, number=number)
    if refund.state == State.FAILED and refund.problem == problem:
        return refund
    require_manual(refund)
    if refund.state == State.CONFIRMED:  # Only a provider may fail a paid refund: this is a second, slower tab.
        raise refund_settled(refund)
    fail_refund(refund, problem=problem, by=by, now=now)
    return refund


@transaction.atomic(durable=True)
@keeps_answer("refund-retry")
def retry_refund(*, seller_id: UUID, number: str, by: Actor, now: datetime, key: str | IdempotencyClaim = "") -> Refund:
    """Request a failed refund again, as a new attempt; one that is already requested stays as it is.

    It uses the same gateway. Before a provider is asked, it is looked up whether an earlier attempt went through after
    all. A call with the same `key` requests nothing more, whatever the refund's state is by then.

    Raises: RefundNotFound, RefundSettled, KeyReused.
    """
    refund = lock_refund(seller_id=seller_id, number=number)
    if key and claim(key, scope="refund-retry", seller_id=seller_id, content=number, result_id=uuid7(), now=now):
        return refund
    if refund.state == State.REQUESTED:
        return refund
    transition(
        refund,
        State.REQUESTED,
        failed_at=None,
        sent_at=None,
        problem="",
        problem_code="",
        reference="",
        attempt=refund.attempt + 1,
    )
    announce_refund(refund, "refund.requested", by=by, now=now)
    if refund.gateway in PROVIDERS:
        defer(refund_job(SEND_REFUND, seller_id=seller_id, refund_id=refund.id))
    return refund
