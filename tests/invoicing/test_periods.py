"""Periods: every instant lies in exactly one, whatever the calendar and the shop do."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lostpost.accounts.invoice_cadence import CadenceFrom, is_changed
from lostpost.invoicing.periods import (
    MONTHLY,
    TWICE_A_MONTH,
    cadence_of_name,
    period_before,
    period_named,
    period_on,
    periods_from,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ZONES = ["Europe/Amsterdam", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]
days = st.dates(date(2001, 1, 1), date(2099, 12, 31))
cadences = st.sampled_from([MONTHLY, TWICE_A_MONTH])
zones = st.sampled_from([ZoneInfo(name) for name in ZONES])


@st.composite
def histories(draw) -> list[CadenceFrom]:
    """A shop that asks for cadences at any times, one after the other."""
    day, history = draw(days), list[CadenceFrom]()
    for wait_days, cadence in draw(st.lists(st.tuples(st.integers(0, 200), cadences), min_size=1, max_size=12)):
        day += timedelta(days=wait_days)
        history = is_changed(history, to=cadence, today=day)
    return history


def utc(month: int, day: int, hour: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def test_a_month_ends_with_its_last_day():
    october = period_named("2026-10", MONTHLY, AMSTERDAM)

    assert (october.from_on, october.to_on) == (date(2026, 10, 1), date(2026, 10, 31))
    assert october.cut_off_at == october.ends_at == datetime(2026, 10, 31, 23, tzinfo=UTC)  # Winter time by then.


@pytest.mark.parametrize(
    ("name", "from_on", "to_on", "cut_off_at", "ends_at"),
    [
        ("2026-10-1", (10, 1), (10, 14), utc(10, 7, 22), utc(10, 14, 22)),
        # Seven days of the calendar, one of them with 25 hours.
        ("2026-10-2", (10, 15), (10, 31), utc(10, 24, 22), utc(10, 31, 23)),
        ("2026-12-2", (12, 15), (12, 31), utc(12, 24, 23), utc(12, 31, 23)),
        ("2028-02-2", (2, 15), (2, 29), utc(2, 22, 23, 2028), utc(2, 29, 23, 2028)),
    ],
)
def test_a_half_month_reserves_its_last_seven_days(name, from_on, to_on, cut_off_at, ends_at):
    half = period_named(name, TWICE_A_MONTH, AMSTERDAM)

    year = int(name[:4])
    assert (half.from_on, half.to_on) == (date(year, *from_on), date(year, *to_on))
    assert (half.cut_off_at, half.ends_at) == (cut_off_at, ends_at)


@pytest.mark.parametrize("name", ["", "2026", "2026-13", "2026-10-3", "1999-12", "October", "2026-10-1 ", "٢٠٢٦-10"])
def test_an_invalid_period_name_is_refused(name):
    with pytest.raises(ValueError, match="no period; write a month such as 2026-10"):
        cadence_of_name(name)


def test_a_period_name_of_another_cadence_is_refused():
    with pytest.raises(ValueError, match="2026-10-1 is no period of a shop that is invoiced monthly"):
        period_named("2026-10-1", MONTHLY, AMSTERDAM)
    with pytest.raises(ValueError, match="write one such as 2026-10-1"):
        period_named("2026-10", TWICE_A_MONTH, AMSTERDAM)


@given(day=days, cadence=cadences, zone=zones)
def test_a_period_is_found_by_its_name(day, cadence, zone):
    period = period_on(day, cadence, zone)

    assert cadence_of_name(period.name) == cadence
    assert period_named(period.name, cadence, zone) == period


@given(history=histories(), day=days, zone=zones)
def test_a_shops_periods_tile_the_calendar(history, day, zone):
    periods = list(islice(periods_from(history, day, zone), 40))

    assert periods[0].from_on <= day <= periods[0].to_on
    for one, following in pairwise(periods):
        assert following.from_on == one.to_on + timedelta(days=1)
        assert period_before(following, history, zone) == one
        assert one.cut_off_at < following.cut_off_at  # So everything has one invoice, and waits for two at most.
        assert one.cut_off_at <= one.ends_at < following.ends_at
    assert len({period.name for period in periods}) == len(periods)


@given(history=histories())
def test_a_cadence_begins_with_a_quarter_and_differs_from_the_one_before(history):
    assert all(entry.from_on.day == 1 and entry.from_on.month in (1, 4, 7, 10) for entry in history)
    assert all(one < other for one, other in pairwise(history))
    assert all(one.cadence != other.cadence for one, other in pairwise(history))
