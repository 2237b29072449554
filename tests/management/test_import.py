"""`lostpost import`: what the operator reads, and how it ends."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from lostpost.orders.models import Order, Parcel
from tests.imports.writing import ORDER, PARCEL, SCAN, write, write_sound

pytestmark = pytest.mark.django_db


def run(*words: object) -> tuple[int, str, str]:
    """Run the command; return its exit status and what it wrote."""
    out, err = StringIO(), StringIO()
    status = 0
    try:
        call_command("import_files", *map(str, words), stdout=out, stderr=err)
    except SystemExit as end:
        status = int(end.code or 0)
    return status, out.getvalue(), err.getvalue()


SUMMARY = """\
                   new     changed   unchanged    left out
sellers              {0}           0           {1}           0
orders               {0}           0           {1}           0
parcels              {0}           0           {1}           0
returns              {0}           0           {1}           0
scans                {0}           0           {1}           0
"""


def test_importing_ends_with_a_table_and_importing_again_finds_all_unchanged(tmp_path):
    write_sound(tmp_path)

    assert run(tmp_path) == (0, SUMMARY.format(1, 0), "")
    assert run(tmp_path) == (0, SUMMARY.format(0, 1), "")


def test_problems_are_printed_with_file_and_line_and_the_exit_status_is_1(tmp_path):
    write_sound(tmp_path, orders=[ORDER | {"order_number": "1008"}, ORDER | {"quantity": "0"}])

    status, out, err = run(tmp_path)

    assert status == 1
    lines = err.splitlines()
    assert [lines[0], lines[-1]] == [
        f"{tmp_path}/orders.csv:3: quantity is 0; it must be between 1 and 10000",
        "Left out: order 1007 of lampenhuis, and with it 1 parcel, 1 return, 1 scan",
    ]
    assert "orders               1           0           0           1" in out
    assert [order.number for order in Order.objects.all()] == ["1008"]


def test_a_file_that_cannot_be_read_stops_the_import(tmp_path):
    write_sound(tmp_path)
    write(tmp_path / "scans.csv", [SCAN | {"text": "Zürich"}], encoding="latin-1")

    status, out, err = run(tmp_path)

    assert (status, out) == (1, "")
    assert f"{tmp_path}/scans.csv:2: the byte 0xfc" in err
    assert "Nothing went in" in err
    assert not Order.objects.exists()


def test_a_dry_run_checks_and_puts_nothing_in(tmp_path):
    write_sound(tmp_path, orders=[ORDER | {"order_number": "1008"}, ORDER | {"quantity": "0"}])

    status, out, err = run(tmp_path, "--dry-run")

    assert status == 1
    assert out == "1 order may go in, 1 may not. Nothing was put in.\n"
    assert "orders.csv:3: quantity is 0" in err
    assert not Order.objects.exists()


def test_old_orders_can_be_moved_to_today(tmp_path):
    old = {"shipped_at": "2018-03-02T09:00:00+01:00"}
    write_sound(
        tmp_path,
        orders=[ORDER | {"placed_at": "2018-03-01T10:00:00+01:00"}],
        parcels=[PARCEL | old],
        scans=[SCAN | {"occurred_at": "2018-03-02T10:00:00+01:00"}],
    )

    status, out, _err = run(tmp_path, "--shift-to-now")

    assert status == 0
    assert out.startswith("Everything is moved by ")
    assert abs(timezone.now() - Parcel.objects.get().shipped_at) < timedelta(days=2)


def test_the_session_waits_for_the_disk_again_afterwards(tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        before = cursor.fetchone()
        run(write_sound(tmp_path))
        cursor.execute("SHOW synchronous_commit")

        assert cursor.fetchone() == before
