"""What is counted from the history's files instead of the live database: by DuckDB, part by part of the sellers."""

from __future__ import annotations

import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from django.utils.translation import gettext as _

from lostpost.core.errors import NotFound, Rejected
from lostpost.core.sql import sql_file
from lostpost.eligibility.rules import GOING_BACK
from lostpost.history.datasets import DATASETS, PARTS, SCHEMA
from lostpost.history.manifest import HistoryFile, read_manifest
from lostpost.tracking.newest_scan import STATUSES
from lostpost.tracking.refresh_silences import COUNTED, DAYS_MAX, SILENCE_COUNTED

MEMORY = "2GB"  # Of DuckDB's buffers; what it takes beside them is about as much again at most.
THREADS = 2
LONGEST_JOURNEY = timedelta(days=100)  # Of a parcel, over which its scans are looked for.

_SILENCES = sql_file(__name__, "count_silences_in_files")
_FALSE_LOSSES = sql_file(__name__, "false_losses_in_files")
_PARAMETER = re.compile(r"%\((\w+)\)s")


def counted_silences_in_files(folder: Path, *, until: datetime) -> list[dict[str, Any]]:
    """Count the silences of the last half year, as `counted_silences` does from the live database.

    Raises: NotFound without a history, Rejected where a file is missing or of another version.
    """
    began_from = until - COUNTED
    parameters = {
        "began_from": began_from,
        "until": until,
        "days_max": DAYS_MAX,
        "delivered": STATUSES["delivered"],
        "going_back": sorted(GOING_BACK),
    }
    counts: Counter[tuple[Any, ...]] = Counter()
    for rows in _of_each_part(folder, _SILENCES, parameters, since=began_from - LONGEST_JOURNEY):
        for *key, parcels in rows:
            counts[tuple(key)] += parcels
    return [dict(zip(SILENCE_COUNTED, (*key, parcels), strict=True)) for key, parcels in counts.items()]


def false_losses_in_files(folder: Path, *, since: datetime) -> list[tuple[Any, ...]]:
    """Count the parcels of all shops that were written off since then: rows as those of `FalseLosses`.

    Raises: as `counted_silences_in_files`.
    """
    sums: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    names: dict[str, str] = {}
    parameters = {"since": since, "delivered": STATUSES["delivered"]}
    for rows in _of_each_part(folder, _FALSE_LOSSES, parameters, since=since - LONGEST_JOURNEY):
        for carrier, name, version, parcels, came in rows:
            names[carrier] = max(names.get(carrier, ""), name)
            sums[carrier, version][0] += parcels
            sums[carrier, version][1] += came
    return [(carrier, names[carrier], version, *both) for (carrier, version), both in sorted(sums.items())]


def _of_each_part(
    folder: Path, statement: str, parameters: Mapping[str, Any], *, since: datetime
) -> Iterator[list[tuple[Any, ...]]]:
    """Execute a statement over the files of each part, from the month of a moment on."""
    entries = read_manifest(folder)
    if not entries:
        raise NotFound(_("There is no history in %(folder)s; write it with: lostpost export") % {"folder": folder})
    for file in entries:
        if file.schema != SCHEMA or not (folder / file.path).is_file():
            raise Rejected(
                _("%(file)s is missing or was written by another version; write it again with: lostpost export")
                % {"file": folder / file.path}
            )
    first = f"{since:%Y-%m}"
    with _engine() as engine:
        for part in PARTS:
            _show(engine, folder, entries, part=part, first=first)
            yield engine.execute(_PARAMETER.sub(r"$\1", statement), dict(parameters)).fetchall()


@contextmanager
def _engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with tempfile.TemporaryDirectory(prefix="lostpost-history-") as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": THREADS,
            "memory_limit": MEMORY,
            "temp_directory": spill,
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        with duckdb.connect(config=settings) as engine:
            engine.execute("SET TimeZone = 'UTC'")
            yield engine


def _show(
    engine: duckdb.DuckDBPyConnection, folder: Path, entries: Sequence[HistoryFile], *, part: str, first: str
) -> None:
    """Make a view of each dataset over the files of a part from a month on, and no others; an empty one for none."""
    for dataset in DATASETS:
        engine.execute(f"DROP VIEW IF EXISTS {dataset.name}")
        paths = [
            str(folder / file.path)
            for file in entries
            if file.dataset == dataset.name and file.part == part and file.month >= first
        ]
        if paths:
            rows = engine.read_parquet(paths, hive_partitioning=False)
        else:
            columns = ", ".join(f"{name} {kind}" for name, kind in dataset.columns.items())
            engine.execute(f"CREATE TABLE IF NOT EXISTS no_{dataset.name} ({columns})")
            rows = engine.table(f"no_{dataset.name}")
        rows.create_view(dataset.name)
