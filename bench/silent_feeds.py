"""How soon a silent feed is noticed, and how often that is wrong: on simulated carriers.

    python -m bench.silent_feeds --years 12

A carrier has a usual week (few scans at night, an eighth on Sundays), days that are busier or quieter (σ 0.25) and
hours that scatter besides (dispersion 0.15). It is looked at every ten minutes, as the job does.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import median

from lostpost.carrier_feeds.feed_rate import (
    LOOKED_BACK,
    NEEDED_HOURS,
    FeedRate,
    LocalHours,
    days_are_short,
    hour_of,
    learned_rate,
    shortfall,
)
from tests.carrier_feeds.simulated import AMSTERDAM, at, simulated, usual_week

LOOK = timedelta(minutes=10)
LEARN = timedelta(days=1)
TUESDAY, SUNDAY, MONDAY = at("2026-03-10T09:00"), at("2026-03-08T22:00"), at("2026-03-09T00:00")
SCANS = (300, 1_000, 10_000, 100_000)


@dataclass(slots=True)
class Simulation:
    """A simulated carrier, looked at from a moment on."""

    counts: dict[int, int]
    hours: LocalHours
    first: int

    @classmethod
    def of(
        cls,
        seed: int,
        scans: int,
        since: datetime,
        length: timedelta,
        *,
        share: Callable[[int], float] = lambda hour: 1.0,
        sundays: Container[date] = (),
        holidays: Container[date] = (),
    ) -> Simulation:
        """Simulate the weeks that are learned from, and a length of time. Args: as of `simulated`."""
        first, last = hour_of(since) - NEEDED_HOURS - 24, hour_of(since + length) + 1
        counts = simulated(Random(seed), usual_week(scans), first, last, share=share, sundays=sundays)
        return cls(counts, LocalHours(first, last, AMSTERDAM, holidays), first)

    def rate(self, now: datetime) -> FeedRate:
        """Learn what is usual, as of an instant."""
        until = hour_of(now) - LOOKED_BACK
        return learned_rate(self.counts, self.hours, until=until, learns_from=self.first, silent=())

    def alarms(self, since: datetime, length: timedelta) -> list[datetime]:
        """Return when two looks in a row found it silent, for the first time after each that did not."""
        alarms, in_a_row, now, rate = [], 0, since, self.rate(since)
        learned_at = since
        while now < since + length:
            if now - learned_at >= LEARN:
                rate, learned_at = self.rate(now), now
            hour = hour_of(now)
            whole = self.counts.get(hour, 0)
            self.counts[hour] = int(whole * (now.timestamp() / 3600 - hour))
            in_a_row = in_a_row + 1 if shortfall(rate, self.counts, now) else 0
            self.counts[hour] = whole
            if in_a_row == 2:
                alarms.append(now)
            now += LOOK
        return alarms

    def short_days(self, since: datetime, days: int) -> list[int]:
        """Return after how many whole days they were found to be short, for the first time after each that was not."""
        found, before = [], False
        for day in range(1, days + 1):
            now = since + timedelta(days=day)
            short = days_are_short(self.counts, self.rate(now), until=hour_of(now), learns_from=self.first, silent=())
            if short and not before:
                found.append(day)
            before = short
        return found


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, default=2, help="carrier-years without a cut, for each number of scans")
    parser.add_argument("--cuts", type=int, default=40, help="simulated cuts of each kind")
    options = parser.parse_args()
    print(f"\n{datetime.now(UTC).date()} · {options.years} carrier-years and {options.cuts} cuts of each kind\n")
    print(
        "| scans a week | false alarms | warnings of short days | Tuesday 9:00: median, worst | Sunday 22 to 23 h "
        "| half lost: noticed after, paused in a week | unknown day off | known |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for scans in SCANS:
        print("|".join(["", *_row(scans, options.years, options.cuts), ""]), flush=True)


def _row(scans: int, years: int, cuts: int) -> list[str]:
    year, day = timedelta(days=364), timedelta(days=1)
    false, warnings = 0, 0
    for seed in range(years):
        begins_at = TUESDAY - year
        carrier = Simulation.of(1_000 + seed, scans, begins_at, year)
        false += len(carrier.alarms(begins_at, year))
        warnings += len(carrier.short_days(begins_at, 363))
    delays = [_delay(seed, scans) for seed in range(cuts)]
    sunday, cut = 0, hour_of(SUNDAY)
    for seed in range(cuts):
        carrier = Simulation.of(seed, scans, SUNDAY, day, share=lambda hour: float(hour != cut))
        sunday += bool(carrier.alarms(SUNDAY, day))
    half, paused = [], 0
    lost_from = hour_of(MONDAY)
    for seed in range(cuts // 2):
        carrier = Simulation.of(seed, scans, MONDAY, 15 * day, share=lambda hour: 0.5 if hour >= lost_from else 1.0)
        half += carrier.short_days(MONDAY, 14)[:1]
        paused += bool(carrier.alarms(MONDAY, 7 * day))
    days_off = [_day_off(seed, scans, known=known) for known in (False, True) for seed in range(cuts // 2)]
    return [
        f" {scans:,} ",
        f" {false / years:.2f} a year " if years else " – ",
        f" {warnings / years:.2f} a year " if years else " – ",
        f" {_hours(median(delays))}, {_hours(max(delays))} ",
        f" {sunday} of {cuts} ",
        f" {median(half) if half else '–'} days ({len(half)} of {cuts // 2}), {paused} ",
        f" {sum(days_off[: cuts // 2])} of {cuts // 2} ",
        f" {sum(days_off[cuts // 2 :])} of {cuts // 2} ",
    ]


def _delay(seed: int, scans: int) -> timedelta:
    cut = hour_of(TUESDAY)
    length = timedelta(days=3)
    carrier = Simulation.of(seed, scans, TUESDAY, length, share=lambda hour: float(hour < cut))
    return next(iter(carrier.alarms(TUESDAY, length)), TUESDAY + length) - TUESDAY


def _day_off(seed: int, scans: int, *, known: bool) -> bool:
    days = {MONDAY.astimezone(AMSTERDAM).date()}
    length = timedelta(days=1.5)
    carrier = Simulation.of(seed, scans, MONDAY, length, sundays=days, holidays=days if known else ())
    return bool(carrier.alarms(MONDAY, length))


def _hours(delay: timedelta) -> str:
    return f"{delay / timedelta(hours=1):.1f} h"


if __name__ == "__main__":
    main()
