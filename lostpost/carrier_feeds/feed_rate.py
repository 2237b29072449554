"""How many scans of a carrier are to be expected, and whether far fewer came; plain Python, no Django and no clock.

Hours are counted since 1970, in UTC; the marketplace's clock and calendar say which hour of which weekday each of them
is. The expected rate of such an hour is the mean of the last eight without the highest and the lowest, smoothed over
its neighbours, at the level of the last two weeks. How scans scatter about it is learned too (a negative binomial
distribution), so that what is ordinary for a carrier raises no alarm: for each length of time by itself, and not less
than what a whole day and a single hour scatter, as in an evening one hour has most of the scans of several.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import accumulate
from math import exp, lgamma, log, log1p
from statistics import median, pstdev
from zoneinfo import ZoneInfo

HOUR_SECONDS = 3600
WEEK = 7 * 24
LEARNED_WEEKS = 8
LEVEL_HOURS = 14 * 24
LOOKED_BACK = 48  # Hours: the longest span that is judged. Nothing is learned from them.
NEEDED_HOURS = LEARNED_WEEKS * WEEK + LEVEL_HOURS + LOOKED_BACK  # Of a look.
NEW_HOURS = 21 * 24  # A carrier that was first received from later is still being learned.
LEAST_OF_WEEK = 200  # Scans; with fewer, hours of silence are ordinary.

SPANS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 36, 48)  # Hours that end now.
EXPECTED_LEAST = 20
SHARE_SILENT, SHARE_BACK = 0.1, 0.5
CHANCE_MOST = 1e-5
SCATTER_LEAST = 0.02
UNSURE = 1.25  # What is usual was learned from few weeks, and is unsure itself: scans scatter more about it.
LEVEL_BOUNDS = (0.5, 2.0)

# Of a silence, so many of the expected scans still come; it is said to have begun where that explains most.
_TRICKLE = 0.05
_BEGAN_WITHIN = 72
_CATCHING_UP = 3.0  # So many times the usual rate is a backlog being delivered.
_STEADY_HOURS = 6

_DRIFT, _DRIFT_LIMIT = 1.0, 4.0  # In standard deviations of a day: k and h of a CUSUM.
_DRIFT_DAYS = 28


class LocalHours:
    """What the marketplace's clock and calendar say of hours: which of the week each is, and whether on a holiday."""

    def __init__(self, first: int, last: int, zone: ZoneInfo, holidays: Container[date]) -> None:
        self.first, self.last = first, last
        local = [_instant_of(hour).astimezone(zone) for hour in range(first, last + 1)]
        self._slots = [at.weekday() * 24 + at.hour for at in local]
        self._days = [at.date() for at in local]
        free = {day: day in holidays for day in set(self._days)}
        self._free = [free[day] for day in self._days]

    def slot(self, hour: int) -> int:
        """Return the hour of the week, from 0 to 167."""
        return self._slots[hour - self.first]

    def is_holiday(self, hour: int) -> bool:
        """Whether the hour is on a public holiday."""
        return self._free[hour - self.first]

    def day(self, hour: int) -> date:
        """Return the day."""
        return self._days[hour - self.first]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Far fewer scans than expected: in the last `hours`, with the probability that chance alone makes so few."""

    hours: int
    expected: float
    received: int
    chance: float


@dataclass(frozen=True)
class FeedRate:
    """What was learned of one carrier. `usual`: by hour of the week; `scatter`: by length of time.

    `scatter_of_hour`: what each hour scatters besides its day, which is `scatter_of_day`.
    """

    hours: LocalHours
    usual: Sequence[float]
    free: Sequence[float]  # The same on a public holiday.
    level: float
    scatter: Mapping[int, float]
    scatter_of_hour: float
    scatter_of_day: float

    @property
    def week(self) -> float:
        """The scans of a usual week."""
        return sum(self.usual) * self.level

    def expected(self, hour: int) -> float:
        """Return how many scans are to be expected in an hour."""
        of_week = self.free if self.hours.is_holiday(hour) else self.usual
        return of_week[self.hours.slot(hour)] * self.level

    def scatter_in(self, hours: int, concentration: float) -> float:
        """Return the dispersion in a length of time. Args: `concentration`: 1 where all is expected in one hour."""
        return UNSURE * max(self.scatter[hours], self.scatter_of_day + self.scatter_of_hour * concentration)


def hour_of(at: datetime) -> int:
    """Return the hour that an instant lies in."""
    return int(at.timestamp() // HOUR_SECONDS)


def beginning_of(hour: int) -> datetime:
    """Return when an hour begins, in UTC."""
    return _instant_of(hour)


def learned_rate(
    counts: Mapping[int, int], hours: LocalHours, *, until: int, learns_from: int, silent: Container[int]
) -> FeedRate:
    """Learn the rate of a carrier from the hours before `until`; a rate of 0 where there is nothing to learn from.

    Args: `counts`: scans received by hour, none where there is no key. `learns_from`: the first hour that was counted.
    `silent`: hours from which nothing may be learned, as the feed was silent.
    """
    first = max(until - LEARNED_WEEKS * WEEK, learns_from, hours.first)
    sound = [hour for hour in range(first, until) if hour not in silent and not hours.is_holiday(hour)]
    of_slots: list[list[int]] = [[] for _slot in range(WEEK)]
    for hour in sound:
        of_slots[hours.slot(hour)].append(counts.get(hour, 0))
    means = [_trimmed_mean(each) for each in of_slots]
    usual = [means[slot - 1] / 4 + means[slot] / 2 + means[(slot + 1) % WEEK] / 4 for slot in range(WEEK)]
    newest = [hour for hour in sound if hour >= until - LEVEL_HOURS]
    expected = sum(usual[hours.slot(hour)] for hour in newest)
    low, high = LEVEL_BOUNDS
    level = min(max(sum(counts.get(hour, 0) for hour in newest) / expected, low), high) if expected else 1.0
    free = _on_holidays(counts, hours, usual, first=first, until=until, silent=silent)
    scatter = _scatter(counts, hours, usual, sound)
    concentration = sum(each * each for each in usual) / max(sum(usual) ** 2 / 7, 1e-9)  # Of a usual day.
    of_hour = max(scatter[1] - scatter[24], 0.0) / max(1 - concentration, 0.5)
    of_day = max(scatter[24] - of_hour * concentration, 0.0)
    return FeedRate(hours, usual, free, level, scatter, of_hour, of_day)


def shortfall(rate: FeedRate, counts: Mapping[int, int], now: datetime) -> Shortfall | None:
    """Return the span ending now in which far too few scans came: of several the least likely; None: there is none."""
    found: Shortfall | None = None
    for hours, expected, count, squares in _spans(rate, counts, now):
        if expected < EXPECTED_LEAST or count > SHARE_SILENT * expected:
            continue
        chance = chance_of_so_few(count, expected, rate.scatter_in(hours, squares / expected**2))
        if chance < CHANCE_MOST and (found is None or chance < found.chance):
            found = Shortfall(hours, expected, count, chance)
    return found


def silent_since(rate: FeedRate, counts: Mapping[int, int], now: datetime) -> int:
    """Return the hour from whose beginning on scans are missing: where that explains best what came and did not."""
    last = hour_of(now)
    best, best_hour, evidence = 0.0, last, 0.0
    for hour in range(last, last - _BEGAN_WITHIN, -1):
        expected = _share_of_hour(hour, now) * rate.expected(hour)
        evidence += counts.get(hour, 0) * log(_TRICKLE) + expected * (1 - _TRICKLE)
        if evidence > best:
            best, best_hour = evidence, hour
    return best_hour


def scans_flow_again(rate: FeedRate, counts: Mapping[int, int], now: datetime, *, since: int) -> bool:
    """Tell whether scans come again, and what had piled up was read.

    Args: `since`: the hour in which the silence began; only what came after it counts.
    """
    last = hour_of(now)
    spans = [(hours, *rest) for hours, *rest in _spans(rate, counts, now) if last - hours >= since]
    if not any(expected >= EXPECTED_LEAST and count > SHARE_BACK * expected for _hours, expected, count, _sq in spans):
        return False
    recent = [(counts.get(hour, 0), _share_of_hour(hour, now) * rate.expected(hour)) for hour in (last - 1, last)]
    usual = sum(expected for _count, expected in recent)
    if sum(count for count, _expected in recent) <= _CATCHING_UP * usual + EXPECTED_LEAST:
        return True
    steady = [(counts.get(hour, 0), rate.expected(hour)) for hour in range(last - _STEADY_HOURS, last)]
    enough = sum(expected for _count, expected in steady) >= EXPECTED_LEAST and last - _STEADY_HOURS >= since
    return enough and all(count >= SHARE_BACK * expected for count, expected in steady)


def days_are_short(
    counts: Mapping[int, int], rate: FeedRate, *, until: int, learns_from: int, silent: Container[int]
) -> bool:
    """Tell whether whole days bring fewer scans than usual, by a CUSUM of their logarithms; half of them, say.

    Too slow and too unsure to stop anything: it is for people to look. Args: as of `learned_rate`.
    """
    hours = rate.hours
    day_sums: dict[date, tuple[int, float, int, bool]] = {}
    first = max(until - NEEDED_HOURS + LOOKED_BACK, learns_from, hours.first)
    for hour in range(first, until):
        day = hours.day(hour)
        count, expected, number, sound = day_sums.get(day, (0, 0.0, 0, True))
        sound = sound and hour not in silent and not hours.is_holiday(hour)
        usual = rate.usual[hours.slot(hour)]
        day_sums[day] = (count + counts.get(hour, 0), expected + usual, number + 1, sound)
    whole = [
        (count, expected)
        for _day, (count, expected, number, sound) in sorted(day_sums.items())
        if sound and number >= 23 and expected >= EXPECTED_LEAST
    ]
    if len(whole) < _DRIFT_DAYS:
        return False
    logs = []
    for at in range(14, len(whole)):
        before = whole[at - 14 : at]
        level = sum(count for count, _expected in before) / sum(expected for _count, expected in before)
        count, expected = whole[at]
        logs.append(log(count + 0.5) - log(expected * max(level, 0.01) + 0.5))
    spread = max(pstdev(logs[:-7]), 0.1) if len(logs) > 10 else 0.3
    total = 0.0
    for each in logs[-_DRIFT_DAYS:]:
        total = max(0.0, total - each / spread - _DRIFT)
    return total >= _DRIFT_LIMIT


def chance_of_so_few(count: int, expected: float, scatter: float) -> float:
    """Return the probability of `count` or fewer by a negative binomial distribution (variance m + d·m²).

    Once it is certain to be above CHANCE_MOST, it is not worked out further.
    """
    size = 1 / scatter
    log_none = -size * log1p(expected / size)
    log_ratio = log(expected) - log(expected + size)
    total = 0.0
    for number in range(count + 1):
        log_term = lgamma(number + size) - lgamma(size) - lgamma(number + 1) + log_none + number * log_ratio
        total += exp(log_term)
        if total > CHANCE_MOST:
            return total
    return total


def _spans(rate: FeedRate, counts: Mapping[int, int], now: datetime) -> list[tuple[int, float, int, float]]:
    """Return length, expected, received and the sum of each hour's expected, squared, of each span that ends now.

    It begins with a full hour.
    """
    last = hour_of(now)
    expected, count, spans = _share_of_hour(last, now) * rate.expected(last), counts.get(last, 0), []
    squares = expected * expected
    for back in range(1, SPANS[-1] + 1):
        of_hour = rate.expected(last - back)
        expected, squares = expected + of_hour, squares + of_hour * of_hour
        count += counts.get(last - back, 0)
        if back in SPANS:
            spans.append((back, expected, count, squares))
    return spans


def _share_of_hour(hour: int, now: datetime) -> float:
    return min(max(now.timestamp() / HOUR_SECONDS - hour, 0.0), 1.0)


def _trimmed_mean(counts: Sequence[int]) -> float:
    if not counts:
        return 0.0
    if len(counts) < 4:
        return median(counts)
    return (sum(counts) - max(counts) - min(counts)) / (len(counts) - 2)


def _on_holidays(
    counts: Mapping[int, int],
    hours: LocalHours,
    usual: Sequence[float],
    *,
    first: int,
    until: int,
    silent: Container[int],
) -> list[float]:
    """Return the rate of a holiday: the Sunday's, or what past holidays had in their hours where that is fewer."""
    sunday = usual[-24:]
    days: dict[date, list[tuple[int, float]]] = {}
    for hour in range(first, until):
        if hours.is_holiday(hour) and hour not in silent:
            days.setdefault(hours.day(hour), []).append((counts.get(hour, 0), sunday[hours.slot(hour) % 24]))
    shares = [
        sum(count for count, _expected in day) / sum(expected for _count, expected in day)
        for day in days.values()
        if sum(expected for _count, expected in day) > 0
    ]
    share = min(median(shares), 1.0) if shares else 1.0
    return [min(usual[slot], sunday[slot % 24] * share) for slot in range(WEEK)]


def _scatter(
    counts: Mapping[int, int], hours: LocalHours, usual: Sequence[float], sound: Sequence[int]
) -> dict[int, float]:
    """Return the dispersion by length of time, from all spans of hours that follow each other without a gap."""
    sums = list(accumulate((counts.get(hour, 0) for hour in sound), initial=0))
    means = list(accumulate((usual[hours.slot(hour)] for hour in sound), initial=0.0))
    scatter = {}
    for length in SPANS:
        extra = squares = 0.0
        for start in range(0, len(sound) - length, 1 + length // 4):
            if sound[start + length] - sound[start] != length:
                continue
            expected = means[start + length] - means[start]
            extra += (sums[start + length] - sums[start] - expected) ** 2 - expected
            squares += expected * expected
        scatter[length] = max(extra / squares, SCATTER_LEAST) if squares else SCATTER_LEAST
    return scatter


def _instant_of(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * HOUR_SECONDS, UTC)
