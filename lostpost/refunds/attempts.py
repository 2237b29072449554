"""Attempts to refund through a payment provider: recorded before the request, and while there is no answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from lostpost.refunds.gateway import PROVIDERS
from lostpost.refunds.models import Refund
from lostpost.refunds.problems import ANSWERED, PROBLEMS
from lostpost.refunds.transitions import lock_refund, truncate, update_fields

State = Refund.State
QUIET = timedelta(days=1)  # How long a provider may be silent before finance sees it.


@dataclass(frozen=True, slots=True)
class RefundAttempt:
    """One attempt at a refund, as it is requested from a payment provider or looked up there."""

    seller_id: UUID
    refund_id: UUID
    number: str
    order_number: str
    gateway: str
    state: str
    payment_reference: str
    amount_minor: int
    currency: str
    attempt: int
    reference: str  # The provider's id of the refund; "" while unknown.
    asked_at: datetime | None  # When it was last requested; the answer may have been lost.

    @property
    def key(self) -> str:
        """Key under which the provider carries this attempt out at most once: always the same, in a UUID's form."""
        digest = hashlib.sha256(f"{self.refund_id}/{self.attempt}".encode()).digest()
        return str(UUID(bytes=digest[:16], version=4))


def attempt_of(*, seller_id: UUID, refund_id: UUID) -> RefundAttempt | None:
    """Return the current attempt at a refund; None if there is no such refund, or a person pays it."""
    refund = Refund.objects.select_related("order").filter(seller_id=seller_id, id=refund_id).first()
    return _attempt(refund, refund.order.number) if refund and refund.gateway in PROVIDERS else None


@transaction.atomic(durable=True)
def start_attempt(*, attempt: RefundAttempt, now: datetime) -> RefundAttempt | None:
    """Record that the provider is asked now; from here on it may know the refund. None if there is nothing to ask.

    `asked_at` of the returned attempt is that of the previous request: if there was one, its answer was lost.
    """
    refund = lock_refund(seller_id=attempt.seller_id, number=attempt.number)
    if (refund.gateway, refund.state) != (attempt.gateway, State.REQUESTED):
        return None
    started = _attempt(refund, attempt.order_number)
    update_fields(refund, asked_at=now)
    return started


@transaction.atomic(durable=True)
def note_waiting(*, attempt: RefundAttempt, code: str, message: str, now: datetime) -> None:
    """Record why a refund waits: silence after a day, everything else at once."""
    refund = lock_refund(seller_id=attempt.seller_id, number=attempt.number)
    if (refund.gateway, refund.attempt) != (attempt.gateway, attempt.attempt) or refund.state not in (
        State.REQUESTED,
        State.SENT,
    ):
        return
    since = refund.no_response_since or now
    if code not in ANSWERED:
        update_fields(refund, no_response_since=since)
    if code != "no-answer" or now - since >= QUIET:
        update_fields(refund, problem_code=code, problem=truncate(message) or PROBLEMS[code])


def _attempt(refund: Refund, order_number: str) -> RefundAttempt:
    return RefundAttempt(
        seller_id=refund.seller_id,
        refund_id=refund.id,
        number=refund.number,
        order_number=order_number,
        gateway=refund.gateway,
        state=refund.state,
        payment_reference=refund.payment_reference,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        attempt=refund.attempt,
        reference=refund.reference,
        asked_at=refund.asked_at,
    )
