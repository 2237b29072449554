"""Why a carrier or shop platform gave no usable answer. Each has a code, which `texts.connectors` says in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import ClassVar


class RemoteProblem(Exception):
    """No usable answer; `str()` has details for engineers, and no secret. `pauses`: nobody asks for a while."""

    code: ClassVar[str]
    pauses: ClassVar[bool] = True
    retry_after: timedelta | None = None


class RemoteUnreachable(RemoteProblem):
    """No connection, no answer in time, or the other side says that it is out of order."""

    code = "unreachable"


class CredentialsRefused(RemoteProblem):
    """The key, or the name and password, are not accepted, or may not do this."""

    code = "key-refused"


class CredentialsUnreadable(RemoteProblem):
    """What opens the account was sealed with a key that this installation does not have."""

    code = "key-unreadable"


class TooManyCalls(RemoteProblem):
    """The other side wants fewer calls."""

    code = "too-many-calls"

    def __init__(self, detail: str, retry_after: timedelta | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class AnswerUnusable(RemoteProblem):
    """An answer that is not in the form that the other side documents, or far too large; others may be right."""

    code = "answer-unusable"
    pauses = False


def retry_after(value: str, now: datetime) -> timedelta | None:
    """Read a `Retry-After`: seconds, or a date; None where it is neither (RFC 9110, 10.2.3)."""
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return timedelta(seconds=int(value))
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(timedelta(0), (at if at.tzinfo else at.replace(tzinfo=UTC)) - now)
