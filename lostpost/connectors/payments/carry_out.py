"""A refund on its way through its payment provider, from whatever point an earlier try was broken off."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from lostpost.connectors.payments.provider import PermanentError, Provider, RetryableError, Unpayable, living_refund
from lostpost.connectors.payments.providers import provider_named
from lostpost.refunds.apply_provider_status import ProviderStatus, apply_provider_status
from lostpost.refunds.attempts import RefundAttempt, attempt_of, note_waiting, start_attempt
from lostpost.refunds.look_again import record_look
from lostpost.refunds.models import Refund
from lostpost.refunds.switch_to_manual_payment import give_to_finance

State = Refund.State
logger = logging.getLogger("lostpost.refunds")
FRESH = timedelta(minutes=5)  # A worker that was frozen for longer must look again before it asks.


def carry_out(*, seller_id: UUID, refund_id: UUID, clock: Callable[[], datetime]) -> None:
    """Ask the provider for a refund that is requested, and record what it says. Safe to repeat from any point.

    No transaction is open while the provider is asked. Raises: RetryableError if it is to be tried again.
    """
    attempt = attempt_of(seller_id=seller_id, refund_id=refund_id)
    if attempt is None or attempt.state != State.REQUESTED:
        return
    try:
        provider = provider_named(attempt.gateway)
        provider.require_payable(attempt)
        began_at = clock()
        started = start_attempt(attempt=attempt, now=began_at)
        if started is None:
            return
        status = _earlier_status(provider, started) or _request_refund(provider, started, began_at, clock)
    except Unpayable as refusal:
        give_to_finance(attempt=attempt, code=refusal.code, message=str(refusal))
        return
    except RetryableError as error:
        note_waiting(attempt=attempt, code=error.code, message=str(error), now=clock())
        raise
    apply_provider_status(attempt=started, status=status, now=clock())
    logger.info(
        "refund %s is %s at %s: %s", started.number, status.state, started.gateway, status.reference or status.code
    )


def look_up(*, seller_id: UUID, refund_id: UUID, clock: Callable[[], datetime]) -> ProviderStatus | None:
    """Ask the provider how a refund stands, and record it; None if it knows of none. Raises: RetryableError."""
    attempt = attempt_of(seller_id=seller_id, refund_id=refund_id)
    if attempt is None:
        return None
    return look_up_attempt(attempt, clock=clock)


def look_up_attempt(attempt: RefundAttempt, *, clock: Callable[[], datetime]) -> ProviderStatus | None:
    """Look a refund up as it stands in our books, and record what is found. Raises: RetryableError."""
    try:
        statuses = provider_named(attempt.gateway).find(attempt)
    except RetryableError as error:
        note_waiting(attempt=attempt, code=error.code, message=str(error), now=clock())
        raise
    status = living_refund(statuses, attempt)
    if status and status.attempt != attempt.attempt and attempt.state == State.CONFIRMED:
        # What was confirmed came back; the one that lives comes after that.
        for failed in [it for it in statuses if it.attempt == attempt.attempt][:1]:
            apply_provider_status(attempt=attempt, status=failed, now=clock())
    if status:
        apply_provider_status(attempt=attempt, status=status, now=clock())
    record_look(attempt=attempt, now=clock())
    return status


def _earlier_status(provider: Provider, attempt: RefundAttempt) -> ProviderStatus | None:
    """Find what became of a question whose answer was lost, or of an attempt that had failed, as we thought."""
    return living_refund(provider.find(attempt), attempt) if attempt.asked_at or attempt.attempt > 1 else None


def _request_refund(
    provider: Provider, attempt: RefundAttempt, began_at: datetime, clock: Callable[[], datetime]
) -> ProviderStatus:
    if clock() - began_at > FRESH:
        raise RetryableError("The worker stood still for minutes before it could ask.")
    try:
        return provider.refund(attempt)
    except PermanentError as refusal:
        # What is refused may be what was done by a question that came in between; only the list knows.
        status = living_refund(provider.find(attempt), attempt)
        return status or ProviderStatus(attempt.attempt, "", State.FAILED, code=refusal.code, message=str(refusal))
