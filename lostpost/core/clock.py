"""Calendars and clocks. The current time is read at the edge and handed in; nothing below reads a clock."""

from __future__ import annotations

from datetime import UTC, datetime

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # No marketplace of ours sold anything before; an older date is a slip.


def rfc3339(instant: datetime) -> str:
    """Write an aware instant in UTC, to the microsecond where it has one.

    Raises: ValueError if it is naive.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
