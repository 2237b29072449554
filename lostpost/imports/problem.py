"""Problems of imported files: where, what, and what to do."""

from __future__ import annotations

from typing import NamedTuple

PROBLEMS_MAX = 1000  # Of a file that is wrong in every row, not every problem is stored.


class CellPlace(NamedTuple):
    """A line of a file; the first line is 1, and a row that takes several lines is where it begins."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class RowProblem(NamedTuple):
    """One thing that is wrong, in words that say what to do."""

    place: CellPlace
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


class Unreadable(Exception):
    """A file cannot be read row by row, so nothing of it can be trusted."""

    def __init__(self, file: str, line: int, text: str) -> None:
        super().__init__(text)
        self.problem = RowProblem(CellPlace(file, line), text)


class RowProblems:
    """The number of problems, and the first of them."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[RowProblem] = []

    def add(self, place: CellPlace, text: str) -> None:
        """Add a problem."""
        self.count += 1
        if len(self.first) < PROBLEMS_MAX:
            self.first.append(RowProblem(place, text))

    def __bool__(self) -> bool:
        return self.count > 0
