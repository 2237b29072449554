"""The hours in which a seller is expected to answer: those of every clock, but not of weekends and public holidays."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from lostpost.core.clock import utc
from lostpost.customer_queries.free_days import FreeDays
from lostpost.customer_queries.models import CustomerQuery

ANSWER_TIME = timedelta(hours=18)
SATURDAY = 5
_WORKING_HOURS = range(9, 17)


def is_late(query: CustomerQuery, *, now: datetime) -> bool:
    """Return whether the customer has waited for an answer for longer than was promised; see `late_from`.

    Counted from their last message that nobody answered; where the shop wrote last, nobody waits.
    """
    due_at = query.answer_due_at
    return query.state == CustomerQuery.State.OPEN and due_at is not None and now >= due_at


def late_from(
    waits_since: datetime,
    *,
    country: str,
    zone: tzinfo,
    promised: timedelta = ANSWER_TIME,
    free_days: FreeDays | None = None,
) -> datetime:
    """Return the instant, in UTC, from which a customer has waited for longer than was promised.

    Hours run by day and by night, but not on Saturdays, Sundays and the public holidays of the shop's country; where
    nobody wrote down a country's holidays, only weekends are left out.

    Args: `country`: ISO 3166-1 alpha-2. `zone`: where the marketplace's day begins; a day has the hours that it has
    there, also when summer time begins or ends. `free_days`: the country's holidays; None: those that come along.
    Raises: ValueError if `waits_since` is naive.
    """
    free_days = free_days or FreeDays(country)
    began, left = utc(waits_since), promised
    day = began.astimezone(zone).date()
    while True:
        day_ends = utc(datetime.combine(day + timedelta(days=1), time(), tzinfo=zone))
        if _counts(day, free_days):
            if began + left < day_ends:
                return began + left
            left -= day_ends - began
        began, day = day_ends, day + timedelta(days=1)


def late_before(
    now: datetime, *, country: str, zone: tzinfo, promised: timedelta, free_days: FreeDays | None = None
) -> datetime:
    """Return since when a customer must have waited, in UTC, to have waited for longer than was promised by now."""
    free_days = free_days or FreeDays(country)
    ends, left = utc(now), promised
    day = ends.astimezone(zone).date()
    while True:
        day_begins = utc(datetime.combine(day, time(), tzinfo=zone))
        if _counts(day, free_days):
            if ends - left >= day_begins:
                return ends - left
            left -= ends - day_begins
        ends, day = day_begins, day - timedelta(days=1)


def days_skipped(since: datetime, until: datetime, *, free_days: FreeDays, zone: tzinfo) -> list[date]:
    """Return the days between two instants on which the clock stands, in the marketplace's calendar; oldest first."""
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    days = (first + timedelta(days=each) for each in range((last - first).days + 1))
    return [day for day in days if not _counts(day, free_days)]


def is_working_hour(now: datetime, *, free_days: FreeDays, zone: tzinfo) -> bool:
    """Return whether people of a country work now: by day, not at weekends, not on public holidays."""
    local = now.astimezone(zone)
    return _counts(local.date(), free_days) and local.hour in _WORKING_HOURS


def _counts(day: date, free_days: FreeDays) -> bool:
    return day.weekday() < SATURDAY and day not in free_days
