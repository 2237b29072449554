"""What every payment provider can do for a refund, and the two ways in which it does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from lostpost.refunds.ask_provider import Asking
from lostpost.refunds.hear_of_refund import Heard

CONNECT_SECONDS, ANSWER_SECONDS = 5, 30
REFUND, ATTEMPT = "lostpost_refund", "lostpost_attempt"  # By which we know our refunds again at the provider.


class Waits(Exception):
    """It heals: the provider did not answer, or is in our way for now. Whether the refund was made is not known.

    `code`: of `refunds/problems.py`. `retry_seconds`: how long the provider asks us to wait.
    """

    def __init__(self, words: str, *, code: str = "no-answer", retry_seconds: int = 0) -> None:
        super().__init__(words)
        self.code = code
        self.retry_seconds = retry_seconds


class WillNotHeal(Exception):
    """The provider answered, and made no refund; asking the same again would not help."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


class Provider(Protocol):
    """One payment provider."""

    def refund(self, asking: Asking) -> Heard:
        """Ask for the refund, under its key. Raises: Waits, WillNotHeal."""
        ...

    def find(self, asking: Asking) -> list[Heard]:
        """Return all attempts of the refund that the provider knows. Raises: Waits."""
        ...


def metadata(asking: Asking) -> dict[str, str]:
    """Return what the provider keeps with the refund for us."""
    return {
        REFUND: str(asking.refund_id),
        ATTEMPT: str(asking.attempt),
        "refund": asking.number,
        "order": asking.order_number,
    }


def attempt_in(kept: object, asking: Asking) -> int | None:
    """Return which attempt of this refund the provider's metadata speak of; None if they are about another."""
    if not isinstance(kept, Mapping) or kept.get(REFUND) != str(asking.refund_id):
        return None
    attempt = str(kept.get(ATTEMPT, ""))
    return int(attempt) if attempt.isascii() and attempt.isdigit() else None


def newest(found: Iterable[Heard], asking: Asking) -> Heard | None:
    """Choose what the provider's list says: of this attempt, or else an earlier one that went through after all."""
    heard = sorted(found, key=lambda it: (it.alive, it.attempt))
    of_this = [it for it in heard if it.attempt == asking.attempt]
    others = [it for it in heard if it.attempt < asking.attempt and it.alive]
    return next(iter([*reversed(of_this), *reversed(others)]), None)


def seconds_asked(headers: Mapping[str, Any] | None) -> int:
    """Read `Retry-After` where it is a number of seconds; 0 if the provider asks for nothing."""
    value = str((headers or {}).get("retry-after", "")).strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else 0
