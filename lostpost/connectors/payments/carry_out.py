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
    asking = attempt_of(seller_id=seller_id, refund_id=refund_id)
    if asking is None or asking.state != State.REQUESTED:
        return
    try:
        provider = provider_named(asking.gateway)
        provider.require_payable(asking)
        began_at = clock()
        begun = start_attempt(asking=asking, now=began_at)
        if begun is None:
            return
        heard = _earlier(provider, begun) or _ask(provider, begun, began_at, clock)
    except Unpayable as refusal:
        give_to_finance(asking=asking, code=refusal.code, words=str(refusal))
        return
    except RetryableError as waits:
        note_waiting(asking=asking, code=waits.code, words=str(waits), now=clock())
        raise
    apply_provider_status(asking=begun, heard=heard, now=clock())
    logger.info("refund %s is %s at %s: %s", begun.number, heard.state, begun.gateway, heard.reference or heard.code)


def look_up(*, seller_id: UUID, refund_id: UUID, clock: Callable[[], datetime]) -> ProviderStatus | None:
    """Ask the provider how a refund stands, and record it; None if it knows of none. Raises: RetryableError."""
    asking = attempt_of(seller_id=seller_id, refund_id=refund_id)
    if asking is None:
        return None
    return look_up_asked(asking, clock=clock)


def look_up_asked(asking: RefundAttempt, *, clock: Callable[[], datetime]) -> ProviderStatus | None:
    """Look a refund up as it stands in our books, and record what is found. Raises: RetryableError."""
    try:
        found = provider_named(asking.gateway).find(asking)
    except RetryableError as waits:
        note_waiting(asking=asking, code=waits.code, words=str(waits), now=clock())
        raise
    heard = living_refund(found, asking)
    if heard and heard.attempt != asking.attempt and asking.state == State.CONFIRMED:
        # What was confirmed came back; the one that lives comes after that.
        for failed in [it for it in found if it.attempt == asking.attempt][:1]:
            apply_provider_status(asking=asking, heard=failed, now=clock())
    if heard:
        apply_provider_status(asking=asking, heard=heard, now=clock())
    record_look(asking=asking, now=clock())
    return heard


def _earlier(provider: Provider, begun: RefundAttempt) -> ProviderStatus | None:
    """Find what became of a question whose answer was lost, or of an attempt that had failed, as we thought."""
    return living_refund(provider.find(begun), begun) if begun.asked_at or begun.attempt > 1 else None


def _ask(provider: Provider, begun: RefundAttempt, began_at: datetime, clock: Callable[[], datetime]) -> ProviderStatus:
    if clock() - began_at > FRESH:
        raise RetryableError("The worker stood still for minutes before it could ask.")
    try:
        return provider.refund(begun)
    except PermanentError as refusal:
        # What is refused may be what was done by a question that came in between; only the list knows.
        found = living_refund(provider.find(begun), begun)
        return found or ProviderStatus(begun.attempt, "", State.FAILED, code=refusal.code, words=str(refusal))
