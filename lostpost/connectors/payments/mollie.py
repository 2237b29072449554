"""Mollie, through its own library."""

from __future__ import annotations

import json
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
    "queued": State.SENT,  # It waits for our balance, by itself.
    "pending": State.SENT,
    "processing": State.SENT,
    "refunded": State.CONFIRMED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}
CODES = {"failed": "declined", "canceled": "cancelled"}  # Why it failed, Mollie does not say.
PAGE = 250
HOUR = 3600
_ONCE = RetryConfig("none", BackoffStrategy(0, 0, 1, 0), False)  # To wait and ask again is our job's to do.


class Mollie:
    """Gives money back on Mollie's payments (`tr_…`)."""

    def __init__(self, key: str, url: str) -> None:
        self.key = key
        self.url = url

    def require_payable(self, asking: RefundAttempt) -> None:
        """Refuse a share that Mollie cannot write. Raises: Unpayable."""
        try:
            mollie_amount(asking.amount_minor, asking.currency)
        except AmountRefused as refused:
            raise Unpayable("Mollie", asking) from refused

    def refund(self, asking: RefundAttempt) -> ProviderStatus:
        """Ask for the refund, under its key. Raises: RetryableError, PermanentError."""
        self.require_payable(asking)
        value = mollie_amount(asking.amount_minor, asking.currency)
        wish: Any = {
            "description": f"{asking.order_number} {asking.number}"[:255],
            "amount": {"currency": asking.currency, "value": value},
            "metadata": metadata(asking),
        }
        with self._client() as client:
            try:
                made = client.refunds.create(
                    payment_id=asking.payment_reference, idempotency_key=asking.key, refund_request=wish
                )
            except ClientError as error:
                raise _trouble(error) from error
            except (httpx.HTTPError, NoResponseError) as silence:
                raise RetryableError(f"{type(silence).__name__}: {silence}") from silence
        _require_same(made, asking)
        return _heard(made, asking.attempt)

    def find(self, asking: RefundAttempt) -> list[ProviderStatus]:
        """Return all attempts of the refund among those of its payment. Raises: RetryableError."""
        found: list[ProviderStatus] = []
        with self._client() as client:
            try:
                page = client.refunds.list(payment_id=asking.payment_reference, limit=PAGE)
                while page is not None:
                    for each in page.result.embedded.refunds:
                        if attempt := attempt_in(each.metadata, asking):
                            found.append(_heard(each, attempt))
                            if found[-1].alive:
                                _require_same(each, asking)
                    page = page.next()
            except ClientError as error:
                trouble = _trouble(error)
                if isinstance(trouble, PermanentError) and trouble.code == "payment-unknown":
                    return []  # No such payment, so no refund of it.
                raise trouble if isinstance(trouble, RetryableError) else RetryableError(str(trouble)) from error
            except (httpx.HTTPError, NoResponseError) as silence:
                raise RetryableError(f"{type(silence).__name__}: {silence}") from silence
        return found

    def _client(self) -> ClientSDK:
        limits = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        return ClientSDK(
            security=Security(api_key=self.key),
            server_url=self.url,
            client=httpx.Client(timeout=limits, follow_redirects=False),
            retry_config=_ONCE,
        )


def _require_same(refund: Any, asking: RefundAttempt) -> None:
    try:
        value = mollie_amount(asking.amount_minor, asking.currency)
    except AmountRefused:
        value = ""  # We never ask for it, so none that lives is ours.
    require_same(
        "Mollie",
        {"payment": asking.payment_reference, "currency": asking.currency, "value": value},
        {"payment": refund.payment_id, "currency": refund.amount.currency, "value": refund.amount.value},
        kept=refund.metadata,
        asking=asking,
    )


def _heard(refund: Any, attempt: int) -> ProviderStatus:
    status = str(getattr(refund.status, "value", refund.status))
    state = STATES.get(status, State.SENT)  # A status that is new to us is not the end of it.
    code = CODES.get(status, "")
    return ProviderStatus(attempt, refund.id, state, code=code, words=f"Mollie: {status}" if code else "")


def _trouble(error: ClientError) -> RetryableError | PermanentError:
    status, said = error.status_code, _said(error)
    if said is None or not 400 <= status < 500:  # A proxy's page, a refund that cannot be read, or trouble at Mollie.
        return RetryableError(
            f"Mollie: {status}, {type(error).__name__}", retry_seconds=retry_after_seconds(error.headers)
        )
    words = f"Mollie: {said['detail']}"
    if status in (401, 403):
        return RetryableError(words, code="key-refused")
    if status == 409 and "duplicate" in words.lower():
        # The same amount was given back on this payment within the hour: equal units that are lost one at a time.
        return RetryableError(words, code="duplicate-refund", retry_seconds=HOUR)
    if status in (408, 409, 425, 429):
        return RetryableError(words, retry_seconds=retry_after_seconds(error.headers))
    if status in (404, 410):
        return PermanentError("payment-unknown", words)
    return PermanentError(_code_of(words, str(said.get("field") or "")), words)


def _code_of(words: str, field: str) -> str:
    """Tell why Mollie refused, as far as it can be told: its errors have a field and a sentence, and no code."""
    said = words.lower()
    if "already" in said and "refunded" in said:
        return "already-refunded"
    if "currency" in field or "currency" in said:
        return "currency-refused"
    if "chargeback" in said or "charged back" in said:
        return "payment-disputed"
    if "balance" in said:
        return "balance-too-low"
    if "amount" in field or "amount" in said:
        return "amount-too-high"
    return "refused"


def _said(error: ClientError) -> dict[str, Any] | None:
    """Return the error as Mollie writes it; None for anything that somebody else, or nobody, has written."""
    try:
        said = json.loads(error.body)
    except ValueError:
        return None
    own = isinstance(said, dict) and said.get("status") == error.status_code and isinstance(said.get("detail"), str)
    return said if own else None
