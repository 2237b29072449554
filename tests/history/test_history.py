"""The history in files: what is in the database, each row once, whatever breaks off; and the same answers from it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from lostpost.core.errors import Rejected
from lostpost.found_parcels.models import FoundEvidence
from lostpost.found_parcels.report_came_back import report_came_back
from lostpost.history import export_history as module
from lostpost.history.datasets import DATASETS, Dataset
from lostpost.history.export_history import SETTLED_AFTER, ExportRunning, export_history
from lostpost.history.manifest import NAME, read_manifest
from lostpost.history.read_history import counted_silences_in_files, false_losses_in_files
from lostpost.insight.false_losses import FalseLosses, false_losses
from lostpost.jobs.history import export_each_night
from lostpost.orders.models import Parcel
from lostpost.tracking.models import Scan, SilenceCount
from lostpost.tracking.refresh_silences import counted_silences, refresh_silences
from lostpost.writeoffs.models import WriteOffLine
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_scan, all_of, an_order, silent_parcel
from tests.found_parcels.scene import customer_says, parcel_of
from tests.insight.test_radar import a_random_marketplace

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def export(folder: Path, *, now=LATER) -> list[str]:
    return [file.path for file in export_history(folder, now=now)]


def rows_in(folder: Path) -> dict[str, int]:
    """Count the rows of the listed files, none of which may be there twice."""
    counts = Counter[str]()
    for dataset in DATASETS:
        paths = [str(folder / file.path) for file in read_manifest(folder) if file.dataset == dataset.name]
        if paths:
            rows = duckdb.read_parquet(paths)
            (counts[dataset.name],) = rows.count("*").fetchone() or ()
            assert (counts[dataset.name],) == rows.distinct().count("*").fetchone()
    return {dataset.name: counts[dataset.name] for dataset in DATASETS}


def rows_in_database() -> dict[str, int]:
    tables: dict[str, Any] = {"scans": Scan, "parcels": Parcel, "decisions": WriteOffLine, "outcomes": FoundEvidence}
    return {name: table.objects.count() for name, table in tables.items()}


def some_losses(anna) -> None:
    """One parcel that came after its write-off, one that its customer has, one that is lost."""
    for number, status in enumerate(["delivered", "", "in_transit"]):
        query = silent_parcel(anna, quiet_days=9, number=f"F-{number}")
        made = write_off(query=query.number, selection=all_of(query), by=anna, key=f"write-off-{number}", now=NOW)
        if status:
            a_scan(query.order.parcels.get(), days=0, status=status, now=NOW + timedelta(minutes=10))
        else:
            customer_says(query)
            report_came_back(write_off=made.number, parcel=parcel_of(made).code, by=anna, now=LATER)


# The same answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_silences_and_false_losses_are_the_same_from_the_files(anna, carla, tmp_path, seed):
    a_random_marketplace(Random(seed), [anna, carla])
    some_losses(anna)
    a_scan(a_parcel(an_order(anna.seller), shipped_days=5), days=-2)  # Two days ahead of us; it does not count.
    for member in (anna, carla):
        parcels = Parcel.objects.filter(seller_id=member.seller_id).values_list("id", flat=True)
        refresh_silences(seller_id=member.seller_id, parcel_ids=list(parcels))
    export(tmp_path)

    def keyed(counts):
        return {tuple(row.items()) for row in counts}

    live = counted_silences(until=LATER)
    assert len(live) > 5
    assert keyed(counted_silences_in_files(tmp_path, until=LATER)) == keyed(live)
    since = NOW - timedelta(days=30)
    assert [FalseLosses(*row) for row in false_losses_in_files(tmp_path, since=since)] == false_losses(since=since)


# Each row once ------------------------------------------------------------------------------------------------------


def test_only_what_changed_is_written_again(anna, tmp_path):
    some_losses(anna)
    assert export(tmp_path)
    assert rows_in(tmp_path) == rows_in_database()
    assert export(tmp_path) == []

    parcel = a_parcel(an_order(anna.seller))
    a_scan(parcel, days=1)
    written = export(tmp_path)
    assert {path.split("/")[0] for path in written} == {"parcels", "scans"}
    assert len(written) == 2
    assert rows_in(tmp_path) == rows_in_database()


@pytest.mark.parametrize("at", [0, 1, 2, 3, 4])
def test_an_export_that_breaks_off_is_finished_by_the_next(anna, tmp_path, monkeypatch, at):
    some_losses(anna)
    export(tmp_path, now=NOW - timedelta(days=1))
    a_scan(Parcel.objects.filter(seller_id=anna.seller_id)[0], days=0.01)
    renames, real = iter(range(10_000)), Path.rename

    def breaking(path: Path, to: Path) -> Path:
        if next(renames) == at:
            raise OSError(28, "No space left on device")
        return real(path, to)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", breaking)
        with pytest.raises(OSError, match="No space"):
            export(tmp_path)
    for file in read_manifest(tmp_path):
        assert (tmp_path / file.path).is_file()

    export(tmp_path)
    assert rows_in(tmp_path) == rows_in_database()
    listed = {tmp_path / file.path for file in read_manifest(tmp_path)}
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == {*listed, tmp_path / NAME, tmp_path / ".lock"}


def test_what_the_database_forgets_stays_in_the_files(anna, tmp_path):
    some_losses(anna)
    export(tmp_path)
    before = rows_in(tmp_path)
    kept = Scan.objects.values_list("parcel_id", flat=True)[0]
    Scan.objects.filter(seller_id=anna.seller_id).exclude(parcel_id=kept).delete()
    export(tmp_path)
    assert rows_in(tmp_path) == before


def test_months_that_ended_long_ago_are_written_once(anna, tmp_path, monkeypatch):
    some_losses(anna)
    export(tmp_path)
    long_after = NOW + SETTLED_AFTER + timedelta(days=40)
    export(tmp_path, now=long_after)
    looked_at: set[tuple[str, str]] = set()

    def looking(_folder: Path, dataset: Dataset, month: datetime, _now: datetime) -> list[object]:
        looked_at.add((dataset.name, f"{month:%Y-%m}"))
        return []

    monkeypatch.setattr(module, "_write", looking)
    export(tmp_path, now=long_after)
    assert looked_at
    assert not looked_at & {(file.dataset, file.month) for file in read_manifest(tmp_path)}


def test_two_exports_into_one_folder_do_not_meet(anna, tmp_path):
    with module._alone(tmp_path), pytest.raises(ExportRunning, match="wait until it is done"):
        export(tmp_path)


# Commands -----------------------------------------------------------------------------------------------------------


def test_an_operator_exports_and_reads_odds_from_the_files(anna, tmp_path, settings, capsys):
    some_losses(anna)
    with pytest.raises(CommandError, match="LOSTPOST_HISTORY"):
        call_command("export")
    with pytest.raises(CommandError, match="lostpost export"):
        call_command("odds", from_history=str(tmp_path / "none"))
    call_command("export", tmp_path)
    assert "rows in" in capsys.readouterr().out
    settings.HISTORY = tmp_path
    call_command("odds", from_history="", json=True)
    answer = json.loads(capsys.readouterr().out)
    assert answer["written_off"] == [{"carrier": "dpd", "name": "DPD", "policy_version": 0, "parcels": 3, "came": 2}]

    silent_parcel(anna, quiet_days=9, now=timezone.now(), number="N-1")
    export_each_night(0)
    assert {(count.silent_days, count.parcels) for count in SilenceCount.objects.all()} == {(1, 1), (9, 1)}


def test_a_list_that_is_no_list_is_refused(tmp_path):
    (tmp_path / NAME).write_text('{"files": 3}')
    with pytest.raises(Rejected, match="is no list"):
        export(tmp_path)
