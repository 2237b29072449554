"""The addresses at which providers of Track & Trace deliver scans."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lostpost.orders.models import Parcel
from lostpost.tracking.models import Scan, TrackingSource, UnmappedScan, UnmatchedScan
from lostpost.tracking.put_tracking_source import put_tracking_source, remove_tracking_source
from lostpost.tracking.scan_codes import MappedCodes, codes_to_map, forget_unmapped_scans, map_scan_code
from lostpost.tracking.take_kept_scans import KeptScansOutcome, take_kept_scans
from tests.api.machine import problem
from tests.cast import a_parcel, an_order, row_counts
from tests.connectors.tracking_sources import bodies
from tests.connectors.tracking_sources.bodies import NUMBER, SECRET, checkpoint, signed, written

pytestmark = pytest.mark.django_db
SOURCES = ("aftership", "17track", "easypost", "shippo", "json")


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def parcel(lampenhuis, now):
    for source in SOURCES:
        connect(lampenhuis, source)
    order = an_order(lampenhuis, now=now)
    return a_parcel(order, code="P-1", carrier="PostNL", tracking_number="3S ABC", now=now)


def connect(seller: Any, source: str, secret: str = SECRET) -> tuple[TrackingSource, bool]:
    return put_tracking_source(seller_id=seller.id, source=source, secret=secret, by="Pia", now=timezone.now())


@pytest.fixture
def deliver(client, parcel):
    """Send what a source would; return the answer."""

    def send(content: Any, source: str = "aftership", *, shop: str = "lampenhuis", secret: str = SECRET, **more: Any):
        body = content if isinstance(content, bytes) else written(content)
        headers = more.pop("headers", None) or signed(source, body, secret)
        address = f"/api/tracking/{shop}/{source}{more.pop('query', '')}"
        return client.post(address, body, content_type="application/json", headers=headers)

    return send


def ago(now: Any, **span: float) -> str:
    return str((now - timedelta(**span)).isoformat())


def counts(answer: Any) -> tuple[int, ...]:
    assert answer.status_code == 200, answer.content
    content = answer.json()
    return tuple(
        content[name] for name in ("accepted", "duplicates", "waiting", "unmapped", "ignored", "rejected_count")
    )


def test_each_source_is_taken_in_once(deliver, now):
    at = ago(now, days=2)
    contents = {
        "aftership": bodies.aftership(checkpoint(at)),
        "17track": bodies.seventeen_track({"time_iso": at, "sub_status": "InTransit_Other", "description": "17"}),
        "easypost": bodies.easypost({"datetime": at, "status": "in_transit", "message": "EasyPost"}),
        "shippo": bodies.shippo({"status_date": at, "status": "TRANSIT", "status_details": "Shippo"}),
        "json": bodies.plain({"occurred_at": at, "status": "in_transit", "text": "Own", "carrier": "dhl"}),
    }
    for place, (source, content) in enumerate(contents.items(), 1):
        assert counts(deliver(content, source)) == (1, source == "shippo", 0, 0, 0, 0)
        assert counts(deliver(content, source))[0] == 0
        assert Scan.objects.count() == place
    assert Parcel.objects.get().last_status == "in_transit"
    assert {row.scans for row in TrackingSource.objects.all()} == {1}


def test_an_old_snapshot_takes_nothing_back(deliver, now):
    """Webhooks are sent again up to three days late; a corrected checkpoint comes as one more."""
    first, second = checkpoint(ago(now, days=4)), checkpoint(ago(now, days=2))
    deliver(bodies.aftership(second, first))

    assert counts(deliver(bodies.aftership(first)))[:2] == (0, 1)
    assert counts(deliver(bodies.aftership(first, {**second, "city": "Utrecht"})))[:2] == (1, 1)

    assert Scan.objects.count() == 3
    assert Parcel.objects.get().last_scanned_at == now - timedelta(days=2)


def test_the_carriers_own_offset_is_kept(deliver, now):
    at = (now - timedelta(days=2)).replace(tzinfo=None).isoformat()
    deliver(bodies.aftership(checkpoint(at + "-03:00"), checkpoint(at, country_iso3="NLD")))

    offsets = Scan.objects.order_by("time_certainty").values_list("utc_offset_minutes", "time_certainty")
    assert list(offsets) == [(-180, ""), (None, "offset-assumed")]


def test_the_day_of_today_counts_at_once_and_once(deliver, now):
    """Its latest reading is the end of the day, which is still to come."""
    today = checkpoint(now.date().isoformat(), country_iso3="GBR")
    assert counts(deliver(bodies.aftership(today)))[0] == 1
    assert counts(deliver(bodies.aftership(today)))[:2] == (0, 1)
    assert (at := Parcel.objects.get().last_scanned_at)
    assert at.date() == now.date()
    assert not Scan.objects.get().from_future


@pytest.mark.parametrize(
    "bodies_of", [lambda day, end: [[day, end]], lambda day, end: [[day], [end]], lambda day, end: [[end], [day]]]
)
def test_a_day_without_a_time_does_not_undo_its_delivery(deliver, now, bodies_of):
    """Its latest reading, the end of the day, is after the delivery; and money must not leave for what has come."""
    of_day = checkpoint((now - timedelta(days=4)).date().isoformat(), country_iso3="GBR")
    noon = (now - timedelta(days=4)).replace(hour=12, minute=0, second=0)
    for checkpoints in bodies_of(of_day, checkpoint(noon.isoformat(), "Delivered_001")):
        deliver(bodies.aftership(*checkpoints))

    parcel = Parcel.objects.get()
    assert (parcel.last_status, parcel.delivered, parcel.last_scanned_at) == ("delivered", True, noon)
    deliver(bodies.aftership(checkpoint(ago(now, days=2))))
    assert Parcel.objects.get().last_status == "in_transit"


def test_what_says_nothing_is_no_scan(deliver):
    expired = checkpoint("2026-11-01T10:00:00Z", "Expired_001")
    assert counts(deliver(bodies.aftership(expired, tag="Expired"))) == (0, 0, 0, 0, 1, 0)
    row = TrackingSource.objects.get(source="aftership")
    assert (row.stopped_looking, row.scans, row.deliveries) == (1, 0, 1)


# Whose parcels ------------------------------------------------------------------------------------------------------


def test_a_shops_source_speaks_of_its_own_parcels_alone(deliver, carla, now):
    content = bodies.aftership(checkpoint(ago(now, days=2), "Delivered_001"))
    connect(carla.seller, "aftership", "the secret of Carla")

    assert counts(deliver(content, shop=carla.seller.code, secret="the secret of Carla"))[:3] == (1, 0, 1)
    assert not Scan.objects.exists()
    # Nor when a parcel of somebody else comes with that number.
    other = a_parcel(an_order(parcel_seller := Parcel.objects.get().seller, number="77", now=now), code="P-2", now=now)
    assert parcel_seller.code == "lampenhuis"
    assert not other.last_status
    a_parcel(an_order(parcel_seller, number="78", now=now), code="P-3", tracking_number=NUMBER, now=now)
    assert not Scan.objects.exists()

    mine = a_parcel(an_order(carla.seller, number="5", now=now), code="C-1", tracking_number=NUMBER, now=now)
    assert mine.last_status == "delivered"
    assert UnmatchedScan.objects.count() == 1


def test_ten_thousand_events_of_one_parcel(deliver, now):
    newest = now if now.second else now - timedelta(seconds=1)  # Midnight itself is read as a day without a time.
    events = [checkpoint((newest - timedelta(minutes=n)).isoformat()) for n in range(10_000)]

    assert counts(deliver(bodies.aftership(*events)))[0] == 10_000
    assert Parcel.objects.get().last_scanned_at == newest


# Refusals -----------------------------------------------------------------------------------------------------------


def test_nothing_unsigned_leaves_a_row(deliver, now):
    content = bodies.aftership(checkpoint(ago(now, days=2)))
    before = row_counts()
    for answer in (
        deliver(content, secret="another secret"),
        deliver(content, headers={"sign": "x"}),
        deliver(written(content) + b" ", headers=signed("aftership", written(content))),
        deliver(content, "shippo", query="?token=wrong", headers={"sign": "x"}),
    ):
        problem(answer, 401, "not-signed")
    assert row_counts() == before
    row = TrackingSource.objects.get(source="aftership")
    assert (row.refused, row.problem) == (1, "not-signed")  # Noted once a minute.

    deliver(content)
    assert TrackingSource.objects.get(source="aftership").problem == ""


def test_what_is_no_delivery_is_refused_by_name(deliver, now):
    before = row_counts()
    for body in (b"{", b"[" * 100_000, b"{}", b'{"scans": {}}'):
        problem(deliver(body, "json"), 400, "malformed-body")
    problem(deliver(bodies.plain(*[{}] * 20_001), "json"), 413, "body-too-large")
    problem(deliver(b'{"a": "' + b"x" * 9_000_000 + b'"}'), 413, "body-too-large")
    for shop, source in (("lampenhuis", "nobody"), ("no-such-shop", "aftership"), ("carla", "aftership")):
        problem(deliver(b"{}", source, shop=shop, headers={"sign": "x"}), 404, "not-found")
    assert row_counts() == before


def test_a_provider_is_not_asked_to_repeat_what_never_heals(deliver):
    """It would for days, and some stop sending altogether after many refusals; the desk sees it."""
    for content in (b"{", {"event": "tracking_update"}, bodies.aftership(*[checkpoint("x")] * 20_001)):
        answer = deliver(content)
        assert counts(answer) == (0, 0, 0, 0, 0, 0)
        assert answer.json()["refused"]["code"] in ("malformed-body", "body-too-large")
    assert TrackingSource.objects.get(source="aftership").problem == "malformed-body"


def test_a_source_that_delivers_too_many_is_asked_to_wait(deliver, settings, now):
    settings.TRACKING_DELIVERIES_PER_MINUTE = 2
    content = bodies.aftership(checkpoint(ago(now, days=2)))
    for _n in range(5):  # What anybody can send does not count.
        problem(deliver(content, secret="another secret"), 401, "not-signed")
    answers = [deliver(content) for _n in range(5)]  # The minute may turn once meanwhile.
    assert answers[0].status_code == 200
    refused = [answer for answer in answers if answer.status_code != 200]
    for answer in refused:
        problem(answer, 429, "too-many-requests")
        assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert refused
    assert deliver(bodies.shippo({"status_date": ago(now, days=2), "status": "TRANSIT"}), "shippo").status_code == 200


def test_one_wrong_scan_keeps_no_other_out(deliver, now):
    answer = deliver(
        bodies.plain(
            {"occurred_at": "soon", "status": "delivered"},
            {"occurred_at": ago(now, days=2), "status": "flying"},
            {"occurred_at": ago(now, days=2), "status": "in_transit"},
            {"occurred_at": "1999-01-01T00:00:00Z", "status": "in_transit"},
            {"occurred_at": "9999-12-31T23:59:59-12:00", "code": "X1"},
            {"occurred_at": "0001-01-01T00:00:00+14:00", "code": "X1"},
        ),
        "json",
    )
    assert counts(answer) == (1, 0, 0, 0, 0, 5)
    assert [each["index"] for each in answer.json()["rejected"]] == [0, 1, 3, 4, 5]
    assert not UnmappedScan.objects.exists()


# Secrets ------------------------------------------------------------------------------------------------------------


def test_a_former_secret_counts_for_a_day(deliver, lampenhuis, now, monkeypatch):
    content = bodies.aftership(checkpoint(ago(now, days=2)))
    assert connect(lampenhuis, "aftership", "the next secret")[1] is False
    assert connect(lampenhuis, "aftership", "the next secret")[0].secrets[1]["until"]

    assert counts(deliver(content))[0] == 1
    assert counts(deliver(content, secret="the next secret"))[1] == 1
    monkeypatch.setattr("lostpost.api.tracking_webhooks.routes.timezone.now", lambda: now + timedelta(days=1, hours=1))
    problem(deliver(content), 401, "not-signed")
    assert deliver(content, secret="the next secret").status_code == 200

    remove_tracking_source(seller_id=lampenhuis.id, source="aftership")
    problem(deliver(content, secret="the next secret"), 404, "not-found")


def test_no_log_has_the_token_of_an_address(deliver, now, caplog):
    content = bodies.shippo({"status_date": ago(now, days=2), "status": "TRANSIT"})
    answer = deliver(content, "shippo", query=f"?token={SECRET}", headers={"X-Nothing": "x"})
    assert counts(answer)[0] == 1
    assert caplog.records
    assert SECRET not in caplog.text


# Codes that nobody knows --------------------------------------------------------------------------------------------


def test_unknown_codes_are_kept_until_they_are_mapped(deliver, parcel, now):
    # Given a code that AfterShip did not have when this was written
    content = bodies.aftership(checkpoint(ago(now, days=2), "Teleported_001"))
    assert counts(deliver(content)) == (0, 0, 0, 1, 0, 0)
    assert counts(deliver(content)) == (0, 0, 0, 1, 0, 0)
    (waiting,) = codes_to_map()
    assert (waiting.code, waiting.scans, waiting.shops, waiting.text) == ("Teleported_001", 1, 1, "Sorted")
    assert not Parcel.objects.get().last_status

    # When the operator says what it means
    about = {"source": "aftership", "code": "Teleported_001"}
    map_scan_code(**about, carrier="", status="at_pickup_point", by="Pia", now=now)
    assert take_kept_scans(**about, now=now) == KeptScansOutcome(taken_in=1)

    # Then what was kept counts, and what comes
    assert Parcel.objects.get().last_status == "at_pickup_point"
    assert not codes_to_map()
    assert counts(deliver(content)) == (0, 1, 0, 0, 0, 0)
    assert take_kept_scans(**about, now=now) == KeptScansOutcome()


def test_a_code_may_mean_something_else_at_one_carrier(deliver, parcel, now):
    code = checkpoint(ago(now, days=2), "Teleported_001")
    deliver(bodies.aftership(code))
    deliver(bodies.aftership({**code, "slug": "dpd"}))
    about = {"source": "aftership", "code": "Teleported_001"}

    map_scan_code(**about, carrier="dpd", status="", by="Pia", now=now)
    assert take_kept_scans(**about, now=now) == KeptScansOutcome()
    assert [each.carrier for each in codes_to_map()] == ["postnl"]
    map_scan_code(**about, carrier="", status="delivered", by="Pia", now=now)
    assert MappedCodes("aftership").status("DPD", "Teleported_001") == ""
    assert take_kept_scans(**about, now=now) == KeptScansOutcome(taken_in=1)
    assert Parcel.objects.get().delivered


def test_a_shop_has_so_many_unknown_codes_at_most(deliver, now, monkeypatch):
    monkeypatch.setattr("lostpost.tracking.scan_codes.KEPT_MOST", 3)
    content = bodies.aftership(*(checkpoint(ago(now, days=2), f"Nonsense_{n}") for n in range(5)))
    assert counts(deliver(content)) == (0, 0, 0, 3, 0, 2)
    assert UnmappedScan.objects.count() == 3


def test_scans_that_nobody_maps_end(deliver, now):
    deliver(bodies.aftership(checkpoint(ago(now, days=2), "Teleported_001")))
    assert forget_unmapped_scans(now=now + timedelta(days=59)) == 0
    assert forget_unmapped_scans(now=now + timedelta(days=61)) == 1
    assert not UnmappedScan.objects.exists()
