"""`lostpost connect`: sources of Track & Trace."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from lostpost.orders.data import ScanData
from lostpost.orders.models import Parcel
from lostpost.tracking.models import TrackingSource
from lostpost.tracking.put_numbered_scans import ScanOfNumber
from lostpost.tracking.put_tracking_source import live_source_secrets, note_refused_delivery
from lostpost.tracking.scan_codes import UnmappedData, keep_unmapped_scans
from tests.cast import a_parcel, an_order

pytestmark = pytest.mark.django_db


def run(*words):
    out = StringIO()
    call_command("connect", *words, stdout=out)
    return out.getvalue()


def test_a_source_is_connected_changed_and_removed(lampenhuis, settings, tmp_path):
    connection = json.loads(run("easypost", "--seller", "lampenhuis"))
    assert connection["address"] == f"{settings.LOSTPOST_URL}/api/tracking/lampenhuis/easypost"
    theirs = tmp_path / "secret"
    theirs.write_text("a secret of theirs\n")
    run("easypost", "--seller", "lampenhuis", "--secret-file", str(theirs))

    row = TrackingSource.objects.get()
    assert live_source_secrets(row, timezone.now()) == ["a secret of theirs", connection["secret"]]
    assert connection["secret"] not in str(row.secrets)
    call_command("reseal", stdout=StringIO())
    assert TrackingSource.objects.get().secrets != row.secrets

    run("easypost", "--seller", "lampenhuis", "--remove")
    assert not TrackingSource.objects.exists()


def test_where_a_token_stands_in_the_address_it_is_written_so_that_it_arrives(lampenhuis, monkeypatch):
    """A plus sign in an address is a blank."""
    made = "lostpost.connectors.tracking_sources.connect_source.new_source_secret"
    monkeypatch.setattr(made, lambda: "whsec_a+b/c==")
    connection = json.loads(run("shippo", "--seller", "lampenhuis"))
    assert connection["address"].endswith("/api/tracking/lampenhuis/shippo?token=whsec_a%2Bb%2Fc%3D%3D")


def test_check_says_what_is_wrong(lampenhuis):
    with pytest.raises(CommandError, match="No shop is connected"):
        run("json", "--check")
    run("json", "--seller", "lampenhuis")
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("connect", "json", "--check", stdout=out)
    assert "lampenhuis\twaiting\tlast success never" in out.getvalue()

    row = TrackingSource.objects.get()
    TrackingSource.objects.update(delivered_at=timezone.now())
    assert "\tworking\t" in run("json", "--check", "--seller", "lampenhuis")
    note_refused_delivery(row=row, code="not-signed", now=timezone.now())
    with pytest.raises(SystemExit):
        call_command("connect", "json", "--check", stdout=out)
    assert "Compare the secret with the one at the source" in out.getvalue()


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (["aftership", "--seller", "lampenhuis"], "AfterShip makes the secret itself"),
        (["json", "--seller", "nobody"], "There is no shop nobody"),
        (["json"], "Name the shop"),
        (["json", "--seller", "lampenhuis", "--remove"], "not connected"),
        (["json", "--seller", "lampenhuis", "--secret-file", "FILE"], "is made here"),
        (["easypost", "--seller", "lampenhuis", "--secret-file", "SHORT"], "8 to 200 characters"),
        (["easypost", "--seller", "lampenhuis", "--secret-file", "NONE"], "cannot be read"),
    ],
)
def test_what_is_wrong_changes_nothing(lampenhuis, tmp_path, words, refusal):
    (tmp_path / "FILE").write_text("some secret of ours")
    (tmp_path / "SHORT").write_text("abc")
    at = [str(tmp_path / word) if word in ("FILE", "SHORT", "NONE") else word for word in words]
    with pytest.raises(CommandError, match=refusal):
        run(*at)
    assert not TrackingSource.objects.exists()


def test_codes_that_nobody_knows_are_listed_and_mapped(lampenhuis):
    now = timezone.now().replace(microsecond=0)
    a_parcel(an_order(lampenhuis, now=now), code="P-1", tracking_number="3SABC", now=now)
    scan = ScanData("", now - timedelta(days=2), "", code="TELEPORTED", text="Beamed to Utrecht")
    kept = [UnmappedData(ScanOfNumber("3SABC", scan), "PostNL")]
    keep_unmapped_scans(seller_id=lampenhuis.id, source="json", scans=kept, now=now)

    assert "TELEPORTED\tpostnl\t1 scans\t1 shops" in run("json", "--codes")
    with pytest.raises(CommandError, match="STATUS is empty"):
        run("json", "--map", "TELEPORTED=somewhere")
    assert "1 kept scans were taken in" in run("json", "--map", "TELEPORTED=at_pickup_point", "--carrier", "PostNL")
    assert run("json", "--codes") == ""
    assert Parcel.objects.get().last_status == "at_pickup_point"
