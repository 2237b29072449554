"""What every payment provider can do for a refund, and the two ways in which it does not."""

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
REFUND, ATTEMPT = "lostpost_refund", "lostpost_attempt"  # By which we know our refunds again at the provider.


class RetryableError(Exception):
    """It heals: the provider did not answer, or is in our way for now. Whether the refund was made is not known.

    `code`: of `refunds/problems.py`. `retry_seconds`: how long the provider asks us to wait.
    """

    def __init__(self, message: str, *, code: str = "no-answer", retry_seconds: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.retry_seconds = retry_seconds


class PermanentError(Exception):
    """The provider answered, and made no refund; asking the same again would not help."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Unpayable(PermanentError):
    """The provider cannot write the amount, so it cannot pay it either: it is not even asked."""

    def __init__(self, name: str, attempt: RefundAttempt) -> None:
        amount = Decimal(attempt.amount_minor).scaleb(-exponent(attempt.currency))
        super().__init__("amount-unpayable", f"{name}: {amount:f} {attempt.currency} is no amount that it can pay")


class Provider(Protocol):
    """One payment provider."""

    def require_payable(self, attempt: RefundAttempt) -> None:
        """Refuse an amount that the provider cannot write. Raises: Unpayable."""
        ...

    def refund(self, attempt: RefundAttempt) -> ProviderStatus:
        """Ask for the refund, under its key. Raises: RetryableError, PermanentError."""
        ...

    def find(self, attempt: RefundAttempt) -> list[ProviderStatus]:
        """Return all attempts of the refund that the provider knows. Raises: RetryableError."""
        ...


def metadata(attempt: RefundAttempt) -> dict[str, str]:
    """Return what the provider keeps with the refund for us."""
    return {
        REFUND: str(attempt.refund_id),
        ATTEMPT: str(attempt.attempt),
        "refund": attempt.number,
        "order": attempt.order_number,
    }


def attempt_in(stored_metadata: object, attempt: RefundAttempt) -> int | None:
    """Return which attempt of this refund the provider's metadata speak of; None if they are about another."""
    if not isinstance(stored_metadata, Mapping) or stored_metadata.get(REFUND) != str(attempt.refund_id):
        return None
    number = str(stored_metadata.get(ATTEMPT, ""))
    return int(number) if number.isascii() and number.isdigit() else None


def living_refund(statuses: Iterable[ProviderStatus], attempt: RefundAttempt) -> ProviderStatus | None:
    """Choose what of the provider's list counts: a refund that lives, of this attempt or else of an earlier one.

    Where none lives it is what became of this attempt. Where we know that this attempt was made and the list does not
    have it, the list is behind, and says nothing about it.
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
    """Compare an answer with what was asked, so that nothing is recorded of a refund that is not this one.

    Raises: RetryableError, for a person to look at; it is looked up again by itself and never asked for twice.
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
    """Read `Retry-After` where it is a number of seconds; 0 if the provider asks for nothing."""
    value = str((headers or {}).get("retry-after", "")).strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else 0
