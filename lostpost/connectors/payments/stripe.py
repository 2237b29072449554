"""Stripe, through its own library."""

from __future__ import annotations

from typing import Any

import stripe
from stripe import StripeClient

from lostpost.connectors.payments.amounts import AmountRefused, stripe_amount
from lostpost.connectors.payments.provider import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    PermanentError,
    RetryableError,
    Unpayable,
    attempt_in,
    metadata,
    require_same,
    retry_after_seconds,
)
from lostpost.refunds.apply_provider_status import ProviderStatus
from lostpost.refunds.attempts import RefundAttempt
from lostpost.refunds.models import Refund

State = Refund.State
STATES = {
    "pending": State.SENT,
    "requires_action": State.SENT,
    "succeeded": State.CONFIRMED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}
FAILURES = {  # `failure_reason` of a refund.
    "lost_or_stolen_card": "account-closed",
    "expired_or_canceled_card": "account-closed",
    "charge_for_pending_refund_disputed": "payment-disputed",
    "insufficient_funds": "balance-too-low",
    "declined": "declined",
    "merchant_request": "cancelled",
}
REFUSALS = {  # `code` of an error.
    "charge_already_refunded": "already-refunded",
    "charge_disputed": "payment-disputed",
    "refund_disputed_payment": "payment-disputed",
    "resource_missing": "payment-unknown",
    "amount_too_large": "amount-too-high",
    "insufficient_funds": "balance-too-low",
    "balance_insufficient": "balance-too-low",
    "expired_card": "account-closed",
    "amount_too_small": "currency-refused",
    "invalid_currency": "currency-refused",
}
PAGE = 100


class Stripe:
    """Gives money back on Stripe's payments (`pi_…`) and charges (`ch_…`, `py_…`)."""

    def __init__(self, key: str, url: str) -> None:
        self.key = key
        self.url = url

    def require_payable(self, attempt: RefundAttempt) -> None:
        """Refuse a share that Stripe cannot pay: its last unit is 10 in a currency of three decimals, say.

        Raises: Unpayable.
        """
        try:
            stripe_amount(attempt.amount_minor, attempt.currency)
        except AmountRefused as error:
            raise Unpayable("Stripe", attempt) from error

    def refund(self, attempt: RefundAttempt) -> ProviderStatus:
        """Request the refund with its idempotency key. Raises: RetryableError, PermanentError."""
        self.require_payable(attempt)
        amount = stripe_amount(attempt.amount_minor, attempt.currency)
        request: Any = {**_payment(attempt), "amount": amount, "metadata": metadata(attempt)}
        try:
            refund = self._client().v1.refunds.create(request, {"idempotency_key": attempt.key})
        except stripe.StripeError as error:
            raise _failure_of(error) from error
        _require_readable(refund)
        _require_same(refund, attempt)
        return _status_of(refund, attempt.attempt)

    def find(self, attempt: RefundAttempt) -> list[ProviderStatus]:
        """Return all attempts of the refund among those of its payment. Raises: RetryableError."""
        statuses: list[ProviderStatus] = []
        request: Any = {**_payment(attempt), "limit": PAGE}
        try:
            refunds = self._client().v1.refunds.list(request)
            if getattr(refunds, "object", "") != "list":
                raise RetryableError("Stripe: the answer is no list of refunds")
            for refund in refunds.auto_paging_iter():
                _require_readable(refund)
                if number := attempt_in(_metadata_of(refund), attempt):
                    statuses.append(_status_of(refund, number))
                    if statuses[-1].alive:
                        _require_same(refund, attempt)
        except stripe.StripeError as error:
            failure = _failure_of(error)
            if isinstance(failure, PermanentError) and failure.code == "payment-unknown":
                return []  # No such payment, so no refund of it.
            raise failure if isinstance(failure, RetryableError) else RetryableError(str(failure)) from error
        return statuses

    def _client(self) -> StripeClient:
        return StripeClient(
            self.key,
            base_addresses={"api": self.url},
            max_network_retries=0,  # Retries are up to our job.
            http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS)),
        )


def _payment(attempt: RefundAttempt) -> dict[str, str]:
    of_intent = attempt.payment_reference.startswith("pi_")
    return {"payment_intent" if of_intent else "charge": attempt.payment_reference}


def _require_readable(answer: object) -> None:
    """Treat any JSON that is no refund as a lost answer. Raises: RetryableError."""
    if getattr(answer, "object", "") != "refund" or not getattr(answer, "id", ""):
        raise RetryableError("Stripe: the answer is no refund")


def _metadata_of(refund: stripe.Refund) -> object:
    return refund.metadata.to_dict() if refund.metadata else None


def _require_same(refund: stripe.Refund, attempt: RefundAttempt) -> None:
    try:
        amount = stripe_amount(attempt.amount_minor, attempt.currency)
    except AmountRefused:
        amount = -1  # We never request it, so no living one is ours.
    payment = {"payment_intent": refund.payment_intent, "charge": refund.charge}
    require_same(
        "Stripe",
        {**_payment(attempt), "currency": attempt.currency, "amount": amount},
        {**payment, "currency": str(refund.currency).upper(), "amount": refund.amount},
        stored_metadata=_metadata_of(refund),
        attempt=attempt,
    )


def _status_of(refund: stripe.Refund, attempt: int) -> ProviderStatus:
    state = STATES.get(refund.status or "", State.SENT)  # An unknown status is not final.
    if state != State.FAILED:
        return ProviderStatus(attempt, refund.id, state)
    reason = str(getattr(refund, "failure_reason", None) or "")
    code = FAILURES.get(reason, "cancelled" if refund.status == "canceled" else "declined")
    return ProviderStatus(attempt, refund.id, state, code=code, message=f"Stripe: {reason or refund.status}")


def _failure_of(error: stripe.StripeError) -> RetryableError | PermanentError:
    status, message = error.http_status or 0, f"Stripe: {error.user_message or type(error).__name__}"
    body = error.json_body.get("error") if isinstance(error.json_body, dict) else None
    if not isinstance(body, dict):  # No answer, an unreadable one, or a proxy's page.
        return RetryableError(
            f"Stripe: {status or 'no answer'}, {type(error).__name__}", retry_seconds=retry_after_seconds(error.headers)
        )
    if status in (401, 403):
        return RetryableError(message, code="key-refused")
    if status in (408, 409, 425, 429) or not 400 <= status < 500:
        return RetryableError(message, retry_seconds=retry_after_seconds(error.headers))
    return PermanentError(REFUSALS.get(error.code or "") or _code_of(message), message)


def _code_of(message: str) -> str:
    """Return why Stripe refused where it gives no code."""
    text = message.lower()
    if "greater than" in text and "amount" in text:
        return "amount-too-high"
    return "refused"
