"""Show the progress of long work: a bar on a terminal, a line now and then elsewhere (in a log, a bar is noise)."""

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from types import TracebackType
from typing import Never, Self, TextIO, TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
LINE_SECONDS = 5.0


class Progress:
    """Progress of one piece of work, as a context: `with Progress("Orders", total=300) as shown: shown.advance(10)`."""

    def __init__(self, label: str, *, total: int | None = None, stream: TextIO | None = None) -> None:
        self.label = label
        self.total = total
        self.done = 0
        self.stream = stream or sys.stderr
        self.bar: tqdm[Never] | None = None
        if self.stream.isatty():
            self.bar = tqdm(desc=label, total=total, file=self.stream, unit="", dynamic_ncols=True)
        self.began = self.last_line_at = time.monotonic()

    def advance(self, count: int = 1) -> None:
        """Count what has been done."""
        self.done += count
        if self.bar is not None:
            self.bar.update(count)
        elif time.monotonic() - self.last_line_at >= LINE_SECONDS:
            self.last_line_at = time.monotonic()
            self.say(f"{self.figures()} so far")

    def figures(self) -> str:
        """Return the count, and the total if it is known."""
        if not self.total:
            return f"{self.done:,}"
        return f"{self.done:,} of {self.total:,} ({100 * self.done // self.total} %)"

    def say(self, words: str) -> None:
        """Write a line."""
        print(f"{self.label}: {words}", file=self.stream, flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.close()
        elif kind is None:
            self.say(f"{self.done:,} in {time.monotonic() - self.began:.1f} s")


def progress(
    items: Iterable[Item], label: str, *, total: int | None = None, stream: TextIO | None = None
) -> Iterator[Item]:
    """Yield the items and show the progress; `total` is the items' length where they have one."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    with Progress(label, total=total, stream=stream) as shown:
        for item in items:
            yield item
            shown.advance()
