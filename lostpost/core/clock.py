"""Calendars and clocks. The current time is read at the edge and handed in; nothing below reads a clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # No marketplace of ours sold anything before; an older date is a slip.
LATEST = datetime(9000, 1, 1, tzinfo=UTC)  # Every database can still count with it.


def utc(instant: datetime) -> datetime:
    """Convert an aware instant to UTC: there a day has 24 hours, and PostgreSQL accepts no offset of 16 hours or more.

    Raises: ValueError if it is naive, OverflowError if its year in UTC is out of range.
    """
    if instant.tzinfo is UTC:
        return instant
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(UTC)


def rfc3339(instant: datetime) -> str:
    """Write an aware instant in UTC, to the microsecond where it has one.

    Raises: ValueError if it is naive.
    """
    return utc(instant).isoformat().replace("+00:00", "Z")


def day_begins_at(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a day in a zone, in UTC; what is before or after all that we can book is its edge."""
    if day.year < EARLIEST.year:
        return EARLIEST
    if day.year >= LATEST.year:
        return LATEST
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def month_named(name: str) -> date | None:
    """Return the first day of a month such as "2026-03"; None if it is none."""
    year, _mark, month = name.partition("-")
    if len(name) != 7 or not (year.isascii() and year.isdigit() and month.isascii() and month.isdigit()):
        return None
    return date(max(int(year), 1), int(month), 1) if 1 <= int(month) <= 12 else None


def months_after(month: date, count: int) -> date:
    """Return the first day of the month that is so many later (or earlier, where negative), as far as years go."""
    months = month.year * 12 + month.month - 1 + count
    return date(min(max(months // 12, 1), LATEST.year), months % 12 + 1, 1)


def days_after(day: date, count: int) -> date:
    """Return the day that is so many later, as far as days go."""
    return date.fromordinal(min(day.toordinal() + count, date.max.toordinal()))
