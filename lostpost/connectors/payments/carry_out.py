"""Carry a refund out at its payment provider, resuming wherever an earlier try was interrupted."""

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
FRESH = timedelta(minutes=5)  # A worker that was frozen for longer must look the refund up again first.


def carry_out(*, seller_id: UUID, refund_id: UUID, clock: Callable[[], datetime]) -> None:
    """Request a refund from the provider, and record the status that it returns. Safe to repeat from any point.

    No transaction is open during the request. Raises: RetryableError if it is to be tried again.
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
    """Look up a refund's status at the provider and record it; None if it has none. Raises: RetryableError."""
    attempt = attempt_of(seller_id=seller_id, refund_id=refund_id)
    if attempt is None:
        return None
    return look_up_attempt(attempt, clock=clock)


def look_up_attempt(attempt: RefundAttempt, *, clock: Callable[[], datetime]) -> ProviderStatus | None:
    """Look up the status of an attempt at the provider and record it. Raises: RetryableError."""
    try:
        statuses = provider_named(attempt.gateway).find(attempt)
    except RetryableError as error:
        note_waiting(attempt=attempt, code=error.code, message=str(error), now=clock())
        raise
    status = living_refund(statuses, attempt)
    if status and status.attempt != attempt.attempt and attempt.state == State.CONFIRMED:
        # The confirmed attempt bounced; the living one is recorded after that.
        for failed in [it for it in statuses if it.attempt == attempt.attempt][:1]:
            apply_provider_status(attempt=attempt, status=failed, now=clock())
    if status:
        apply_provider_status(attempt=attempt, status=status, now=clock())
    record_look(attempt=attempt, now=clock())
    return status


def _earlier_status(provider: Provider, attempt: RefundAttempt) -> ProviderStatus | None:
    """Look up an earlier request whose answer was lost, or that we recorded as failed."""
    return living_refund(provider.find(attempt), attempt) if attempt.asked_at or attempt.attempt > 1 else None


def _request_refund(
    provider: Provider, attempt: RefundAttempt, began_at: datetime, clock: Callable[[], datetime]
) -> ProviderStatus:
    if clock() - began_at > FRESH:
        raise RetryableError("The worker stood still for minutes before it could ask.")
    try:
        return provider.refund(attempt)
    except PermanentError as refusal:
        # It may be refused because a request in between was carried out; the list shows that.
        status = living_refund(provider.find(attempt), attempt)
        return status or ProviderStatus(attempt.attempt, "", State.FAILED, code=refusal.code, message=str(refusal))
