"""The interface of payment providers, and their two kinds of errors."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Protocol

from lostpost.core.money import exponent
from lostpost.refunds.apply_provider_status import ProviderStatus
from lostpost.refunds.attempts import RefundAttempt
from lostpost.refunds.models import Refund

logger = logging.getLogger("lostpost.refunds")
CONNECT_SECONDS, ANSWER_SECONDS = 5, 30
REFUND, ATTEMPT = "lostpost_refund", "lostpost_attempt"  # Metadata keys that identify our refunds at the provider.


class RetryableError(Exception):
    """Retry later: the provider did not answer, or refuses for now. Whether the refund was created is unknown.

    `code`: a key of `refunds/problems.py`. `retry_seconds`: how long the provider asks us to wait.
    """

    def __init__(self, message: str, *, code: str = "no-answer", retry_seconds: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.retry_seconds = retry_seconds


class PermanentError(Exception):
    """The provider answered that it created no refund; the same request again would not help."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Unpayable(PermanentError):
    """The provider cannot represent the amount, so it is not even asked."""

    def __init__(self, name: str, attempt: RefundAttempt) -> None:
        amount = Decimal(attempt.amount_minor).scaleb(-exponent(attempt.currency))
        super().__init__("amount-unpayable", f"{name}: {amount:f} {attempt.currency} is no amount that it can pay")


class Provider(Protocol):
    """One payment provider."""

    def require_payable(self, attempt: RefundAttempt) -> None:
        """Refuse an amount that the provider cannot represent. Raises: Unpayable."""
        ...

    def refund(self, attempt: RefundAttempt) -> ProviderStatus:
        """Request the refund with its idempotency key. Raises: RetryableError, PermanentError."""
        ...

    def find(self, attempt: RefundAttempt) -> list[ProviderStatus]:
        """Return the statuses of all attempts at the refund that the provider knows. Raises: RetryableError."""
        ...


def metadata(attempt: RefundAttempt) -> dict[str, str]:
    """Return the metadata that the provider stores with the refund for us."""
    return {
        REFUND: str(attempt.refund_id),
        ATTEMPT: str(attempt.attempt),
        "refund": attempt.number,
        "order": attempt.order_number,
    }


def attempt_in(stored_metadata: object, attempt: RefundAttempt) -> int | None:
    """Return the number of the attempt in the provider's metadata; None if they belong to another refund."""
    if not isinstance(stored_metadata, Mapping) or stored_metadata.get(REFUND) != str(attempt.refund_id):
        return None
    number = str(stored_metadata.get(ATTEMPT, ""))
    return int(number) if number.isascii() and number.isdigit() else None


def living_refund(statuses: Iterable[ProviderStatus], attempt: RefundAttempt) -> ProviderStatus | None:
    """Choose which status of the provider's list counts: one not failed, of this attempt or else of an earlier one.

    If all failed it is the status of this attempt. If we know that this attempt was created and the list does not have
    it, the list is out of date and nothing counts.
    """
    not_later = [status for status in statuses if status.attempt <= attempt.attempt]
    of_this = [status for status in not_later if status.attempt == attempt.attempt]
    if not of_this and attempt.state in (Refund.State.SENT, Refund.State.CONFIRMED):
        return None
    living = sorted(
        (status for status in not_later if status.alive), key=lambda it: (it.attempt, it.reference == attempt.reference)
    )
    if len({status.reference for status in living}) > 1:
        logger.error("refund %s lives more than once at %s: %s", attempt.number, attempt.gateway, living)
    return next(iter([*reversed(living), *of_this]), None)


def require_same(
    name: str,
    expected: Mapping[str, object],
    actual: Mapping[str, object],
    *,
    stored_metadata: object,
    attempt: RefundAttempt,
) -> None:
    """Compare an answer with the request, so that nothing is recorded of a refund that is not this one.

    Raises: RetryableError, for a person to look at; it is looked up again automatically and never requested twice.
    """
    wrong = [
        f"{field} {actual.get(field)!r}, not {value!r}"
        for field, value in expected.items()
        if actual.get(field) != value
    ]
    if attempt_in(stored_metadata, attempt) is None:
        wrong.append("it is not marked as this refund")
    if wrong:
        raise RetryableError(f"{name}: {'; '.join(wrong)}", code="answer-differs")


def retry_after_seconds(headers: Mapping[str, Any] | None) -> int:
    """Return `Retry-After` if it is a number of seconds, else 0."""
    value = str((headers or {}).get("retry-after", "")).strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else 0
