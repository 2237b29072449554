"""Paired measurements: of two ways to do the same, one after the other, on cases of the same shape."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Cost:
    """What one operation took: processor time of this process, and time on the wall; seconds."""

    cpu_seconds: float
    wall_seconds: float

    @classmethod
    def of(cls, call: Callable[[], object]) -> Cost:
        """Measure one call."""
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        return cls(time.process_time() - cpu, time.perf_counter() - wall)


@dataclass(frozen=True)
class Way(Generic[T]):
    """One way to do it: `prepare` is not measured and returns the call that is."""

    name: str
    prepare: Callable[[T], Callable[[], object]]


def interleaved(ways: Sequence[Way[T]], cases: Sequence[T], *, warm_up: int) -> dict[str, list[Cost]]:
    """Let every way do its share of the cases, in rounds of one case for each way, in an order that changes.

    So whatever else the machine does falls on all of them alike. The first `warm_up` rounds are not counted.
    """
    costs: dict[str, list[Cost]] = {way.name: [] for way in ways}
    rounds = len(cases) // len(ways)
    order = random.Random(1)  # The same every time.
    for round_number in range(rounds):
        mine = list(zip(ways, cases[round_number * len(ways) :], strict=False))
        order.shuffle(mine)
        calls = [(way.name, way.prepare(case)) for way, case in mine]
        gc.collect(0)
        for name, call in calls:
            cost = Cost.of(call)
            if round_number >= warm_up:
                costs[name].append(cost)
    return costs


def median_ms(costs: Sequence[Cost], what: str) -> float:
    """Return the median in milliseconds of "cpu" or "wall"."""
    return float(1000 * median(getattr(cost, f"{what}_seconds") for cost in costs))


def median_ratio(costs: Sequence[Cost], limit: Sequence[Cost], what: str) -> float:
    """Return the median over all rounds of one cost over the other, each pair from the same round."""
    pairs = zip(costs, limit, strict=True)
    return float(median(getattr(one, f"{what}_seconds") / getattr(other, f"{what}_seconds") for one, other in pairs))
