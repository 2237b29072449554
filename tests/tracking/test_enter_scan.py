"""A member types a scan in: it counts, says who it was from, and undoes no delivery."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lostpost.core.errors import NotFound, Rejected
from lostpost.eligibility.facts import FINAL, ScanFact, ScanStatus, newest
from lostpost.orders.data import ScanData
from lostpost.orders.models import Parcel
from lostpost.tracking.enter_scan import ENTERED_STATUSES, JourneyEnded, ScanAhead, StatusNotByHand, enter_scan
from lostpost.tracking.models import EnteredScan, Scan
from lostpost.tracking.put_scans import put_scans
from tests.cast import NOW, a_parcel, an_order, annas_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return annas_shop()


@pytest.fixture
def parcel(anna) -> Parcel:
    return a_parcel(an_order(anna.seller), code="P-1", shipped_days=9)


def said(days: float, status: str, **more) -> ScanData:
    return ScanData("P-1", NOW - timedelta(days=days), status, **more)


def test_a_typed_scan_counts_and_says_who_typed_it(anna, parcel):
    scan = said(1, "exception", text="The label came off")
    for _again in range(2):
        enter_scan(seller=anna.seller, scan=scan, by=anna, now=NOW)

    assert Parcel.objects.get().last_text == "The label came off"
    entered = EnteredScan.objects.get()
    stored = Scan.objects.get()
    assert (entered.by_name, entered.entered_at) == (anna.name, NOW)
    assert (entered.scanned_at, entered.fingerprint) == (stored.scanned_at, stored.fingerprint)


@pytest.mark.parametrize(
    ("scan", "refusal"),
    [
        (said(1, "in_transit"), StatusNotByHand),
        (said(1, ""), StatusNotByHand),
        (said(-1, "delivered"), ScanAhead),
        (said(1, "delivered", text="x" * 301), Rejected),
    ],
)
def test_what_nobody_may_type_leaves_nothing(anna, parcel, scan, refusal):
    with pytest.raises(refusal):
        enter_scan(seller=anna.seller, scan=scan, by=anna, now=NOW)
    assert (Scan.objects.count(), EnteredScan.objects.count()) == (0, 0)


def test_a_parcel_that_was_taken_away_meanwhile_is_not_found(anna):
    with pytest.raises(NotFound):
        enter_scan(seller=anna.seller, scan=said(1, "delivered"), by=anna, now=NOW)


def test_nothing_is_typed_about_a_journey_that_has_ended(anna, parcel):
    put_scans(seller=anna.seller, scans=[said(2, "delivered")], now=NOW)
    with pytest.raises(JourneyEnded):
        enter_scan(seller=anna.seller, scan=said(1, "returned"), by=anna, now=NOW)
    assert Parcel.objects.get().delivered


def test_no_status_that_can_be_typed_hides_a_delivery_that_comes_late():
    delivered = ScanFact(NOW - timedelta(days=2), ScanStatus.DELIVERED)
    for status in ENTERED_STATUSES:
        typed = ScanFact(NOW - timedelta(days=1), status)
        chosen = newest([delivered, typed], NOW, placed_at=NOW - timedelta(days=9))
        assert chosen
        assert chosen.status in FINAL
