"""Report the outcome of an import to its operator, in a bounded number of lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from lostpost.imports.check import OrderRows
from lostpost.imports.problem import RowProblems
from lostpost.imports.put_files import Counts

PROBLEMS_SHOWN, LEFT_OUT_SHOWN = 100, 20
_STATES = {"created": "new", "updated": "changed", "unchanged": "unchanged"}
_WIDTH = 10


def problem_lines(problems: RowProblems) -> Iterator[str]:
    """List the problems, in the order of the files, and the number of further ones."""
    for problem in sorted(problems.first)[:PROBLEMS_SHOWN]:
        yield str(problem)
    if (more := problems.count - PROBLEMS_SHOWN) > 0:
        yield f"… and {more:,} more problem{'s' * (more > 1)}; mend these first"


def left_out_lines(lots: Sequence[OrderRows]) -> Iterator[str]:
    """List the orders and parcels that are left out, with what belongs to them."""
    for lot in lots[:LEFT_OUT_SHOWN]:
        others = [_number(len(lot.places[kind]), kind) for kind in ("parcel", "return", "scan") if lot.places[kind]]
        with_it = f", and with it {', '.join(others)}" if others and not lot.name.startswith("parcel") else ""
        yield f"Left out: {lot.name}{with_it}"
    if (more := len(lots) - LEFT_OUT_SHOWN) > 0:
        yield f"Left out: {more:,} more"


def summary_lines(counts: Counts, left_out: Sequence[OrderRows]) -> Iterator[str]:
    """Count everything, kind by kind, as a table."""
    out = Counter(
        {kind: sum(len(lot.places[kind]) for lot in left_out) for kind in ("order", "parcel", "return", "scan")}
    )
    yield " " * _WIDTH + "".join(f"{word:>{_WIDTH + 2}}" for word in (*_STATES.values(), "left out"))
    for kind in ("seller", "order", "parcel", "return", "scan"):
        numbers = [*(counts[kind, state] for state in _STATES), out[kind]]
        yield f"{kind + 's':<{_WIDTH}}" + "".join(f"{number:>{_WIDTH + 2},}" for number in numbers)
    if waiting := counts["scan", "waiting"]:
        yield f"{_number(waiting, 'scan')} of parcels that are not there: kept until the parcel comes"


def _number(count: int, kind: str) -> str:
    return f"{count:,} {kind}{'s' * (count > 1)}"
