"""Arrival odds: of parcels that were silent this long, how many still came, and when.

The Aalen–Johansen estimate of the share that was delivered, with returns as a competing end, and its 95 % interval;
without returns it is one minus the Kaplan–Meier estimate. A parcel that has neither come nor gone back is censored at
its age; one that was written off is watched as any other. Plain Python; counts in, odds out.

Sources: Aalen and Johansen (1978); Marubini and Valsecchi (1995), formula 10.8, for the variance; the interval on the
complementary log-log scale, as Kalbfleisch and Prentice give it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import exp, log, sqrt

AT_RISK_LEAST, CAME_LEAST = 50, 10  # Below, we do not know; where none of 50 came, the rule of three says the most.
CURVE_AT_RISK_LEAST = 10  # Where fewer are left, the curve ends.
HORIZON_DAYS = 30
Z = 1.959964  # Of 95 %.
_HARDLY_ANY = 1e-9  # What sums of shares may be off by.
_WIDEST = 50.0  # Of an interval, on its scale: from nothing to all.
DELIVERED, RETURNED, OPEN = "delivered", "returned", "open"


@dataclass(frozen=True, slots=True)
class SilentFor:
    """Parcels that were silent for `silent_days` full days, and came, went back or were still open on day `end_days`.

    Days count from the last scan before the silence; `end_days` is never less than `silent_days`.
    """

    silent_days: int
    end_days: int
    outcome: str
    parcels: int


@dataclass(frozen=True, slots=True)
class OddsPoint:
    """By the end of a day, counted from now on: which share has come, its interval, and how many were still watched."""

    day: int
    share: float
    low: float
    high: float
    at_risk: int


@dataclass(frozen=True, slots=True)
class ArrivalOdds:
    """What became of `parcels` that were silent as long: `curve` by day; empty where too few are known.

    `came` and `returned` count all that did, `came_in_time` those that came within the days of the curve.
    """

    silent_days: int
    parcels: int
    came: int
    came_in_time: int
    returned: int
    curve: Sequence[OddsPoint] = ()

    @property
    def known(self) -> bool:
        """Whether there are enough of them to say anything."""
        return bool(self.curve)

    @property
    def last(self) -> OddsPoint:
        """The end of the curve: how many came in all."""
        return self.curve[-1]

    @property
    def half_days(self) -> int | None:
        """Within how many days half of those that came did; None where none came."""
        if not self.known or not self.last.share:
            return None
        return next(point.day for point in self.curve if point.share >= self.last.share / 2)


def arrival_odds(counts: Iterable[SilentFor], *, silent_days: int) -> ArrivalOdds:
    """Estimate what becomes of a parcel that has been silent for so many full days."""
    ends: dict[int, dict[str, int]] = {}
    for count in counts:
        if count.silent_days >= silent_days:
            on_day = ends.setdefault(count.end_days, {DELIVERED: 0, RETURNED: 0, OPEN: 0})
            on_day[count.outcome] += count.parcels
    parcels = sum(sum(on_day.values()) for on_day in ends.values())
    came, returned = (sum(on_day[outcome] for on_day in ends.values()) for outcome in (DELIVERED, RETURNED))
    curve = curve_of(ends, silent_days=silent_days, parcels=parcels)
    days = [ends.get(silent_days + point.day - 1, {DELIVERED: 0, OPEN: 0}) for point in curve]
    came_in_time = sum(on_day[DELIVERED] for on_day in days)
    if came_in_time == 0:  # Only those count that were watched for the whole of a day.
        watched = [point.at_risk - on_day[OPEN] for point, on_day in zip(curve, days, strict=True)]
        curve = [
            replace(point, high=rule_of_three(count))
            for point, count in zip(curve, watched, strict=True)
            if count >= CURVE_AT_RISK_LEAST
        ]
    if parcels < AT_RISK_LEAST or 0 < came_in_time < CAME_LEAST:
        curve = []
    return ArrivalOdds(silent_days, parcels, came, came_in_time, returned, curve)


def curve_of(ends: dict[int, dict[str, int]], *, silent_days: int, parcels: int) -> list[OddsPoint]:
    """Return the share that has come by the end of each day: events first, then those that are censored that day."""
    at_risk, surviving, share = parcels, 1.0, 0.0
    steps: list[tuple[float, int, int, int, float]] = []  # The share by then; came, ended, at risk; surviving before.
    curve = []
    for day in range(HORIZON_DAYS):
        on_day = ends.get(silent_days + day, {DELIVERED: 0, RETURNED: 0, OPEN: 0})
        if at_risk < CURVE_AT_RISK_LEAST:
            break
        came, ended = on_day[DELIVERED], on_day[DELIVERED] + on_day[RETURNED]
        share += surviving * came / at_risk
        if 1 - share < _HARDLY_ANY:
            share = 1.0
        if ended:
            steps.append((share, came, ended, at_risk, surviving))
            surviving *= 1 - ended / at_risk
        low, high = interval(share, variance(share, steps), parcels=at_risk if not share else parcels)
        at_risk_then, at_risk = at_risk, at_risk - ended - on_day[OPEN]
        curve.append(OddsPoint(day + 1, share, low, high, at_risk_then))
    return curve


def variance(share: float, steps: Sequence[tuple[float, int, int, int, float]]) -> float:
    """Return the variance of the share that came. Args: `steps`: up to then, as `curve_of` keeps them."""
    total = 0.0
    for share_then, came, ended, at_risk, surviving in steps:
        rest = share - share_then
        if at_risk > ended:
            total += rest**2 * ended / (at_risk * (at_risk - ended))
        total += surviving**2 * (at_risk - came) * came / at_risk**3
        total -= 2 * rest * surviving * came / at_risk**2
    return max(total, 0.0)


def interval(share: float, variance_of_it: float, *, parcels: int) -> tuple[float, float]:
    """Return the 95 % interval of a share; where none or all of `parcels` came, by the rule of three."""
    rest = 1 - share
    if share < _HARDLY_ANY:
        return 0.0, rule_of_three(parcels)
    if rest < _HARDLY_ANY:
        return 1 - rule_of_three(parcels), 1.0
    width = min(Z * sqrt(variance_of_it) / (rest * abs(log(rest))), _WIDEST)
    return 1 - rest ** exp(-width), 1 - rest ** exp(width)


def rule_of_three(parcels: int) -> float:
    """Return the largest share that is likely (95 %) of what was not seen once among so many."""
    return min(1.0, 3 / max(1, parcels))
