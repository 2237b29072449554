"""What each source signs and says: cases with the right outcome, and whatever else may arrive."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lostpost.connectors.tracking_sources.adapter import (
    DeliveryMalformed,
    SignedDelivery,
    SourceScan,
    UnreadableScan,
    json_object,
)
from lostpost.connectors.tracking_sources.take_delivery import SOURCES
from lostpost.connectors.tracking_sources.times import latest_reading
from lostpost.tracking.scan_codes import NO_SCAN
from tests.connectors.tracking_sources import bodies
from tests.connectors.tracking_sources.bodies import checkpoint, signed, written
from tests.searching import examples

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
N1 = b'{"n":1}'
SHIPPO = "f5b24fa97af32259cba08df0886601e551db4d55498c2a3971bb8032b6ff35ca"


def is_signed(source: str, headers: dict[str, str], body: bytes = N1, *, at: float = 0, token: str = "") -> bool:
    delivery = SignedDelivery(body, headers, token)
    return SOURCES[source].is_signed(delivery, "k1", datetime.fromtimestamp(at, UTC))


def scans(source: str, content: Any) -> list[SourceScan | UnreadableScan]:
    return list(SOURCES[source].delivered(json_object(written(content)), AMSTERDAM).scans)


def read(source: str, content: Any) -> SourceScan:
    (scan,) = dict.fromkeys(scans(source, content))
    assert isinstance(scan, SourceScan)
    return scan


def test_signatures_are_of_the_raw_bytes():
    aftership = {"aftership-hmac-sha256": "en4THJwWKqJL/tYCQfQWFGlVM0gRIxIeo4lPXTmHnqM="}
    track = {"sign": "1a66c84a2ed144ff4070442e1e141d051bc0bb90b2c4a17b58dd1bf1546177ec"}

    assert is_signed("aftership", aftership)
    assert is_signed("17track", track)
    for source, headers in (("aftership", aftership), ("17track", track)):
        assert not is_signed(source, headers, b'{"n": 1}')
        assert not is_signed(source, {})
    assert is_signed("easypost", signed("easypost", N1, "k1"))
    (header,) = signed("easypost", N1, "k1").values()
    assert header.startswith("hmac-sha256-hex=7a7e131c")
    assert not is_signed("easypost", {"X-Hmac-Signature": header.removeprefix("hmac-sha256-hex=")})


def test_shippo_is_signed_lately_or_has_its_token():
    headers = {"Shippo-Auth-Signature": f"t=1700000000,v1={SHIPPO}"}

    assert is_signed("shippo", headers, at=1_700_000_299)
    assert not is_signed("shippo", headers, at=1_700_000_301)
    assert not is_signed("shippo", headers, at=1_699_999_699)
    assert is_signed("shippo", {}, token="k1")
    assert not is_signed("shippo", {}, token="k2")
    assert not is_signed("shippo", {})
    assert not is_signed("shippo", {"Shippo-Auth-Signature": "t=1700000000,v1=0"}, token="k1")


def test_plain_json_is_signed_lately():
    adapter = SOURCES["json"]
    now = datetime.now(UTC)

    def lately(at: datetime, body: bytes = N1) -> bool:
        return adapter.is_signed(SignedDelivery(body, signed("json", N1, at=at), ""), bodies.SECRET, now)

    assert lately(now)
    assert not lately(now, b'{"n":2}')
    assert not lately(now - timedelta(minutes=6))


# Codes --------------------------------------------------------------------------------------------------------------

AT = "2026-03-01T10:00:00+01:00"
CODES = [
    ("aftership", "InfoReceived_001", "announced"),
    ("aftership", "InTransit_002", "with_carrier"),
    ("aftership", "InTransit_007", "in_transit"),
    ("aftership", "OutForDelivery_001", "in_transit"),
    ("aftership", "AttemptFail_002", "exception"),
    ("aftership", "AvailableForPickup_001", "at_pickup_point"),
    ("aftership", "Delivered_001", "delivered"),
    ("aftership", "Delivered_002", "picked_up"),
    ("aftership", "Delivered_005", "delivered_at_neighbours"),
    ("aftership", "Exception_010", "returning"),
    ("aftership", "Exception_011", "returned"),
    ("aftership", "Exception_017", "exception"),
    ("aftership", "Expired_001", NO_SCAN),
    ("aftership", "Pending_001", NO_SCAN),
    ("aftership", "Teleported_001", None),
    ("17track", "InfoReceived", "announced"),
    ("17track", "InTransit_PickedUp", "with_carrier"),
    ("17track", "InTransit_Departure", "in_transit"),
    ("17track", "DeliveryFailure_NoBody", "exception"),
    ("17track", "Exception_Lost", "exception"),
    ("17track", "Exception_Returning", "returning"),
    ("17track", "Exception_Returned", "returned"),
    ("17track", "AvailableForPickup_Other", "at_pickup_point"),
    ("17track", "Delivered_Other", "delivered"),
    ("17track", "NotFound_Other", NO_SCAN),
    ("17track", "", None),
    ("easypost", "pre_transit", "announced"),
    ("easypost", "in_transit", "in_transit"),
    ("easypost", "return_to_sender", "returning"),
    ("easypost", "available_for_pickup", "at_pickup_point"),
    ("easypost", "failure", "exception"),
    ("easypost", "unknown", NO_SCAN),
    ("easypost", "beamed", None),
    ("shippo", "PRE_TRANSIT", "announced"),
    ("shippo", "TRANSIT", "in_transit"),
    ("shippo", "RETURNED", "returning"),
    ("shippo", "UNKNOWN", NO_SCAN),
    ("shippo", "LOST", None),
]


@pytest.mark.parametrize(("source", "code", "status"), CODES)
def test_codes_have_our_statuses(source, code, status):
    content = {
        "aftership": bodies.aftership(checkpoint(AT, code)),
        "17track": bodies.seventeen_track({"time_iso": AT, "sub_status": code}),
        "easypost": bodies.easypost({"datetime": AT, "status": code}),
        "shippo": bodies.shippo({"status_date": AT, "status": code}),
    }[source]

    scan = read(source, content)

    assert (scan.status, scan.code, scan.tracking_number) == (status, code, bodies.NUMBER)
    assert scan.read.at.isoformat() == AT


def test_details_of_codes():
    handed_over = {"datetime": AT, "status": "in_transit", "status_detail": "received_at_origin_facility"}
    assert read("easypost", bodies.easypost(handed_over)).status == "with_carrier"

    def of_shippo(substatus: str, *, action_required: bool = False) -> str | None:
        more = {"code": substatus, "action_required": action_required}
        return read("shippo", bodies.shippo({"status_date": AT, "status": "TRANSIT", "substatus": more})).status

    assert of_shippo("package_accepted", action_required=False) == "with_carrier"
    assert of_shippo("pickup_available", action_required=True) == "at_pickup_point"
    assert of_shippo("address_issue", action_required=True) == "exception"
    assert of_shippo("package_departed") == "in_transit"


def test_17track_a_delivery_after_a_pickup_point_is_picked_up():
    def event(day: int, code: str) -> dict[str, str]:
        return {"time_iso": f"2026-03-0{day}T10:00:00+01:00", "sub_status": code}

    events = [event(3, "Delivered_Other"), event(2, "AvailableForPickup_Other"), event(1, "InTransit_Other")]
    statuses = [
        isinstance(scan, SourceScan) and scan.status for scan in scans("17track", bodies.seventeen_track(*events))
    ]
    assert statuses == ["picked_up", "at_pickup_point", "in_transit"]


def test_what_is_no_delivery_of_scans():
    assert not scans("shippo", bodies.shippo({"status_date": AT, "status": "DELIVERED"}, test=True))
    assert not scans("easypost", {"object": "Event", "result": {"object": "Batch"}})
    assert not scans("easypost", bodies.easypost({"datetime": AT, "status": "delivered"}) | {"mode": "test"})
    assert scans("json", {"scans": ["in_transit", None]}) == [UnreadableScan("It is no JSON object.")] * 2
    stopped = SOURCES["aftership"].delivered(bodies.aftership(tag="Expired"), AMSTERDAM)
    assert (stopped.scans, stopped.stopped_looking) == ([], True)
    # A time that cannot be read keeps the others in.
    assert scans("aftership", bodies.aftership(checkpoint("soon"), checkpoint(AT)))[0] == UnreadableScan(
        "checkpoint_time “soon”"
    )


# Times --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "written_as", "country", "at", "certainty"),
    [
        ("aftership", "2026-03-01T10:00:00+09:00", "NLD", "2026-03-01T10:00:00+09:00", ""),
        ("aftership", "2026-03-01T10:00:00", "NLD", "2026-03-01T10:00:00+01:00", "offset-assumed"),
        ("aftership", "2026-03-01T00:00:00", "NL", "2026-03-01T23:59:59+01:00", "day-only"),
        ("aftership", "2026-03-01", "", "2026-03-01T23:59:59+01:00", "day-only"),
        ("aftership", "2026-03-01T00:00:00-03:00", "", "2026-03-01T23:59:59-03:00", "day-only"),
        ("aftership", "2026-03-01T10:00:00", "PRT", "2026-03-01T10:00:00-01:00", "offset-assumed"),  # Azores.
        ("aftership", "2026-10-25T02:30:00", "NL", "2026-10-25T02:30:00+01:00", "offset-assumed"),  # Twice that night.
        ("easypost", "2026-03-01T10:00:00Z", "NL", "2026-03-01T10:00:00+00:00", "offset-assumed"),
        ("easypost", "2026-03-01T10:00:00Z", "BR", "2026-03-01T10:00:00-05:00", "offset-assumed"),
        ("shippo", "2016-07-23T00:00:00Z", "NL", "2016-07-23T23:59:59+00:00", "day-only"),
    ],
)
def test_times_are_read_as_late_as_they_can_be(source, written_as, country, at, certainty):
    content = {
        "aftership": lambda: bodies.aftership(checkpoint(written_as, country_iso3=country)),
        "easypost": lambda: bodies.easypost(
            {"datetime": written_as, "status": "in_transit", "tracking_location": {"country": country}}
        ),
        "shippo": lambda: bodies.shippo(
            {"status_date": written_as, "status": "TRANSIT", "location": {"country": country}}
        ),
    }[source]()

    moment = read(source, content).read

    assert (moment.at.isoformat(), moment.certainty) == (at, certainty)


def test_17track_the_day_alone_is_known_where_the_carrier_wrote_no_time():
    raw = {"date": "2026-03-01", "time": None, "timezone": "+02:00"}
    event = {"time_iso": "2026-03-01T12:00:00+02:00", "time_raw": raw, "sub_status": "InTransit_Other"}
    assert read("17track", bodies.seventeen_track(event)).read.at.isoformat() == "2026-03-01T23:59:59+02:00"
    raw["date"] = "01.03.2026"  # As the carrier wrote it.
    assert read("17track", bodies.seventeen_track(event)).read.at.isoformat() == "2026-03-01T23:59:59+01:00"


# Whatever arrives ---------------------------------------------------------------------------------------------------

TEXTS = st.one_of(st.text(max_size=80), st.sampled_from([AT, "", "2026-03-01", "Delivered", "TRANSIT", "\ud800", "\0"]))
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)
NAMES = st.sampled_from(
    [
        *("msg", "data", "result", "object", "event", "scans", "tracking_number", "number", "tracking_code"),
        *("checkpoints", "checkpoint_time", "subtag", "tag", "country_iso3", "track_info", "tracking", "providers"),
        *("provider", "events", "time_iso", "time_raw", "date", "time", "timezone", "sub_status", "address", "country"),
        *("tracking_details", "datetime", "status", "status_detail", "tracking_location", "tracking_history"),
        *("tracking_status", "status_date", "substatus", "code", "location", "city", "occurred_at", "text", "id"),
    ]
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)


@pytest.mark.parametrize("source", sorted(SOURCES))
@settings(max_examples=examples(30))
@given(content=st.dictionaries(NAMES, JSON, max_size=4), tracking=JSON)
def test_no_body_raises_anything_but_its_refusal(source, content, tracking):
    wrapped = [
        content,
        bodies.aftership(tracking_number="1") | {"msg": {"tracking_number": "1", "checkpoints": [tracking, content]}},
        {"data": {"number": 1, "track_info": {"tracking": {"providers": [{"events": [content, tracking]}]}}}},
        {"result": {"object": "Tracker", "tracking_code": "1", "tracking_details": [content, tracking]}},
        {"event": "track_updated", "data": {"tracking_number": "1", "tracking_history": [content, tracking]}},
        {"scans": [content, tracking]},
    ]
    for each in wrapped:
        try:
            delivered = SOURCES[source].delivered(each, AMSTERDAM)
        except DeliveryMalformed:
            continue
        for scan in delivered.scans:
            if isinstance(scan, SourceScan):
                assert scan.read.at.tzinfo is not None
                assert len(scan.text) <= 300
                assert len(scan.code) <= 64
                assert "\0" not in scan.text + scan.code + scan.location + scan.carrier


@settings(max_examples=examples(30))
@given(body=st.binary(max_size=60))
def test_no_bytes_raise_anything_but_a_refusal(body):
    with suppress(DeliveryMalformed):
        assert isinstance(json_object(body), dict)
    with pytest.raises(DeliveryMalformed):
        json_object(b"[" * 100_000)


@pytest.mark.parametrize("source", sorted(SOURCES))
@settings(max_examples=examples(15))
@given(header=st.text(max_size=80), token=st.text(max_size=20), body=st.binary(max_size=20))
def test_no_header_is_taken_for_a_signature(source, header, token, body):
    headers = dict.fromkeys(
        [
            *("aftership-hmac-sha256", "sign", "X-Hmac-Signature", "Shippo-Auth-Signature"),
            *("webhook-id", "webhook-timestamp", "webhook-signature"),
        ],
        header,
    )
    delivery = SignedDelivery(body, headers, token)
    assert not SOURCES[source].is_signed(delivery, "another secret", datetime.now(UTC))


@settings(max_examples=examples(30))
@given(text=st.one_of(st.text(max_size=30), st.datetimes().map(str)), country=st.text(max_size=3))
def test_no_time_raises(text, country):
    moment = latest_reading(text, country=country, zone=AMSTERDAM)
    assert moment is None or moment.at.astimezone(UTC).year < 9001
