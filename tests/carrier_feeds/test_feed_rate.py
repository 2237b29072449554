"""What is usual for a carrier, and what is far less: on simulated scans, and by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

import pytest

from lostpost.carrier_feeds.feed_rate import (
    LOOKED_BACK,
    NEEDED_HOURS,
    LocalHours,
    Shortfall,
    beginning_of,
    chance_of_so_few,
    days_are_short,
    hour_of,
    learned_rate,
    scans_flow_again,
    shortfall,
    silent_since,
)
from tests.carrier_feeds.simulated import AMSTERDAM, at, simulated, usual_week

TUESDAY = at("2026-03-10T09:00")
CUT = hour_of(TUESDAY)
FIRST = CUT - NEEDED_HOURS - 200
MINUTES = timedelta(minutes=10)


class Carrier:
    """The scans of a carrier, and what was learned of it before a day."""

    def __init__(self, counts, *, holidays=(), until=CUT - 24, last=CUT + 120):
        self.counts = counts
        self.hours = LocalHours(FIRST, last, AMSTERDAM, holidays)
        self.rate = learned_rate(counts, self.hours, until=until, learns_from=FIRST, silent=())

    def known_at(self, now: datetime) -> dict[int, int]:
        """Return what was counted by then: of the hour that runs, its part."""
        last = hour_of(now)
        part = {last: int(self.counts.get(last, 0) * (now.timestamp() / 3600 - last))}
        return {hour: scans for hour, scans in self.counts.items() if hour < last} | part

    def short(self, now: datetime) -> Shortfall | None:
        return shortfall(self.rate, self.known_at(now), now)

    def first_alarm(self, since: datetime, hours: float) -> datetime | None:
        """Return when a second look in a row, every ten minutes, finds it silent."""
        before, now = False, since
        while now < since + timedelta(hours=hours):
            short = self.short(now) is not None
            if short and before:
                return now
            before, now = short, now + MINUTES
        return None


def cut_from(first: int, last: int = CUT + 10**6, share: float = 0.0):
    return lambda hour: share if first <= hour < last else 1.0


@pytest.mark.parametrize(("scans", "within_hours"), [(300, 17), (1_000, 7), (10_000, 3)])
def test_a_cut_on_a_tuesday_morning_is_noticed_soon_with_its_beginning(scans, within_hours):
    for seed in range(3):
        counts = simulated(Random(seed), usual_week(scans), FIRST, CUT + 30, share=cut_from(CUT))
        carrier = Carrier(counts)
        noticed_at = carrier.first_alarm(TUESDAY, 30)
        assert noticed_at
        assert noticed_at <= TUESDAY + timedelta(hours=within_hours)
        assert abs(silent_since(carrier.rate, carrier.known_at(noticed_at), noticed_at) - CUT) <= 1


@pytest.mark.parametrize("scans", [300, 10_000])
def test_an_hour_without_scans_on_a_sunday_night_is_none(scans):
    sunday = at("2026-03-08T22:00")
    cut = hour_of(sunday)
    counts = simulated(Random(5), usual_week(scans), FIRST, CUT, share=cut_from(cut, cut + 1))
    assert Carrier(counts, until=cut - 24).first_alarm(sunday - timedelta(hours=2), 12) is None


def test_half_of_the_scans_lost_is_noticed_after_days():
    days = [at(f"2026-03-{day:02}T00:00") for day in range(3, 14)]
    cut = hour_of(days[0])
    last = hour_of(days[-1])
    counts = simulated(Random(2), usual_week(10_000), FIRST, last, share=cut_from(cut, share=0.5))
    carrier = Carrier(counts, until=cut - 24, last=last)
    noticed = [
        day
        for day, now in enumerate(days)
        if days_are_short(counts, carrier.rate, until=hour_of(now), learns_from=FIRST, silent=())
    ]
    assert noticed
    assert 1 <= noticed[0] <= 5
    steady = Carrier(simulated(Random(2), usual_week(10_000), FIRST, last), last=last)
    assert not days_are_short(steady.counts, steady.rate, until=last, learns_from=FIRST, silent=())


def test_a_holiday_that_is_known_is_a_sunday_and_one_that_is_not_raises_an_alarm():
    kings_day = date(2026, 4, 27)  # A Monday.
    begins_at = at("2026-04-27T06:00")
    first = hour_of(begins_at) - NEEDED_HOURS - 200
    counts = simulated(Random(1), usual_week(10_000), first, hour_of(begins_at) + 30, sundays={kings_day})
    for holidays, alarm in [({kings_day}, False), ((), True)]:
        carrier = Carrier.__new__(Carrier)
        carrier.counts = counts
        carrier.hours = LocalHours(first, hour_of(begins_at) + 40, AMSTERDAM, holidays)
        until = hour_of(begins_at) - LOOKED_BACK
        carrier.rate = learned_rate(counts, carrier.hours, until=until, learns_from=first, silent=())
        assert (carrier.first_alarm(begins_at, 24) is not None) == alarm


def test_the_hours_are_those_of_the_clock_when_it_changes():
    # Given a carrier that scans from 9 to 12 by the clock only, and summer time since Sunday, 29 March
    monday = at("2026-03-30T09:00")
    first = hour_of(monday) - NEEDED_HOURS - 200
    counts = {}
    for hour in range(first, hour_of(monday)):
        if 9 <= beginning_of(hour).astimezone(AMSTERDAM).hour < 12:
            counts[hour] = 100
    hours = LocalHours(first, hour_of(monday) + 24, AMSTERDAM, ())
    rate = learned_rate(counts, hours, until=hour_of(monday) - LOOKED_BACK, learns_from=first, silent=())

    # Then 10 o'clock is 10 o'clock, though it is another hour of UTC
    assert rate.expected(hour_of(at("2026-03-30T10:00"))) == pytest.approx(100)
    assert rate.expected(hour_of(at("2026-03-30T13:00"))) == pytest.approx(0)
    assert rate.expected(hour_of(at("2026-03-30T12:00"))) == pytest.approx(25)


def test_what_is_learned_leaves_the_highest_the_lowest_and_silences_out():
    counts = dict.fromkeys(range(FIRST, CUT), 40)
    slot = CUT - 7 * 24
    for week, scans in enumerate([400, 0, 40, 44, 48]):
        counts[slot - week * 7 * 24] = scans
    silence = range(CUT - 300, CUT - 280)
    for hour in silence:
        counts[hour] = 0
    hours = LocalHours(FIRST, CUT + 10, AMSTERDAM, ())
    rate = learned_rate(counts, hours, until=CUT - LOOKED_BACK, learns_from=FIRST, silent=set(silence))
    mean = (40 + 44 + 48 + 40 + 40 + 40) / 6
    assert rate.usual[hours.slot(slot)] == pytest.approx((40 + 2 * mean + 40) / 4)
    assert rate.usual[hours.slot(CUT - 290)] == pytest.approx(40)


def test_what_is_learned_leaves_holidays_out_and_knows_how_they_were():
    mondays = [date(2026, 3, 2) - timedelta(days=7 * week) for week in range(3)]
    counts = {}
    for hour in range(FIRST, CUT):
        day = beginning_of(hour).astimezone(AMSTERDAM).date()
        counts[hour] = 8 if day in mondays else 20 if day.weekday() == 6 else 40
    hours = LocalHours(FIRST, CUT + 10, AMSTERDAM, {*mondays, date(2026, 3, 10)})
    rate = learned_rate(counts, hours, until=CUT - LOOKED_BACK, learns_from=FIRST, silent=())
    assert rate.usual[12] == pytest.approx(40), "Monday at noon"
    assert rate.expected(CUT) == pytest.approx(8, rel=0.05), "a holiday, as the others were"


def test_a_feed_is_back_once_scans_come_as_usual_and_the_backlog_was_read():
    flat = dict.fromkeys(range(FIRST, CUT), 30)
    carrier = Carrier(flat, until=CUT - LOOKED_BACK)
    back = CUT + 20
    now = beginning_of(back) + timedelta(minutes=50)
    assert not scans_flow_again(carrier.rate, flat, now, since=CUT)
    backlog = flat | {back: 500}
    assert not scans_flow_again(carrier.rate, backlog, now, since=CUT), "the backlog is being delivered"
    later = backlog | {back + 1: 40, back + 2: 28}
    assert scans_flow_again(carrier.rate, later, now + timedelta(hours=2), since=CUT)
    trickle = flat | {back: 3, back + 1: 2, back + 2: 3}
    assert not scans_flow_again(carrier.rate, trickle, now + timedelta(hours=2), since=CUT)
    doubled = flat | {back + hour: 300 for hour in range(8)}
    assert scans_flow_again(carrier.rate, doubled, now + timedelta(hours=7), since=CUT), (
        "it stays at ten times what it was"
    )


def test_the_chance_of_so_few_is_that_of_the_distribution():
    # Of none: (1 + d·m) ** (-1 / d); of two more by hand.
    assert chance_of_so_few(0, 20, 0.02) == pytest.approx(1.4**-50)
    assert chance_of_so_few(2, 40, 0.1) == pytest.approx(0.2**10 * (1 + 10 * 0.8 + 55 * 0.64))
    assert chance_of_so_few(19, 20, 0.02) > 1e-5
