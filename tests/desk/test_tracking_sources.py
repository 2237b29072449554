"""The desk sees how sources of Track & Trace fare, and says what codes mean that nobody has mapped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lostpost.orders.data import ScanData
from lostpost.tracking import match_scans
from lostpost.tracking.models import Scan, ScanCode, TrackingSource, UnmappedScan
from lostpost.tracking.put_numbered_scans import ScanOfNumber
from lostpost.tracking.put_tracking_source import put_tracking_source
from lostpost.tracking.scan_codes import UnmappedData, keep_unmapped_scans
from tests.cast import a_parcel, an_order, user_of
from tests.portal.pages import Read

pytestmark = pytest.mark.django_db
PAGE = "/desk/tracking-sources/"


@pytest.fixture
def desk(client, pia):
    client.force_login(user_of(pia))
    return client


@pytest.fixture
def kept(lampenhuis) -> None:
    """Keep two scans with a code of PostNL's, and one with the same code of DPD's."""
    now = timezone.now()
    put_tracking_source(seller_id=lampenhuis.id, source="aftership", secret="a-secret-of-theirs", by="Pia", now=now)
    for carrier, number in (("PostNL", "3S ONE"), ("PostNL", "3S TWO"), ("DPD", "0505")):
        a_parcel(an_order(lampenhuis, now=now), carrier=carrier, tracking_number=number, now=now)
        data = ScanData(
            parcel="",
            scanned_at=now - timedelta(hours=5),
            status="",
            code="Zone-9",
            text="Sorted <b>",
            location="",
            id="",
        )
        scans = [UnmappedData(ScanOfNumber(number, data), carrier)]
        keep_unmapped_scans(seller_id=lampenhuis.id, source="aftership", scans=scans, now=now)


def page_of(desk: Any) -> Read:
    return Read(desk.get(PAGE))


def send(desk: Any, carrier: str, **values: Any) -> Read:
    (form,) = [form for form in page_of(desk).forms if form.filled().get("carrier") == [carrier]]
    return Read(desk.post(PAGE, form.filled(**values), follow=True))


def test_a_code_is_given_its_meaning_for_one_carrier_and_what_was_kept_is_taken_in(desk, kept):
    page = page_of(desk)
    assert "Zone-9" in page.text
    assert "2 scans" in page.text
    assert "Sorted <b>" in page.text

    page = send(desk, "postnl", status="in_transit")

    assert "2 kept scans were taken in." in page.text
    assert Scan.objects.filter(status="in_transit", code="Zone-9").count() == 2
    assert [scan.carrier for scan in UnmappedScan.objects.all()] == ["DPD"]
    mapped = ScanCode.objects.get()
    assert (mapped.carrier_normalised, mapped.status, mapped.mapped_by) == ("postnl", "in_transit", "Pia")
    page = send(desk, "dpd", **{"status": "no-scan", "for": []})
    assert "Every code has a meaning" in page.text
    assert (Scan.objects.count(), UnmappedScan.objects.count()) == (2, 0)


def test_what_cannot_be_taken_in_stays_and_is_said(desk, kept, monkeypatch):
    monkeypatch.setattr(match_scans, "MOST_SHARING", 0)

    page = send(desk, "postnl", status="delivered")

    assert "0 kept scans were taken in." in page.text
    assert "2 could not be taken in." in page.text
    assert "It means “Delivered”, but these scans could not be taken in" in page.text
    assert (Scan.objects.count(), UnmappedScan.objects.count()) == (0, 3)

    monkeypatch.undo()
    page = send(desk, "postnl", status="delivered")
    assert "2 kept scans were taken in." in page.text
    assert "could not be taken in" not in page.text


def test_without_a_meaning_nothing_changes(desk, kept):
    for status, said in (("", 422), ("lost", 422)):
        answer = desk.post(PAGE, {"source": "aftership", "code": "Zone-9", "carrier": "", "status": status})
        assert (answer.status_code, "Choose what the code means." in answer.content.decode()) == (said, True)
    gone = Read(desk.post(PAGE, {"source": "aftership", "code": "Zone-8", "status": "delivered"}, follow=True))
    assert "Somebody has said already what this code means." in gone.text
    assert not ScanCode.objects.exists()
    assert UnmappedScan.objects.count() == 3


def test_it_says_which_source_does_not_deliver_and_what_to_do(desk, kept):
    assert "Nothing was delivered yet." in page_of(desk).text
    TrackingSource.objects.update(problem="not-signed", refused=2)

    page = page_of(desk)

    assert "Compare the secret with the one at the source." in page.text
    assert "2 deliveries refused" in page.text


def test_it_is_the_desks_alone(client, bram):
    client.force_login(user_of(bram))
    assert client.get(PAGE).status_code in (403, 404)
