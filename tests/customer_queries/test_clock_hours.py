"""18 clock hours, by day and by night, without weekends and public holidays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lostpost.customer_queries.clock_hours import is_late, late_from
from lostpost.customer_queries.models import CustomerQuery

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def late(waits_since: str, country: str = "NL") -> datetime:
    return late_from(local(waits_since), country=country, zone=AMSTERDAM)


@pytest.mark.parametrize(
    ("waits_since", "expected", "country", "why"),
    [
        ("2026-03-10T10:00", "2026-03-11T04:00", "NL", "by day and by night"),
        ("2026-03-10T06:00", "2026-03-11T00:00", "NL", "to the end of the day"),
        ("2026-03-13T10:00", "2026-03-16T04:00", "NL", "from Friday to Monday"),
        ("2026-03-14T10:00", "2026-03-16T18:00", "NL", "from Saturday: the clock starts on Monday"),
        ("2026-03-15T23:59", "2026-03-16T18:00", "NL", "from Sunday night"),
        ("2026-04-02T20:00", "2026-04-07T14:00", "NL", "over Good Friday (Algemene termijnenwet, art. 3) and Easter"),
        ("2026-04-02T20:00", "2026-04-03T14:00", "BE", "Good Friday is none in Belgium"),
        ("2026-04-03T20:00", "2026-04-07T14:00", "BE", "over Easter Monday"),
        ("2026-04-24T20:00", "2026-04-28T14:00", "NL", "over the King's birthday, a Monday"),
        ("2026-04-24T20:00", "2026-04-27T14:00", "BE", "which Belgium does not keep"),
        ("2026-07-20T20:00", "2026-07-22T14:00", "BE", "over the Belgian national day, a Tuesday"),
        ("2026-07-20T20:00", "2026-07-21T14:00", "NL", "which the Netherlands do not keep"),
        ("2026-12-24T20:00", "2026-12-28T14:00", "NL", "over Christmas, its second day and the weekend after it"),
        ("2026-12-31T20:00", "2027-01-04T14:00", "BE", "into the next year"),
        ("2026-03-27T10:00", "2026-03-30T04:00", "NL", "over the Sunday on which summer time begins"),
        ("2026-10-23T10:00", "2026-10-26T04:00", "NL", "over the one on which it ends"),
        ("2026-03-29T01:30", "2026-03-30T18:00", "NL", "from within that Sunday"),
        ("2026-04-27T10:00", "2026-04-28T04:00", "ZZ", "a country without holidays of its own: weekends alone"),
    ],
)
def test_an_answer_is_late_after_18_clock_hours(waits_since, expected, country, why):
    assert late(waits_since, country) == local(expected), why


def test_a_day_has_the_hours_that_it_has_where_the_marketplace_is():
    # In Cairo summer time begins at the midnight before a Friday: that day has 23 hours.
    cairo = ZoneInfo("Africa/Cairo")
    waits_since = datetime(2026, 4, 23, 20, 0, tzinfo=cairo)
    hours = late_from(waits_since, country="ZZ", zone=cairo)
    assert hours - waits_since.astimezone(UTC) == timedelta(hours=18)


def test_the_limit_itself_is_late_and_the_second_before_is_not():
    limit = local("2026-03-11T04:00")
    query = CustomerQuery(state=CustomerQuery.State.OPEN, answer_due_at=limit)
    assert is_late(query, now=limit)
    assert not is_late(query, now=limit - timedelta(seconds=1))


@pytest.mark.parametrize("state", [state for state in CustomerQuery.State if state != CustomerQuery.State.OPEN])
def test_only_the_sellers_own_turn_can_be_late(state):
    query = CustomerQuery(state=state, answer_due_at=local("2020-03-11T04:00"))
    assert not is_late(query, now=local("2026-03-11T04:00"))


def test_an_instant_needs_a_zone():
    with pytest.raises(ValueError, match="time zone"):
        late_from(datetime(2026, 3, 10, 10, 0), country="NL", zone=AMSTERDAM)  # noqa: DTZ001


instants = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(instants, instants)
def test_who_waits_longer_is_late_no_later(one, other):
    earlier, later = sorted([one, other])
    assert late_from(earlier, country="BE", zone=AMSTERDAM) <= late_from(later, country="BE", zone=AMSTERDAM)


@given(instants)
def test_nobody_is_late_before_the_hours_have_passed_nor_on_a_free_day(waits_since):
    hours = late_from(waits_since, country="NL", zone=AMSTERDAM)
    assert hours >= waits_since + timedelta(hours=18)
    assert hours.astimezone(AMSTERDAM).weekday() < 5
