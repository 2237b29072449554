"""Each carrier's answers, in their own form: what they say in our vocabulary, and as late as it can have been."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connectors.carriers import client
from lostpost.connectors.carriers.carriers import CARRIERS
from lostpost.connectors.carriers.client import CarrierQuestion
from lostpost.connectors.remote_apis.problems import AnswerUnusable, CredentialsRefused, RemoteUnreachable
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


# GLS -----------------------------------------------------------------------------------------------------------------


def with_token(status, body):
    """Answer as a carrier with OAuth2 does."""

    def answer(request):
        if request.path.endswith("/token"):
            assert request.body == "grant_type=client_credentials"
            assert request.headers["authorization"] == "Basic dXM6YS1zZWNyZXQ="
            return 200, {"access_token": "t1", "token_type": "Bearer", "expires_in": "14399"}
        return (status, body) if request.headers["authorization"] == "Bearer t1" else (401, {})

    return answer


def gls_answer(*events, number="36301917596", **parcel):
    told = [{"code": code, "country": "DE", "city": "Berlin", "eventDateTime": at} for code, at in events]
    return {"parcels": [{"requested": number, "unitno": number, "status": "INTRANSIT", "events": told, **parcel}]}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("INTIAL.PREADVICE", "announced"),
        ("INTIAL.NORMAL", "with_carrier"),
        ("INBOUD.NORMAL", "in_transit"),
        ("OUTDEL.NORMAL", "in_transit"),
        ("NOTDEL.CLOSED", "exception"),
        ("DELIVD.PARCELSHOP", "at_pickup_point"),  # Not delivered.
        ("DELIVD.DEL_BY_PSAPP", "picked_up"),
        ("DELIVD.NORMAL", "delivered"),
    ],
)
def test_glss_events_are_read_by_their_codes(carrier, account_of, code, status):
    carrier.answer = with_token(200, gls_answer((code, "2024-10-07T10:46:14+0200")))
    answer = asked(account_of("gls"), "36301917596")
    assert statuses(answer) == [status]
    (scan,) = answer.scans
    assert (scan.read.certainty, scan.read.at.isoformat()) == ("", "2024-10-07T10:46:14+02:00")
    assert carrier.asked[-1].path == "/track-and-trace-v1/tracking/simple/trackids/36301917596?showEvents=true"


def test_the_parcels_status_speaks_where_glss_newest_event_is_not_known(carrier, account_of):
    unknown = ("DELIVD.NEWLY_NAMED", "2024-10-08T10:46:14+0200")
    known = ("INTIAL.NORMAL", "2024-10-07T10:46:14+0200")
    at = {"statusDateTime": "2024-10-08T10:46:14+0200"}
    account = account_of("gls")
    for status, ours in (("DELIVEREDPS", "at_pickup_point"), ("FINAL", ""), ("NEWLYNAMED", None)):
        carrier.answer = with_token(200, gls_answer(unknown, known, status=status, **at))
        assert statuses(asked(account, "36301917596")) == [None, "with_carrier", ours]


# UPS -----------------------------------------------------------------------------------------------------------------


def ups_activity(kind, number, day="20260302", time="140500", **gmt):
    place = {"address": {"city": "Wayne", "countryCode": "US"}}
    return {"date": day, "time": time, "location": place, "status": {"type": kind, "statusCode": number}, **gmt}


def ups_answer(*activities, number="1Z023E2X0214323462"):
    return {"trackResponse": {"shipment": [{"package": [{"trackingNumber": number, "activity": list(activities)}]}]}}


def test_upss_activities_are_read_by_number_and_type(carrier, account_of):
    activities = [
        ups_activity(*each)
        for each in (("D", "011"), ("D", "161"), ("I", "035"), ("X", "034"), ("X", "999"), ("M", "003"), ("I", "130"))
    ]
    carrier.answer = with_token(200, ups_answer(*activities, ups_activity("Z", "999")))
    answer = asked(account_of("ups"), "1z 023E2X0214323462")
    expected = ["delivered", "at_pickup_point", "returning", "returned", "exception", "announced", "", None]
    assert statuses(answer) == expected
    assert carrier.asked[-1].path == "/api/track/v1/details/1z023E2X0214323462?locale=en_US"
    assert carrier.asked[-1].headers["transid"]


def test_upss_times_are_exact_only_where_they_are_given_in_gmt(carrier, account_of):
    carrier.answer = with_token(
        200,
        ups_answer(
            ups_activity("I", "005", gmtDate="20260302", gmtTime="19:05:00", gmtOffset="-05:00"),
            ups_activity("I", "005"),
            ups_activity("I", "005", time=""),
            ups_activity("I", "005", day="20260230"),
        ),
    )
    *read, unreadable = asked(account_of("ups"), "1Z023E2X0214323462").scans
    assert [each.read.certainty for each in read] == ["", "offset-assumed", "day-only"]
    assert read[0].read.at.isoformat() == "2026-03-02T14:05:00-05:00"
    assert read[1].read.at.astimezone(UTC) >= datetime(2026, 3, 2, 22, 5, tzinfo=UTC)  # America's latest zone.
    assert isinstance(unreadable, UnreadableScan)


# DPD -----------------------------------------------------------------------------------------------------------------

DPD_LOGIN = """<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
 <ns2:getAuthResponse xmlns:ns2="http://dpd.com/common/service/types/LoginService/2.1"><return><delisId>us</delisId>
 <authToken>t1</authToken><authTokenExpires>2999-05-05T13:00:00.00</authTokenExpires></return></ns2:getAuthResponse>
