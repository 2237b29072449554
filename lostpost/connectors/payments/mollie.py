"""Mollie, through its own library."""

from __future__ import annotations

import json
import ssl
from functools import cache
from typing import Any

import httpx
from mollie import ClientSDK
from mollie.models import ClientError, NoResponseError, Security
from mollie.utils import BackoffStrategy, RetryConfig

from lostpost.connectors.payments.amounts import AmountRefused, mollie_amount
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
    "queued": State.SENT,  # It waits until our balance suffices.
    "pending": State.SENT,
    "processing": State.SENT,
    "refunded": State.CONFIRMED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}
CODES = {"failed": "declined", "canceled": "cancelled"}  # Mollie does not say why it failed.
PAGE = 250
HOUR = 3600
_ONCE = RetryConfig("none", BackoffStrategy(0, 0, 1, 0), False)  # Retries are up to our job.


class Mollie:
    """Gives money back on Mollie's payments (`tr_…`)."""

    def __init__(self, key: str, url: str) -> None:
        self.key = key
        self.url = url

    def require_payable(self, attempt: RefundAttempt) -> None:
        """Refuse a share that Mollie cannot write. Raises: Unpayable."""
        try:
            mollie_amount(attempt.amount_minor, attempt.currency)
        except AmountRefused as error:
            raise Unpayable("Mollie", attempt) from error

    def refund(self, attempt: RefundAttempt) -> ProviderStatus:
        """Request the refund with its idempotency key. Raises: RetryableError, PermanentError."""
        self.require_payable(attempt)
        value = mollie_amount(attempt.amount_minor, attempt.currency)
        request: Any = {
            "description": f"{attempt.order_number} {attempt.number}"[:255],
            "amount": {"currency": attempt.currency, "value": value},
            "metadata": metadata(attempt),
        }
        with self._client() as client:
            try:
                refund = client.refunds.create(
                    payment_id=attempt.payment_reference, idempotency_key=attempt.key, refund_request=request
                )
            except ClientError as error:
                raise _failure_of(error) from error
            except (httpx.HTTPError, NoResponseError) as error:
                raise RetryableError(f"{type(error).__name__}: {error}") from error
        _require_same(refund, attempt)
        return _status_of(refund, attempt.attempt)

    def find(self, attempt: RefundAttempt) -> list[ProviderStatus]:
        """Return all attempts of the refund among those of its payment. Raises: RetryableError."""
        statuses: list[ProviderStatus] = []
        with self._client() as client:
            try:
                page = client.refunds.list(payment_id=attempt.payment_reference, limit=PAGE)
                while page is not None:
                    for refund in page.result.embedded.refunds:
                        if number := attempt_in(refund.metadata, attempt):
                            statuses.append(_status_of(refund, number))
                            if statuses[-1].alive:
                                _require_same(refund, attempt)
                    page = page.next()
            except ClientError as error:
                failure = _failure_of(error)
                if isinstance(failure, PermanentError) and failure.code == "payment-unknown":
                    return []  # No such payment, so no refund of it.
                raise failure if isinstance(failure, RetryableError) else RetryableError(str(failure)) from error
            except (httpx.HTTPError, NoResponseError) as error:
                raise RetryableError(f"{type(error).__name__}: {error}") from error
        return statuses

    def _client(self) -> ClientSDK:
        limits = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        return ClientSDK(
            security=Security(api_key=self.key),
            server_url=self.url,
            client=httpx.Client(timeout=limits, follow_redirects=False, verify=_authorities()),
            async_client=httpx.AsyncClient(verify=_authorities()),  # Never used; the library would make one.
            retry_config=_ONCE,
        )


@cache
def _authorities() -> ssl.SSLContext:
    """Read once, and not for each question, which authorities vouch for servers: it takes longer than the question."""
    return httpx.create_ssl_context()


def _require_same(refund: Any, attempt: RefundAttempt) -> None:
    try:
        value = mollie_amount(attempt.amount_minor, attempt.currency)
    except AmountRefused:
        value = ""  # We never request it, so no living one is ours.
    require_same(
        "Mollie",
        {"payment": attempt.payment_reference, "currency": attempt.currency, "value": value},
        {"payment": refund.payment_id, "currency": refund.amount.currency, "value": refund.amount.value},
        stored_metadata=refund.metadata,
        attempt=attempt,
    )


def _status_of(refund: Any, attempt: int) -> ProviderStatus:
    status = str(getattr(refund.status, "value", refund.status))
    state = STATES.get(status, State.SENT)  # An unknown status is not final.
    code = CODES.get(status, "")
    return ProviderStatus(attempt, refund.id, state, code=code, message=f"Mollie: {status}" if code else "")


def _failure_of(error: ClientError) -> RetryableError | PermanentError:
    status, answer = error.status_code, _answer_of(error)
    if answer is None or not 400 <= status < 500:  # A proxy's page, an unreadable refund, or an error at Mollie.
        return RetryableError(
            f"Mollie: {status}, {type(error).__name__}", retry_seconds=retry_after_seconds(error.headers)
        )
    message = f"Mollie: {answer['detail']}"
    if status in (401, 403):
        return RetryableError(message, code="key-refused")
    if status == 409 and "duplicate" in message.lower():
        # The same amount was given back on this payment within the hour: equal units that are lost one at a time.
        return RetryableError(message, code="duplicate-refund", retry_seconds=HOUR)
    if status in (408, 409, 425, 429):
        return RetryableError(message, retry_seconds=retry_after_seconds(error.headers))
    if status in (404, 410):
        return PermanentError("payment-unknown", message)
    return PermanentError(_code_of(message, str(answer.get("field") or "")), message)


def _code_of(message: str, field: str) -> str:
    """Return why Mollie refused, as far as known: its errors have a field and a sentence, but no code."""
    text = message.lower()
    if "already" in text and "refunded" in text:
        return "already-refunded"
    if "currency" in field or "currency" in text:
        return "currency-refused"
    if "chargeback" in text or "charged back" in text:
        return "payment-disputed"
    if "balance" in text:
        return "balance-too-low"
    if "amount" in field or "amount" in text:
        return "amount-too-high"
    return "refused"


def _answer_of(error: ClientError) -> dict[str, Any] | None:
    """Return the body of an error from Mollie; None if it is not from Mollie itself."""
    try:
        answer = json.loads(error.body)
    except ValueError:
        return None
    own = (
        isinstance(answer, dict) and answer.get("status") == error.status_code and isinstance(answer.get("detail"), str)
    )
    return answer if own else None
