"""Scans lie in tables by month, which are made with their first scan; many cost a few statements."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from lostpost.orders.data import ScanData
from lostpost.orders.models import Parcel
from lostpost.tracking import scan_months
from lostpost.tracking.put_scans import put_scans
from tests.cast import NOW, a_parcel, an_order

pytestmark = pytest.mark.django_db

SORTED = ScanData("P-1", NOW - timedelta(days=5), "in_transit", "S1", "Sorted", "Utrecht", "id-1")


@pytest.fixture
def parcel(lampenhuis) -> Parcel:
    return a_parcel(an_order(lampenhuis), code="P-1", shipped_days=9)


def months_there() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'lostpost_scan'::regclass")
        return {name.removeprefix("lostpost_scan_") for (name,) in cursor.fetchall()}


def test_a_month_gets_its_partition_with_its_first_scan(lampenhuis, parcel, monkeypatch):
    monkeypatch.setattr(scan_months, "_known", set())
    instants = ["2019-02-28T23:59:59.999999+00:00", "2019-03-01T00:00:00+00:00", "2019-05-01T01:00:00+02:00"]

    outcome = put_scans(
        seller=lampenhuis,
        scans=[replace(SORTED, scanned_at=datetime.fromisoformat(at), id=at) for at in instants],
        now=NOW,
    )

    assert outcome.accepted == 3
    assert {"2019_02", "2019_03", "2019_04"} <= months_there()
    assert "2019_05" not in months_there()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM lostpost_scan_2019_04")
        assert cursor.fetchone() == (1,)


def test_a_wrong_scan_makes_no_month(lampenhuis, parcel, monkeypatch):
    monkeypatch.setattr(scan_months, "_known", set())
    put_scans(seller=lampenhuis, scans=[replace(SORTED, scanned_at=NOW.replace(year=1998))], now=NOW)

    assert not {month for month in months_there() if month.startswith("1998")}


def test_many_scans_cost_a_few_statements(lampenhuis, parcel, monkeypatch, django_assert_max_num_queries):
    scan_months.ensure_months({date(2026, 3, 1)})
    monkeypatch.setattr(scan_months, "_known", {date(2026, 3, 1)})
    batch = [replace(SORTED, scanned_at=SORTED.scanned_at + timedelta(seconds=n), id=f"i-{n}") for n in range(1000)]
    put_scans(seller=lampenhuis, scans=batch[:1], now=NOW)

    with django_assert_max_num_queries(5):
        assert put_scans(seller=lampenhuis, scans=batch, now=NOW).accepted == 999
    with django_assert_max_num_queries(5):
        assert put_scans(seller=lampenhuis, scans=batch, now=NOW).duplicates == 1000
