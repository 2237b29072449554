"""Ask VIES, the European Commission's register of VAT numbers, by its REST interface.

An answer says whether the number is registered now, and has a number of its own when who asks names themselves: that is
the evidence. No answer, or an error, says nothing about the number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

CONNECT_SECONDS, ANSWER_SECONDS = 5, 30
ANSWER_BYTES_MAX = 64 * 1024


class ViesUnreachable(Exception):
    """VIES, or the country's own register behind it, gave no answer about the number."""


@dataclass(frozen=True, slots=True)
class ViesAnswer:
    """What VIES said about a number."""

    valid: bool
    reference: str  # Of the consultation; empty where VIES gave none.
    answer: dict[str, Any]  # As it came.


def ask_vies(url: str, number: str, *, requester: str) -> ViesAnswer:
    """Ask about a VAT number. No transaction may be open.

    Args: `url`: of the interface. `number`, `requester`: with their country's letters first; the requester is who asks.
    Raises: ViesUnreachable with the reason in one short line.
    """
    question = {
        "countryCode": number[:2],
        "vatNumber": number[2:],
        "requesterMemberStateCode": requester[:2],
        "requesterNumber": requester[2:],
    }
    limits = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
    try:
        with httpx.Client(timeout=limits, follow_redirects=False) as client:
            response = client.post(f"{url}/check-vat-number", json=question)
            content = response.json() if len(response.content) <= ANSWER_BYTES_MAX else None
    except httpx.HTTPError as error:
        raise ViesUnreachable(f"{type(error).__name__}: {error}"[:200]) from error
    except ValueError as error:  # No JSON: a page for people, of something in between.
        raise ViesUnreachable(f"HTTP {response.status_code} without JSON") from error
    if not isinstance(content, dict) or response.status_code != httpx.codes.OK or "valid" not in content:
        raise ViesUnreachable(_error_in(content, response.status_code))
    if not isinstance(content["valid"], bool) or _number_in(content) != number:
        raise ViesUnreachable("an answer about something else")
    return ViesAnswer(content["valid"], str(content.get("requestIdentifier") or "")[:100], content)


def _number_in(content: dict[str, Any]) -> str:
    return f"{content.get('countryCode', '')}{content.get('vatNumber', '')}"


def _error_in(content: object, status: int) -> str:
    """Return VIES's own word for what went wrong, such as MS_UNAVAILABLE."""
    errors = content.get("errorWrappers") if isinstance(content, dict) else None
    words = [str(each["error"]) for each in errors or [] if isinstance(each, dict) and each.get("error")]
    return (", ".join(words) or f"HTTP {status}")[:200]
