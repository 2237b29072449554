"""Simulated scans of a carrier: a usual week, days that are busier or quieter, and hours that scatter."""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import UTC, date, datetime
from math import exp
from random import Random
from zoneinfo import ZoneInfo

from lostpost.carrier_feeds.feed_rate import beginning_of

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
OF_DAY = [0.3, 0.2, 0.3, 0.8, 1.5, 2, 3, 5, 6, 6, 5, 4, 4, 4, 4, 4, 3, 3, 3, 2.5, 2, 1.5, 1, 0.5]
OF_WEEK = [1.1, 1.1, 1, 1, 1, 0.7, 0.12]
DAYS_SCATTER, HOURS_SCATTER = 0.25, 0.15


def usual_week(scans: float, zone: ZoneInfo = AMSTERDAM) -> Callable[[int], float]:
    """Return how many scans are usual in an hour, of a carrier with so many a week."""
    total = sum(OF_DAY) * sum(OF_WEEK)

    def usual(hour: int) -> float:
        at = beginning_of(hour).astimezone(zone)
        return OF_DAY[at.hour] * OF_WEEK[at.weekday()] * scans / total

    return usual


def simulated(
    random: Random,
    usual: Callable[[int], float],
    first: int,
    last: int,
    *,
    share: Callable[[int], float] = lambda hour: 1.0,
    sundays: Container[date] = (),
) -> dict[int, int]:
    """Return scans by hour, from the first to the last. Args: `share`: of those that reach us, in an hour.

    `sundays`: days on which the carrier works as on a Sunday.
    """
    counts, factors = {}, {}
    for hour in range(first, last + 1):
        at = beginning_of(hour).astimezone(AMSTERDAM)
        day = at.date()
        if day not in factors:
            factors[day] = exp(random.gauss(-(DAYS_SCATTER**2) / 2, DAYS_SCATTER))
        mean = usual(hour + 24 * (6 - at.weekday()) if day in sundays else hour)
        mean *= factors[day] * random.gammavariate(1 / HOURS_SCATTER, HOURS_SCATTER) * share(hour)
        if scans := poisson(random, mean):
            counts[hour] = scans
    return counts


def poisson(random: Random, mean: float) -> int:
    """Draw a number of events."""
    if mean > 500:
        return max(0, round(random.gauss(mean, mean**0.5)))
    number, time = 0, random.expovariate(1)
    while time < mean:
        number += 1
        time += random.expovariate(1)
    return number


def at(text: str) -> datetime:
    """Read a local time of Amsterdam, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).astimezone(UTC)
