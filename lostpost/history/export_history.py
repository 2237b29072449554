"""Write the history as Parquet files, by month and part of the sellers, so that a live database need not keep it all.

Run again, it writes what is new and what may have changed: the files of the last months. A month that ended longer ago
than that is written once and stays, whatever the live database forgets.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from django.utils.translation import gettext as _

from lostpost.core.errors import Conflict
from lostpost.core.ownership import cross_seller
from lostpost.core.sql import copy_out, fetch
from lostpost.history.datasets import DATASETS, PARTS, SCANS, SCHEMA, Dataset
from lostpost.history.manifest import HistoryFile, read_manifest, remove_unlisted, write_manifest

# Scans that were kept for a parcel to come, corrections and returns reach no further back; nor does the policy.
SETTLED_AFTER = timedelta(days=120)
LATE_MOST, AHEAD_MOST = timedelta(days=400), timedelta(days=400)  # Between a scan's own time and when we received it.
ROW_GROUP, MEMORY = 131_072, "512MB"

_FIRST = """
    SELECT least((SELECT min(shipped_at) FROM lostpost_parcel), (SELECT min(received_at) FROM lostpost_scan),
                 (SELECT min(confirmed_at) FROM lostpost_writeoff))
"""


class ExportRunning(Conflict):
    """Two exports into one folder would remove each other's files."""


def export_history(folder: Path, *, now: datetime) -> Iterator[HistoryFile]:
    """Write the files that are missing or may have changed into a folder; yields each once it is in the list.

    Safe to break off at any point and to repeat: readers see the list of files of before, or with a month's new ones.

    Raises: ExportRunning; Rejected where the folder's list cannot be read; OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        entries = {file.place: file for file in read_manifest(folder) if file.schema == SCHEMA}
        remove_unlisted(folder, list(entries.values()))
        for month in _months(now):
            settled = _end_of(month) + SETTLED_AFTER <= now
            for dataset in DATASETS:
                if settled and any(place[:2] == (dataset.name, _named(month)) for place in entries):
                    continue
                written = [
                    file for file in _write(folder, dataset, month, now) if _is_news(file, entries.get(file.place))
                ]
                if written:
                    entries |= {file.place: file for file in written}
                    write_manifest(folder, entries.values())
                    yield from written
                remove_unlisted(folder, list(entries.values()))


def _is_news(file: HistoryFile, before: HistoryFile | None) -> bool:
    """Tell whether a file replaces the one of before: not where it is the same, or the database has forgotten some."""
    return before is None or (file.sha256 != before.sha256 and file.rows >= before.rows)


def _write(folder: Path, dataset: Dataset, month: datetime, now: datetime) -> list[HistoryFile]:
    """Write the files of a month, one for each part that has rows; each has a name that says what is in it."""
    place = folder / dataset.name / _named(month)
    place.mkdir(parents=True, exist_ok=True)
    rows, until = place / "rows.csv", _end_of(month)
    parameters: dict[str, Any] = {"from": month, "until": until}
    if dataset is SCANS:
        parameters |= {"scanned_from": month - LATE_MOST, "scanned_until": until + AHEAD_MOST}
    with rows.open("wb") as out, cross_seller("history: a month of all sellers"):
        copy_out(out, dataset.statement, parameters)
    files = []
    if rows.stat().st_size:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": 1,
            "memory_limit": MEMORY,
            "temp_directory": str(place),
        }
        with duckdb.connect(config=settings) as engine:
            engine.execute("SET TimeZone = 'UTC'")
            engine.read_csv(
                str(rows),
                header=False,
                names=list(dataset.columns),
                dtype=dict(dataset.columns),
                na_values=["\\N"],
                delimiter=",",
                quotechar='"',
                escapechar='"',
                parallel=False,
            ).create("of_month")
            for part in PARTS:
                of_part = engine.table("of_month").filter(f"right(seller_id::VARCHAR, 1) = '{part}'")
                ((count,),) = of_part.count("*").fetchall()
                if count:
                    path, digest = _stored(of_part, place, part)
                    named = str(path.relative_to(folder))
                    files.append(
                        HistoryFile(dataset.name, _named(month), part, named, count, digest, now.astimezone(UTC))
                    )
    rows.unlink()
    return files


def _stored(rows: duckdb.DuckDBPyRelation, place: Path, part: str) -> tuple[Path, str]:
    """Write a file and return where it is, and its hash; one of the same content is written over itself."""
    beside = place / f"{part}.new"
    rows.write_parquet(str(beside), compression="zstd", row_group_size=ROW_GROUP)
    with beside.open("rb") as made:
        digest = hashlib.file_digest(made, "sha256").hexdigest()
        os.fsync(made.fileno())
    path = place / f"{part}-{digest[:16]}.parquet"
    beside.rename(path)
    return path, digest


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ExportRunning(
                _("Another export writes into %(folder)s; wait until it is done.") % {"folder": folder}
            ) from error
        yield


def _months(now: datetime) -> list[datetime]:
    """Return the beginnings of all months (UTC) since the first thing that there is, the present one too."""
    with cross_seller("history: since when there is any"):
        ((first,),) = fetch(_FIRST, {})
    months, last = [], now.astimezone(UTC)
    month = (first or now).astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while month <= last:
        months.append(month)
        month = _end_of(month)
    return months


def _end_of(month: datetime) -> datetime:
    return (month + timedelta(days=32)).replace(day=1)


def _named(month: datetime) -> str:
    return f"{month:%Y-%m}"
