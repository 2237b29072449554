"""Mollie, through its own library."""

from __future__ import annotations

from typing import Any

import httpx
from mollie import ClientSDK
from mollie.models import ClientError, NoResponseError, Security
from mollie.utils import BackoffStrategy, RetryConfig

from lostpost.connectors.payments.amounts import AmountRefused, mollie_amount
from lostpost.connectors.payments.provider import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    Waits,
    WillNotHeal,
    attempt_in,
    metadata,
    seconds_asked,
)
from lostpost.refunds.ask_provider import Asking
from lostpost.refunds.hear_of_refund import Heard
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
_ONCE = RetryConfig("none", BackoffStrategy(0, 0, 1, 0), False)  # To wait and ask again is our job's to do.


class Mollie:
    """Gives money back on Mollie's payments (`tr_…`)."""

    def __init__(self, key: str, url: str) -> None:
        self.key = key
        self.url = url

    def refund(self, asking: Asking) -> Heard:
        """Ask for the refund, under its key. Raises: Waits, WillNotHeal."""
        try:
            value = mollie_amount(asking.amount_minor, asking.currency)
        except AmountRefused as refused:
            raise WillNotHeal("currency-refused", str(refused)) from refused
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
                raise Waits(f"{type(silence).__name__}: {silence}") from silence
        return _heard(made, asking.attempt)

    def find(self, asking: Asking) -> list[Heard]:
        """Return all attempts of the refund among those of its payment. Raises: Waits."""
        found: list[Heard] = []
        with self._client() as client:
            try:
                page = client.refunds.list(payment_id=asking.payment_reference, limit=PAGE)
                while page is not None:
                    refunds = [(each, attempt_in(each.metadata, asking)) for each in page.result.embedded.refunds]
                    found += [_heard(each, attempt) for each, attempt in refunds if attempt]
                    page = page.next()
            except ClientError as error:
                trouble = _trouble(error)
                if isinstance(trouble, WillNotHeal) and trouble.code == "payment-unknown":
                    return []  # No such payment, so no refund of it.
                raise trouble if isinstance(trouble, Waits) else Waits(str(trouble)) from error
            except (httpx.HTTPError, NoResponseError) as silence:
                raise Waits(f"{type(silence).__name__}: {silence}") from silence
        return found

    def _client(self) -> ClientSDK:
        limits = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        return ClientSDK(
            security=Security(api_key=self.key),
            server_url=self.url,
            client=httpx.Client(timeout=limits, follow_redirects=False),
            retry_config=_ONCE,
        )


def _heard(refund: Any, attempt: int) -> Heard:
    status = str(getattr(refund.status, "value", refund.status))
    state = STATES.get(status, State.SENT)  # A status that is new to us is not the end of it.
    code = CODES.get(status, "")
    return Heard(attempt, refund.id, state, code=code, words=f"Mollie: {status}" if code else "")


def _trouble(error: ClientError) -> Waits | WillNotHeal:
    status, words = error.status_code, _words(error)
    if 200 <= status < 300:  # An answer that cannot be read is one that was lost.
        return Waits(f"Mollie: {status}, {type(error).__name__}")
    if status in (401, 403):
        return Waits(words, code="key-refused")
    if status in (408, 409, 425, 429) or status >= 500:
        return Waits(words, retry_seconds=seconds_asked(error.headers))
    if status in (404, 410):
        return WillNotHeal("payment-unknown", words)
    return WillNotHeal(_code_of(words, error), words)


def _code_of(words: str, error: ClientError) -> str:
    """Tell why Mollie refused, as far as it can be told: its errors have a field and a sentence, and no code."""
    said = words.lower()
    field = str(getattr(getattr(error, "data", None), "field", None) or "")
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


def _words(error: ClientError) -> str:
    data = getattr(error, "data", None)
    return f"Mollie: {data.detail}" if data is not None else f"Mollie: {error.status_code} {error.body[:200]}"
