"""A long timeline, folded so that the newest message stands right above the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from lostpost.insight.timeline import ShownEntry

OPEN_MAX = 8  # Entries, or runs of scans, of a timeline that is shown in full.
SCANNED, RECEIVED, SENT = "parcel.scanned", "message.received", "message.sent"


@dataclass(frozen=True, slots=True)
class EntryRun:
    """Entries that stand together: several scans fold to a line, anything else stands alone."""

    entries: Sequence[ShownEntry]

    @property
    def newest(self) -> ShownEntry:
        """The last of them."""
        return self.entries[-1]

    @property
    def folds(self) -> bool:
        """Whether they stand behind one line."""
        return len(self.entries) > 1


@dataclass(frozen=True, slots=True)
class FoldedTimeline:
    """What stands behind a line, and what is in sight; both oldest first."""

    earlier: Sequence[EntryRun]
    recent: Sequence[EntryRun]

    @property
    def earlier_count(self) -> int:
        """How many entries stand behind the line."""
        return sum(len(run.entries) for run in self.earlier)


def folded_timeline(entries: Sequence[ShownEntry]) -> FoldedTimeline:
    """Fold what came before the customer's newest message, if the timeline is long; scans fold to a line each."""
    together = [(scans, list(those)) for scans, those in groupby(entries, _is_scan)]
    runs = [EntryRun(run) for scans, those in together for run in ([those] if scans else [[each] for each in those])]
    if len(runs) <= OPEN_MAX:
        return FoldedTimeline((), runs)
    start = max((at for at, run in enumerate(runs) if run.newest.kind == RECEIVED), default=-1)
    if start < 0:
        start = max((at for at, run in enumerate(runs) if run.newest.kind == SENT), default=len(runs) - OPEN_MAX)
    start = max(start, len(runs) - 2 * OPEN_MAX)  # Much may have happened since.
    return FoldedTimeline(runs[:start], runs[start:])


def _is_scan(entry: ShownEntry) -> bool:
    return entry.kind == SCANNED
