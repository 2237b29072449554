"""Scans that arrive before their parcel: matched again later, and stored for a while only."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lostpost.jobs.upkeep import forget_unmatched, match_scans
from lostpost.orders.data import ScanData
from lostpost.orders.models import Parcel
from lostpost.tracking.models import Scan, UnmatchedScan
from lostpost.tracking.unmatched_scans import (
    RETENTION_DAYS,
    UnmatchedData,
    forget_unmatched_scans,
    keep_unmatched_scans,
    match_again,
)
from tests.cast import NOW, a_parcel, an_order

pytestmark = pytest.mark.django_db

AHEAD = ScanData("", NOW + timedelta(hours=1), "delivered")


def scan(hours=1.0, parcel=""):
    return ScanData(parcel, NOW - timedelta(hours=hours), "delivered")


def keep(*scans, now=NOW, **named):
    keep_unmatched_scans(scans=[UnmatchedData(each, **named) for each in scans], now=now)


@pytest.fixture
def parcel(lampenhuis):
    return a_parcel(an_order(lampenhuis), code="P-1", tracking_number="3S ABC")


@pytest.mark.parametrize("named", ["number", "parcel"])
def test_an_unmatched_scan_is_matched_later(lampenhuis, parcel, named):
    # Given a scan that was stored at the moment at which its parcel was
    if named == "number":
        keep(scan(), carrier="dpd", tracking_number="3SABC")
    else:
        keep(scan(parcel="P-1"), seller_id=lampenhuis.id)
    keep(scan(), carrier="dpd", tracking_number="3SOTHER")

    assert match_again(now=NOW) == 1

    assert Parcel.objects.get().delivered
    assert Scan.objects.count() == 1
    assert match_again(now=NOW) == 0
    assert UnmatchedScan.objects.count() == 2


def test_old_unmatched_scans_are_not_matched_again(lampenhuis, parcel):
    keep(scan(), carrier="dpd", tracking_number="3SABC", now=NOW - timedelta(days=2))
    assert match_again(now=NOW) == 0


def test_a_scan_from_the_future_does_not_count_because_its_parcel_came_later(lampenhuis):
    keep(AHEAD, carrier="dpd", tracking_number="3SABC")
    parcel = a_parcel(an_order(lampenhuis), tracking_number="3SABC", now=NOW + timedelta(hours=2))
    assert Scan.objects.get().from_future
    assert not Parcel.objects.get(id=parcel.id).delivered


def test_a_scan_from_before_the_order_of_a_parcel_does_not_count_for_it(lampenhuis):
    keep(scan(hours=24 * 400), carrier="dpd", tracking_number="3SABC")
    a_parcel(an_order(lampenhuis), tracking_number="3SABC")
    assert Scan.objects.get().before_order
    assert not Parcel.objects.get().delivered


def test_unmatched_scans_are_deleted_after_the_retention_time(lampenhuis):
    keep(scan(), carrier="dpd", tracking_number="3S1", now=NOW - timedelta(days=RETENTION_DAYS, seconds=1))
    keep(scan(), carrier="dpd", tracking_number="3S2", now=NOW - timedelta(days=RETENTION_DAYS))
    assert forget_unmatched_scans(now=NOW) == 1
    assert UnmatchedScan.objects.get().tracking_number_normalised == "3s2"


def test_the_oldest_of_too_many_unmatched_scans_are_deleted(lampenhuis):
    for days in (1, 3, 2):
        keep(scan(), carrier="dpd", tracking_number=f"3S{days}", now=NOW - timedelta(days=days))
    assert forget_unmatched_scans(now=NOW, most=2) == 1
    assert set(UnmatchedScan.objects.values_list("tracking_number_normalised", flat=True)) == {"3s1", "3s2"}


def test_the_jobs_run(lampenhuis):
    match_scans.func(timestamp=0)
    forget_unmatched.func(timestamp=0)
