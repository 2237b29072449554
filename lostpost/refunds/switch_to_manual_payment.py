"""Take a refund from its payment provider: finance pays it at the bank."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.refunds.attempts import RefundAttempt
from lostpost.refunds.gateway import ManualGateway
from lostpost.refunds.models import Refund
from lostpost.refunds.transitions import (
    RefundAtProvider,
    announce_refund,
    lock_refund,
    refund_settled,
    transition,
    truncate,
    update_fields,
)

State = Refund.State
LATEST_ANSWER = timedelta(minutes=10)  # A request of ours is over by then, answered or not.


@transaction.atomic(durable=True)
def set_manual_payment(*, attempt: RefundAttempt, by: Actor, now: datetime) -> Refund:
    """Put a refund on finance's list. The caller has looked it up: the provider has none that is sent or paid.

    Args: `attempt`: the refund as it was before the look-up; if it was requested since, the look-up proves nothing.
    Raises: RefundNotFound, RefundSettled, RefundAtProvider.
    """
    refund = lock_refund(seller_id=attempt.seller_id, number=attempt.number)
    if refund.gateway == ManualGateway.name:
        return refund
    if refund.state not in (State.REQUESTED, State.FAILED):
        raise refund_settled(refund)
    changed = (refund.attempt, refund.asked_at) != (attempt.attempt, attempt.asked_at)
    under_way = refund.state == State.REQUESTED and refund.asked_at and now - refund.asked_at < LATEST_ANSWER
    if changed or under_way:
        raise RefundAtProvider(_("The provider is being asked for this refund right now. Try again in ten minutes."))
    values = {
        "gateway": ManualGateway.name,
        "problem": "",
        "problem_code": "",
        "reference": "",
        "no_response_since": None,
    }
    if refund.state == State.FAILED:
        transition(refund, State.REQUESTED, failed_at=None, sent_at=None, attempt=refund.attempt + 1, **values)
    else:
        update_fields(refund, **values)
    announce_refund(refund, "refund.requested", by=by, now=now)
    return refund


@transaction.atomic(durable=True)
def give_to_finance(*, attempt: RefundAttempt, code: str, message: str) -> None:
    """Put a refund that its provider could never pay on finance's list, with the reason. It was not asked for.

    Args: `code`: a key of `problems.py`. `message`: why the provider cannot pay it.
    """
    refund = lock_refund(seller_id=attempt.seller_id, number=attempt.number)
    if (refund.gateway, refund.state, refund.attempt) == (attempt.gateway, State.REQUESTED, attempt.attempt):
        update_fields(
            refund, gateway=ManualGateway.name, problem_code=code, problem=truncate(message), no_response_since=None
        )
