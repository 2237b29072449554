"""The hours in which a seller is expected to answer: those of every clock, but not of weekends and public holidays."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache

import holidays

from lostpost.core.clock import utc
from lostpost.customer_queries.models import CustomerQuery

ANSWER_TIME = timedelta(hours=18)
_SATURDAY = 5
_WORKING_HOURS = range(9, 17)


def is_late(query: CustomerQuery, *, country: str, zone: tzinfo, now: datetime) -> bool:
    """Return whether the customer has waited for an answer for longer than was promised; see `late_from`.

    Counted from their last message that nobody answered; where the shop wrote last, nobody waits.
    """
    if query.state != CustomerQuery.State.OPEN or query.unanswered_since is None:
        return False
    return now >= late_from(query.unanswered_since, country=country, zone=zone)


def late_from(waits_since: datetime, *, country: str, zone: tzinfo, promised: timedelta = ANSWER_TIME) -> datetime:
    """Return the instant, in UTC, from which a customer has waited for longer than was promised.

    Hours run by day and by night, but not on Saturdays, Sundays and the public holidays of the shop's country; where
    nobody wrote down a country's holidays, only weekends are left out.

    Args: `country`: ISO 3166-1 alpha-2. `zone`: where the marketplace's day begins; a day has the hours that it has
    there, also when summer time begins or ends.
    Raises: ValueError if `waits_since` is naive.
    """
    free_days = _public_holidays(country)
    began, left = utc(waits_since), promised
    day = began.astimezone(zone).date()
    while True:
        day_ends = utc(datetime.combine(day + timedelta(days=1), time(), tzinfo=zone))
        if _counts(day, free_days):
            if began + left < day_ends:
                return began + left
            left -= day_ends - began
        began, day = day_ends, day + timedelta(days=1)


def late_before(now: datetime, *, country: str, zone: tzinfo, promised: timedelta) -> datetime:
    """Return since when a customer must have waited, in UTC, to have waited for longer than was promised by now."""
    free_days = _public_holidays(country)
    ends, left = utc(now), promised
    day = ends.astimezone(zone).date()
    while True:
        day_begins = utc(datetime.combine(day, time(), tzinfo=zone))
        if _counts(day, free_days):
            if ends - left >= day_begins:
                return ends - left
            left -= ends - day_begins
        ends, day = day_begins, day - timedelta(days=1)


def is_working_hour(now: datetime, *, country: str, zone: tzinfo) -> bool:
    """Return whether people of a country work now: by day, not at weekends, not on public holidays."""
    local = now.astimezone(zone)
    return _counts(local.date(), _public_holidays(country)) and local.hour in _WORKING_HOURS


def _counts(day: date, free_days: Container[date]) -> bool:
    return day.weekday() < _SATURDAY and day not in free_days


@cache
def _public_holidays(country: str) -> Container[date]:
    """Return the holidays of a country; years are computed on demand."""
    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return ()
