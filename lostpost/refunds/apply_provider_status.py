"""Apply the status that a payment provider reports; the order and number of the reports do not matter."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from lostpost.refunds.attempts import RefundAttempt
from lostpost.refunds.models import Refund
from lostpost.refunds.problems import PROBLEMS
from lostpost.refunds.transitions import (
    announce_refund,
    confirm_refund,
    fail_refund,
    lock_refund,
    transition,
    truncate,
    update_fields,
)

State = Refund.State
logger = logging.getLogger("lostpost.refunds")
# A provider's refund only moves forward in this order; a status that is not further on is outdated.
_ORDER = (State.REQUESTED, State.SENT, State.CONFIRMED, State.FAILED)


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """The status of a refund at its provider.

    Args: `reference`: the provider's id of the refund; "" if it refused to create one. `code`: a key of `problems.py`,
    and `message` the provider's text, both for a refund that failed.
    """

    attempt: int
    reference: str
    state: Refund.State
    code: str = ""
    message: str = ""

    @property
    def alive(self) -> bool:
        """Whether the customer gets the money by it, or has it."""
        return self.state != State.FAILED


@transaction.atomic(durable=True)
def apply_provider_status(*, attempt: RefundAttempt, status: ProviderStatus, now: datetime) -> Refund:
    """Update a refund to the status at its provider; a status that is known already changes nothing.

    An earlier attempt that went through after all counts as this refund, unless the current attempt went through too.
    """
    refund = lock_refund(seller_id=attempt.seller_id, number=attempt.number)
    if refund.gateway != attempt.gateway:
        if status.alive:
            logger.error("refund %s is paid by hand, and %s has it too: %s", refund.number, attempt.gateway, status)
        return refund
    if status.attempt != refund.attempt:
        if not status.alive or status.attempt > refund.attempt or refund.state == State.CONFIRMED:
            return refund
        changes = (
            {"reference": status.reference} if refund.state == State.SENT else {}
        )  # This attempt failed on its way.
        update_fields(refund, attempt=status.attempt, **changes)
    if refund.state == State.FAILED and status.alive and status.reference != refund.reference:
        # We recorded it as failed, but another request of ours had gone through.
        transition(refund, State.REQUESTED, failed_at=None, sent_at=None, problem="", problem_code="")
    if refund.no_response_since or (refund.problem and refund.state in (State.REQUESTED, State.SENT)):
        update_fields(refund, no_response_since=None, problem="", problem_code="")
    if _ORDER.index(status.state) > _ORDER.index(State(refund.state)):
        _settle(refund, status, now)
    return refund


def _settle(refund: Refund, status: ProviderStatus, now: datetime) -> None:
    match status.state:
        case State.SENT:
            transition(refund, State.SENT, sent_at=now, reference=status.reference)
            announce_refund(refund, "refund.sent", by=None, now=now, reference=status.reference)
        case State.CONFIRMED:
            confirm_refund(refund, reference=status.reference, by=None, now=now)
        case State.FAILED:
            if status.reference and refund.state != State.CONFIRMED:
                update_fields(refund, reference=status.reference)
            problem = truncate(status.message) or PROBLEMS[status.code]
            fail_refund(refund, problem=problem, code=status.code, by=None, now=now)
