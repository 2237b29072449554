"""The list of the history's files: what is not in it is not read, and it changes all at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _
from pydantic import TypeAdapter, ValidationError

from lostpost.core.errors import Rejected
from lostpost.history.datasets import SCHEMA

NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A Parquet file of a dataset, a month (`2026-03`) and a part of the sellers."""

    dataset: str
    month: str
    part: str
    path: str  # Below the history's folder.
    rows: int
    sha256: str  # Of the file.
    written_at: datetime
    schema: int = SCHEMA

    @property
    def place(self) -> tuple[str, str, str]:
        """What it holds; no two files of a manifest have the same."""
        return self.dataset, self.month, self.part


_LIST = TypeAdapter(list[HistoryFile])


def read_manifest(folder: Path) -> list[HistoryFile]:
    """Return the files of a history; none where there is no history yet. Raises: Rejected."""
    try:
        text = (folder / NAME).read_bytes()
    except FileNotFoundError:
        return []
    try:
        return _LIST.validate_json(text)
    except ValidationError as error:
        raise Rejected(
            _("%(file)s is no list of a history's files: %(problem)s")
            % {"file": folder / NAME, "problem": error.errors()[0]["msg"]}
        ) from error


def write_manifest(folder: Path, entries: Iterable[HistoryFile]) -> None:
    """Replace the list, on the disk before it is seen: a machine that stops leaves the one before or this one."""
    ordered = sorted(entries, key=lambda file: file.place)
    beside = folder / f"{NAME}.new"
    with beside.open("wb") as out:
        out.write(_LIST.dump_json(ordered, indent=1))
        out.flush()
        os.fsync(out.fileno())
    beside.rename(folder / NAME)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_unlisted(folder: Path, entries: Sequence[HistoryFile]) -> None:
    """Remove files of the history's own that its list does not name: those replaced, and what a stop left behind."""
    listed = {folder / file.path for file in entries}
    for path in [*folder.glob("*/*/*.parquet"), *folder.glob("*/*/*.new"), *folder.glob("*/*/rows.csv")]:
        if path not in listed:
            path.unlink()