</soap:Body></soap:Envelope>"""
DPD_FAULT = """<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault>
 <faultcode>soap:Server</faultcode><faultstring>Fault occured</faultstring><detail><fault><errorCode>{}</errorCode>
 <errorMessage>{}</errorMessage></fault></detail></soap:Fault></soap:Body></soap:Envelope>"""


def dpd_answer(*told):
    infos = "".join(
        f"<statusInfo><status>{status}</status><statusHasBeenReached>{reached}</statusHasBeenReached>"
        "<description><content><content>Words</content></content></description>"
        f"<location><content>{place}</content></location><date><content>{date}</content></date></statusInfo>"
        for status, date, place, reached in told
    )
    return (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        '<getTrackingDataResponse xmlns="http://dpd.com/common/service/types/ParcelLifeCycleService/2.0">'
        f"<trackingresult><shipmentInfo><status>SHIPMENT</status></shipmentInfo>{infos}</trackingresult>"
        "</getTrackingDataResponse></soap:Body></soap:Envelope>"
    )


def dpd_says(body, status=200):
    def answer(request):
        if request.path.endswith("LoginService/V2_1"):
            assert "<password>a-secret &amp; more</password>" in request.body
            return 200, DPD_LOGIN
        assert "<authToken>t1</authToken>" in request.body
        assert "<parcelLabelNumber>05308801410058</parcelLabelNumber>" in request.body
        return status, body

    return answer


def test_dpds_afternoon_is_no_morning(carrier, account_of):
    carrier.answer = dpd_says(
        dpd_answer(
            ("BetweenDepots", "03/01/2026 3:02:00 PM", "Puurs (BE)", "true"),
            ("Depot", "3/1/2026 12:05:00 AM", "London (GB)", "true"),
            ("ParcelShop", "3/2/2026 9:00:00 AM", "", "true"),
            ("Newly named", "3/3/2026 9:00:00 AM", "", "true"),
            ("Courier", "31/12/2026 9:00:00 AM", "", "true"),
            ("Delivered", "3/4/2026 9:00:00 AM", "", "false"),
        )
    )
    answer = asked(account_of("dpd"), "0530 8801 410058")
    assert statuses(answer) == ["in_transit", "in_transit", "at_pickup_point", None]
    read = [each.read.at.astimezone(UTC) for each in answer.scans if isinstance(each, SourceScan)]
    assert read[:2] == [datetime(2026, 3, 1, 14, 2, tzinfo=UTC), datetime(2026, 3, 1, 0, 5, tzinfo=UTC)]
    assert isinstance(answer.scans[-1], UnreadableScan)
    assert [each.path.split("/")[3] for each in carrier.asked] == ["LoginService", "ParcelLifeCycleService"]


def test_dpds_faults_say_what_is_wrong(carrier, account_of):
    account = account_of("dpd")
    carrier.answer = dpd_says(DPD_FAULT.format("X_1", "The parcel was not found"), 500)
    assert not asked(account, "05308801410058").known
    carrier.answer = dpd_says(DPD_FAULT.format("LOGIN_6", "The token has expired"), 500)
    with pytest.raises(CredentialsRefused):
        asked(account, "05308801410058")
    assert [each.path.split("/")[3][:5] for each in carrier.asked[-3:]] == ["Parce", "Login", "Parce"]  # Renewed once.
    carrier.answer = dpd_says(DPD_FAULT.format("X_2", "Out of paper"), 500)
    with pytest.raises(AnswerUnusable, match="Out of paper"):
        asked(account, "05308801410058")
    carrier.says(500, DPD_FAULT.format("LOGIN_5", "Wrong password"))
    ConnectorAccount.objects.update(sealed_token="")
    with pytest.raises(CredentialsRefused, match="Wrong password"):
        asked(account, "05308801410058")


# bpost ---------------------------------------------------------------------------------------------------------------


def bpost_answer(*told, number="3232"):
    infos = "".join(
        f"<stateInfo><time>{at}</time><stateCode>{code}</stateCode><stateDescription>{text}</stateDescription>"
        "</stateInfo>"
        for code, text, at in told
    )
    return (
        f'<itemTracking xmlns="http://schema.post.be/tracking/v1/"><itemCode>{number}</itemCode>{infos}</itemTracking>'
    )


def test_bposts_states_are_read_and_unknown_ones_kept(carrier, account_of):
    at = "2026-11-23T07:11:18.923+01:00"
    told = [
        ("L00", "BoundToRound - out", at),
        ("U02", "DistributedDifferently", at),
        ("B07", "?", at),
        ("N74", "", "?"),
    ]
    carrier.says(200, bpost_answer(*told))
    answer = asked(account_of("bpost"), "3232")
    assert statuses(answer) == ["in_transit", "delivered", None]
    assert answer.scans[0].read.at.isoformat() == "2026-11-23T07:11:18.923000+01:00"
    assert carrier.asked[0].path == "/services/trackedmail/item/3232/trackingInfo"
    assert carrier.asked[0].headers["authorization"] == "Basic dXM6YS1zZWNyZXQ="

    carrier.says(200, "<systemException><message>Try again</message></systemException>")
    with pytest.raises(RemoteUnreachable, match="Try again"):
        asked(account_of("bpost"), "3232")


# All -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("connector", "status", "body"),
    [
        ("dhl", 404, {"title": "No result found", "status": 404}),
        ("dhl", 200, {"shipments": []}),
        ("postnl", 200, {"CurrentStatus": {}, "Warnings": [{"Code": "2", "Message": "No shipment found"}]}),
        ("postnl", 404, {}),
        ("bpost", 404, ""),
    ],
)
def test_not_found_is_no_scan(carrier, account_of, connector, status, body):
    carrier.says(status, body)
    answer = asked(account_of(connector), "JVGL06")
    assert (answer.known, list(answer.scans)) == (False, [])


def test_what_gls_and_ups_do_not_know_is_no_scan(carrier, account_of):
    unknown = {"parcels": [{"requested": "1", "errorCode": "E_404_01", "errorMessage": "Resource Not Found"}]}
    warned = {"trackResponse": {"shipment": [{"warnings": [{"code": "TW0001", "message": "Not Found"}]}]}}
    refused = {"response": {"errors": [{"code": "TV1002", "message": "Invalid inquiry number"}]}}
    gls, ups = account_of("gls"), account_of("ups")
    for account, status, body in ((gls, 200, unknown), (ups, 200, warned), (ups, 400, refused), (ups, 404, {})):
        carrier.answer = with_token(status, body)
        assert asked(account, "1").known is False
    unusable: list[tuple[ConnectorAccount, int, object]] = [
        (gls, 200, gls_answer()),
        (ups, 200, {"trackResponse": {}}),
        (ups, 400, {"response": {}}),
        (ups, 200, {"trackResponse": {"shipment": [{"package": [{"trackingNumber": "2"}] * 2}]}}),
    ]
    for account, status, answer in unusable:
        carrier.answer = with_token(status, answer)
        with pytest.raises(AnswerUnusable):
            asked(account, "1")


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
        ("bpost", 200, "<itemTracking><itemCode>other</itemCode></itemTracking>"),
        ("bpost", 200, '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
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
