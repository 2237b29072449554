"""Each carrier's answers, in their own form: what they say in our vocabulary, and as late as it can have been."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lostpost.connectors.carriers import client
from lostpost.connectors.carriers.carriers import CARRIERS
from lostpost.connectors.carriers.client import CarrierQuestion
from lostpost.connectors.remote_apis.problems import AnswerUnusable
from lostpost.connectors.remote_apis.session import RemoteSession
from lostpost.connectors.tracking_sources.adapter import SourceScan, UnreadableScan

pytestmark = pytest.mark.django_db


def asked(account, number, carrier=""):
    asking = CARRIERS[account.connector]
    session = RemoteSession(account, url=asking.url, seconds=10)
    return asking.track(session, CarrierQuestion(number, carrier))


def statuses(answer):
    return [each.status for each in answer.scans if isinstance(each, SourceScan)]


# DHL -----------------------------------------------------------------------------------------------------------------


def dhl_event(code, text, at="2026-03-02T14:05:00", country="NL", **more):
    place = {"address": {"countryCode": country, "addressLocality": "Utrecht"}}
    return {"timestamp": at, "statusCode": code, "status": "X", "description": text, "location": place, **more}


def dhl_answer(*events, number="JVGL06", service="parcel-nl"):
    return {"shipments": [{"id": number, "service": service, "status": events[0], "events": list(events)}]}


def test_dhl_is_read_event_by_event(carrier, account_of):
    carrier.says(
        200,
        dhl_answer(
            dhl_event("transit", "Ready for pick-up at the ServicePoint"),
            dhl_event("transit", "The shipment is being returned to the sender"),
            dhl_event("failure", "Nobody was at home"),
            dhl_event("transit", "Sorted", at="2026-07-01T10:00:00Z"),
            dhl_event("pre-transit", "Announced", at="2026-03-01T00:00:00"),
            dhl_event("unknown", "Held"),
            dhl_event("transit", "Sorted", at="yesterday"),
        ),
    )

    answer = asked(account_of("dhl"), "JVGL 06", "DHLFORYOU")

    assert statuses(answer) == ["at_pickup_point", "returning", "exception", "in_transit", "announced", None]
    assert isinstance(answer.scans[-1], UnreadableScan)
    read = [each.read for each in answer.scans[:-1]]
    assert read[0].at.astimezone(UTC) == datetime(2026, 3, 2, 13, 5, tzinfo=UTC)  # Dutch winter time.
    assert read[3].at.astimezone(UTC) == datetime(2026, 7, 1, 10, 0, tzinfo=UTC)  # Later than 10:00 Dutch summer time.
    assert (read[4].certainty, read[4].at.astimezone(UTC)) == ("day-only", datetime(2026, 3, 1, 22, 59, 59, tzinfo=UTC))
    (request,) = carrier.asked
    assert request.path == "/track/shipments?trackingNumber=JVGL06&language=en&service=parcel-nl"
    assert request.headers["dhl-api-key"] == "a-key"


def test_another_divisions_parcel_of_the_same_number_is_no_answer(carrier, account_of):
    ours = dhl_answer(dhl_event("transit", "Sorted"))
    theirs = dhl_answer(dhl_event("delivered", "J"), service="express")
    carrier.says(200, {"shipments": ours["shipments"] + theirs["shipments"]})
    with pytest.raises(AnswerUnusable, match="express, parcel-nl"):
        asked(account_of("dhl"), "JVGL06")

    theirs["shipments"][0]["id"] = "JVGL07"
    carrier.says(200, {"shipments": ours["shipments"] + theirs["shipments"]})
    assert statuses(asked(account_of("dhl", service="parcel-nl"), "jvgl06")) == ["in_transit"]


# PostNL --------------------------------------------------------------------------------------------------------------


def postnl_answer(*events, number="3SLAMP01", **shipment):
    told = [{"Code": code, "Description": "…", "TimeStamp": at, "RouteCode": {}} for code, at in events]
    status = {"TimeStamp": "08-11-2026 10:13:20", "StatusCode": "7", "StatusDescription": "Onderweg"}
    return {"CompleteStatus": {"Shipment": {"Barcode": number, "Event": told, "Status": status, **shipment}}}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("A01", "announced"),
        ("01A", "announced"),  # As older answers have it.
        ("B01", "with_carrier"),
        ("J05", "in_transit"),
        ("J02", "at_pickup_point"),
        ("I02", "picked_up"),
        ("I10", "delivered_at_neighbours"),
        ("I01", "delivered"),
        ("H03", "returning"),
        ("J63", "returned"),
        ("Y71", "exception"),  # Missing.
        ("P20", ""),
        ("Q99", None),
    ],
)
def test_postnls_events_are_read_by_their_codes(carrier, account_of, code, status):
    carrier.says(200, postnl_answer((code, "08-11-2026 10:13:20")))
    answer = asked(account_of("postnl"), "3S LAMP 01")
    assert statuses(answer) == [status]
    assert answer.scans[0].code == code
    assert answer.scans[0].read.at.astimezone(UTC) == datetime(2026, 11, 8, 9, 13, 20, tzinfo=UTC)
    assert carrier.asked[0].path == "/shipment/v2/status/barcode/3SLAMP01?detail=true"
    assert carrier.asked[0].headers["apikey"] == "a-key"


def test_postnl_without_events_is_read_by_its_statuses(carrier, account_of):
    old = [
        {"TimeStamp": "07-11-2026 22:00:01.123", "StatusCode": "2", "StatusDescription": "Ontvangen"},
        {"TimeStamp": "06-11-2026 00:00:00", "StatusCode": "99", "StatusDescription": "Niet van toepassing"},
    ]
    carrier.says(200, postnl_answer(Event={}, OldStatus=old))
    answer = asked(account_of("postnl"), "3SLAMP01")
    assert statuses(answer) == ["in_transit", "with_carrier", ""]
    assert [each.read.certainty for each in answer.scans] == ["offset-assumed", "offset-assumed", "day-only"]


# All -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("connector", "status", "body"),
    [
        ("dhl", 404, {"title": "No result found", "status": 404}),
        ("dhl", 200, {"shipments": []}),
        ("postnl", 200, {"CurrentStatus": {}, "Warnings": [{"Code": "2", "Message": "No shipment found"}]}),
        ("postnl", 404, {}),
    ],
)
def test_not_found_is_no_scan(carrier, account_of, connector, status, body):
    carrier.says(status, body)
    answer = asked(account_of(connector), "JVGL06")
    assert (answer.known, list(answer.scans)) == (False, [])


@pytest.mark.parametrize(
    ("connector", "status", "body"),
    [
        ("dhl", 200, "<html>Maintenance</html>"),
        ("dhl", 200, "[" * 100_000),
        ("dhl", 200, {"shipments": {"id": 1}}),
        ("dhl", 302, {}),
        ("dhl", 400, {}),
        ("dhl", 200, b"\xff\xfe"),
        ("dhl", 200, "x" * 5_000_000),
        ("postnl", 200, {"fault": "?"}),
        ("postnl", 200, postnl_answer(("I01", "08-11-2026 10:13:20"), number="3SOTHER")),
        ("postnl", 200, postnl_answer(*[("J01", "08-11-2026 10:13:20")] * 11)),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_strange_answer_is_named_as_one(carrier, account_of, connector, status, body, monkeypatch):
    monkeypatch.setattr(client, "SCANS_MAX", 10)
    carrier.says(status, body)
    with pytest.raises(AnswerUnusable):
        asked(account_of(connector), "3SLAMP01")
