"""A refund on its way through its payment provider, from whatever point an earlier try was broken off."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from lostpost.connectors.payments.provider import Provider, Unpayable, Waits, WillNotHeal, that_counts
from lostpost.connectors.payments.providers import provider_named
from lostpost.refunds.apply_provider_status import Heard, hear_of_refund
from lostpost.refunds.attempts import Asking, asking_of, begin_asking, note_waiting
from lostpost.refunds.look_again import note_looked_up
from lostpost.refunds.models import Refund
from lostpost.refunds.switch_to_manual_payment import give_to_finance

State = Refund.State
logger = logging.getLogger("lostpost.refunds")
FRESH = timedelta(minutes=5)  # A worker that was frozen for longer must look again before it asks.


def carry_out(*, seller_id: UUID, refund_id: UUID, clock: Callable[[], datetime]) -> None:
    """Ask the provider for a refund that is requested, and record what it says. Safe to repeat from any point.

    No transaction is open while the provider is asked. Raises: Waits if it is to be tried again.
    """
    asking = asking_of(seller_id=seller_id, refund_id=refund_id)
    if asking is None or asking.state != State.REQUESTED:
        return
    try:
        provider = provider_named(asking.gateway)
        provider.require_payable(asking)
        began_at = clock()
        begun = begin_asking(asking=asking, now=began_at)
        if begun is None:
            return
        heard = _earlier(provider, begun) or _ask(provider, begun, began_at, clock)
    except Unpayable as refusal:
        give_to_finance(asking=asking, code=refusal.code, words=str(refusal))
        return
    except Waits as waits:
        note_waiting(asking=asking, code=waits.code, words=str(waits), now=clock())
        raise
    hear_of_refund(asking=begun, heard=heard, now=clock())
    logger.info("refund %s is %s at %s: %s", begun.number, heard.state, begun.gateway, heard.reference or heard.code)


def look_up(*, seller_id: UUID, refund_id: UUID, clock: Callable[[], datetime]) -> Heard | None:
    """Ask the provider how a refund stands, and record it; None if it knows of none. Raises: Waits."""
    asking = asking_of(seller_id=seller_id, refund_id=refund_id)
    if asking is None:
        return None
    return look_up_asked(asking, clock=clock)


def look_up_asked(asking: Asking, *, clock: Callable[[], datetime]) -> Heard | None:
    """Look a refund up as it stands in our books, and record what is found. Raises: Waits."""
    try:
        found = provider_named(asking.gateway).find(asking)
    except Waits as waits:
        note_waiting(asking=asking, code=waits.code, words=str(waits), now=clock())
        raise
    heard = that_counts(found, asking)
    if heard and heard.attempt != asking.attempt and asking.state == State.CONFIRMED:
        # What was confirmed came back; the one that lives comes after that.
        for failed in [it for it in found if it.attempt == asking.attempt][:1]:
            hear_of_refund(asking=asking, heard=failed, now=clock())
    if heard:
        hear_of_refund(asking=asking, heard=heard, now=clock())
    note_looked_up(asking=asking, now=clock())
    return heard


def _earlier(provider: Provider, begun: Asking) -> Heard | None:
    """Find what became of a question whose answer was lost, or of an attempt that had failed, as we thought."""
    return that_counts(provider.find(begun), begun) if begun.asked_at or begun.attempt > 1 else None


def _ask(provider: Provider, begun: Asking, began_at: datetime, clock: Callable[[], datetime]) -> Heard:
    if clock() - began_at > FRESH:
        raise Waits("The worker stood still for minutes before it could ask.")
    try:
        return provider.refund(begun)
    except WillNotHeal as refusal:
        # What is refused may be what was done by a question that came in between; only the list knows.
        found = that_counts(provider.find(begun), begun)
        return found or Heard(begun.attempt, "", State.FAILED, code=refusal.code, words=str(refusal))
