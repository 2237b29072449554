"""Paired measurements: of two ways to do the same, one after the other, on cases of the same shape."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Cost:
    """What one operation took: processor time of this process and of the database's, and time on the wall; seconds."""

    cpu_seconds: float
    database_seconds: float
    wall_seconds: float

    @classmethod
    def of(cls, call: Callable[[], object], *, backend: int) -> Cost:
        """Measure one call. `backend`: the database's process that it works with."""
        database = _ran_seconds(backend)
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        cpu_seconds, wall_seconds = time.process_time() - cpu, time.perf_counter() - wall
        return cls(cpu_seconds, _ran_seconds(backend) - database, wall_seconds)

    @property
    def core_seconds(self) -> float:
        """Both processors' time: the two take turns, so one core would be busy for so long."""
        return self.cpu_seconds + self.database_seconds


@dataclass(frozen=True)
class Way(Generic[T]):
    """One way to do it: `prepare` is not measured and returns the call that is; `backend` as `Cost.of` takes it."""

    name: str
    prepare: Callable[[T], Callable[[], object]]
    backend: int


def interleaved(ways: Sequence[Way[T]], cases: Sequence[T], *, warm_up: int) -> dict[str, list[Cost]]:
    """Let every way do its share of the cases, in rounds of one case for each way, in an order that changes.

    So whatever else the machine does falls on all of them alike. The first `warm_up` rounds are not counted.
    """
    costs: dict[str, list[Cost]] = {way.name: [] for way in ways}
    rounds = len(cases) // len(ways)
    order = random.Random(1)  # The same every time.
    for round_number in range(rounds):
        cases_of_round = list(zip(ways, cases[round_number * len(ways) :], strict=False))
        order.shuffle(cases_of_round)
        calls = [(way, way.prepare(case)) for way, case in cases_of_round]
        gc.collect(0)
        for way, call in calls:
            cost = Cost.of(call, backend=way.backend)
            if round_number >= warm_up:
                costs[way.name].append(cost)
    return costs


def median_ms(costs: Sequence[Cost], what: str) -> float:
    """Return the median in milliseconds of "cpu", "database", "core" or "wall"."""
    return float(1000 * median(getattr(cost, f"{what}_seconds") for cost in costs))


def mean_ms(costs: Sequence[Cost], what: str) -> float:
    """Return the mean in milliseconds of "cpu", "database", "core" or "wall"."""
    return float(1000 * fmean(getattr(cost, f"{what}_seconds") for cost in costs))


def median_ratio(costs: Sequence[Cost], limit: Sequence[Cost], what: str) -> float:
    """Return the median over all rounds of one cost over the other, each pair from the same round."""
    pairs = zip(costs, limit, strict=True)
    return float(median(getattr(one, f"{what}_seconds") / getattr(other, f"{what}_seconds") for one, other in pairs))


def _ran_seconds(pid: int) -> float:
    """Return how long a process has run on a processor; 0 where the system does not say, as Linux does."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0
