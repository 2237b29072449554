"""Scans by the batch: each by itself, by parcel or by number, before its parcel or after it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lostpost.tracking.models import Scan, UnmatchedScan
from tests.api.machine import ORDER, PARCEL, SCAN, Machine, a_platform, days_ago, problem

pytestmark = pytest.mark.django_db

NUMBERED = {"carrier": "dpd", "tracking_number": "3SABC", "occurred_at": SCAN["occurred_at"], "status": "delivered"}
LONG = {**SCAN, "text": "t" * 301}


@pytest.fixture(scope="module")
def with_an_order(written_once: Any) -> Machine:
    with written_once():
        platform = a_platform()
        assert platform.call("put", "/sellers/lampenhuis", {"name": "Lampenhuis"}).status_code == 200
        assert platform.call("put", "/orders/lampenhuis/2398-4471", ORDER).status_code == 201
    return platform


@pytest.fixture
def platform(with_an_order: Machine) -> Machine:
    return with_an_order.restarted()


def put_parcel(platform: Machine, code: str = "P1", **values: Any) -> str:
    sent = {**PARCEL, "units": [{"item": "A", "quantity": 1}], **values}
    answer = platform.call("put", f"/parcels/lampenhuis/{code}", sent)
    assert answer.status_code in (200, 201), answer.content
    state: str = answer.json()["state"]
    return state


def post(platform: Machine, *scans: Any) -> dict[str, Any]:
    answer = platform.call("post", "/scans", {"scans": list(scans)})
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    assert body["accepted"] + body["duplicates"] + len(body["rejected"]) == len(scans)
    return body


def refusals(platform: Machine, parcel: str = "P1") -> list[str]:
    assessment = platform.call("get", "/orders/2398-4471/assessment?seller=lampenhuis").json()
    (unit,) = (unit for unit in assessment["units"] if unit["parcel"] == parcel)
    return [refusal["code"] for refusal in unit["refusals"]]


# Each by itself -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (LONG, ".text"),
        ({**SCAN, "status": "out_for_delivery"}, ".status"),
        ({**SCAN, "status": ""}, ".status"),
        ({**SCAN, "colour": "red"}, ".colour"),
        ({**SCAN, "occurred_at": 1234567890}, ".occurred_at"),
        ({**SCAN, "occurred_at": "0001-01-01T00:00:00+16:00"}, ".occurred_at"),
        ({name: SCAN[name] for name in SCAN if name != "status"}, ".status"),
        ({**SCAN, "seller": {"code": "lampenhuis"}}, ".seller"),
        ({**NUMBERED, "tracking_number": "\u200b"}, ""),
        ([], ""),
        (None, ""),
        ("delivered", ""),
        (7, ""),
    ],
)
def test_a_malformed_element_does_not_keep_the_others_out(platform: Machine, wrong: Any, path: str) -> None:
    put_parcel(platform)
    result = post(platform, {**SCAN, "status": "delivered"}, wrong)
    assert result["accepted"] == 1
    (rejected,) = result["rejected"]
    assert (rejected["index"], rejected["path"], rejected["code"]) == (1, f"body.scans[1]{path}", "validation-failed")
    assert rejected["detail"]
    assert refusals(platform) == ["delivered"]


def test_all_problems_of_an_element_are_named(platform: Machine) -> None:
    (rejected,) = post(platform, {**LONG, "status": "lost"})["rejected"]
    assert "text: " in rejected["detail"]
    assert "status: " in rejected["detail"]


@pytest.mark.parametrize("body", [{}, {"scans": []}, {"scans": None}, {"scans": "x"}, [], "x", None])
def test_a_body_without_scans_is_refused_whole(platform: Machine, body: Any) -> None:
    problem(platform.call("post", "/scans", body), 422, "validation-failed")


# Instants -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offset", [16, 20, 23, -17])
def test_an_instant_with_a_large_offset_is_converted_to_utc(platform: Machine, offset: int) -> None:
    sent_at = timezone.now() - timedelta(days=8) + timedelta(hours=offset)
    written = f"{sent_at:%Y-%m-%dT%H:%M:%S}{offset:+03}:00"
    assert platform.call("put", "/orders/lampenhuis/O-2", {**ORDER, "placed_at": written}).status_code == 201
    assert platform.call("put", "/orders/lampenhuis/O-2", {**ORDER, "placed_at": days_ago(9)}).status_code == 200
    assert platform.call("put", "/orders/lampenhuis/O-2", {**ORDER, "placed_at": written}).status_code == 200
    put_parcel(platform, shipped_at=days_ago(9))
    put_parcel(platform, shipped_at=written)
    put_parcel(platform, "P2", shipped_at=written)
    result = post(platform, {**SCAN, "occurred_at": written}, {**SCAN, "parcel": "P-none", "occurred_at": written})
    assert (result["accepted"], result["waiting"]) == (2, [1])


# By number ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "scanned"),
    [
        (("dpd", "3SPC 001"), ("dpd", "3SPC001")),
        (("DPD", "3SABC"), ("dpd", "3SABC")),
        (("DPD ", "3sabc "), ("dpd", "3S ABC")),
        (("ＤＰＤ", "３ＳＡＢＣ"), ("DPD", "3SABC")),
        (("dpd", "3S\u200bABC"), ("dpd", "3S\N{NO-BREAK SPACE}ABC")),
        (("Poste\u0301", "3SABC"), ("Posté", "3SABC")),
        (("", "3SABC"), ("dpd", "3SABC")),
        (("dpd", "3SABC"), ("", "3SABC")),
        (("dpd", "3SABC"), (None, "3SABC")),
    ],
)
def test_a_number_finds_its_parcel_in_any_spelling(
    platform: Machine, stored: tuple[str, str], scanned: tuple[str | None, str]
) -> None:
    put_parcel(platform, carrier=stored[0], tracking_number=stored[1])
    sent = {**NUMBERED, "carrier": scanned[0], "tracking_number": scanned[1]}
    assert post(platform, sent)["waiting"] == []
    assert refusals(platform) == ["delivered"]
    parcel = platform.call("get", "/orders/2398-4471?seller=lampenhuis").json()["parcels"][0]
    assert (parcel["carrier"], parcel["tracking_number"]) == stored


def test_another_carriers_number_is_another_number(platform: Machine) -> None:
    put_parcel(platform, carrier="postnl")
    assert post(platform, NUMBERED)["waiting"] == [0]
    assert refusals(platform) == []


def test_a_number_on_two_parcels_applies_to_both(platform: Machine) -> None:
    put_parcel(platform, "P1")
    put_parcel(platform, "P2")
    result = post(platform, NUMBERED, NUMBERED)
    assert (result["accepted"], result["duplicates"]) == (1, 1)
    assert refusals(platform, "P1") == refusals(platform, "P2") == ["delivered"]


def test_a_number_on_parcels_of_two_shops_speaks_for_both(platform: Machine) -> None:
    platform.call("put", "/sellers/carla", {"name": "Carla"})
    platform.call("put", "/orders/carla/2398-4471", ORDER)
    put_parcel(platform)
    assert platform.call("put", "/parcels/carla/P1", PARCEL).status_code == 201
    assert post(platform, NUMBERED)["accepted"] == 1
    assert sorted(Scan.objects.values_list("seller__code", "status")) == [
        ("carla", "delivered"),
        ("lampenhuis", "delivered"),
    ]


@pytest.mark.parametrize("together", [True, False])
def test_a_number_that_is_used_again_speaks_for_the_parcel_on_its_way(platform: Machine, together: bool) -> None:
    # Given a parcel that was delivered, and its number on a later one
    put_parcel(platform, "P1", shipped_at=days_ago(9.5))
    first = {**NUMBERED, "occurred_at": days_ago(9)}
    later = {**NUMBERED, "occurred_at": days_ago(5), "status": "in_transit"}
    if together:
        put_parcel(platform, "P2", shipped_at=days_ago(7))
        post(platform, {**SCAN, "occurred_at": days_ago(9), "status": "delivered"}, later)
    else:
        post(platform, first)
        put_parcel(platform, "P2", shipped_at=days_ago(7))
        post(platform, later)
    # Then what is scanned afterwards says nothing of the first
    assert refusals(platform, "P1") == ["delivered"]
    assert refusals(platform, "P2") == []


def test_a_tracking_number_of_too_many_parcels_is_refused(platform: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lostpost.tracking.match_scans.MOST_SHARING", 1)
    put_parcel(platform, "P1")
    put_parcel(platform, "P2")
    (rejected,) = post(platform, NUMBERED)["rejected"]
    assert (rejected["code"], rejected["path"]) == ("ambiguous", "body.scans[0].tracking_number")
    assert not Scan.objects.exists()


def test_an_invisible_tracking_number_is_refused(platform: Machine) -> None:
    put_parcel(platform, tracking_number=" \u200b")
    parcel = platform.call("get", "/orders/2398-4471?seller=lampenhuis").json()["parcels"][0]
    assert parcel["tracking_number"] == ""


def test_a_number_in_another_spelling_does_not_start_the_clock_again(platform: Machine) -> None:
    put_parcel(platform, tracking_number="3SPC 001")
    assert put_parcel(platform, tracking_number="3SPC\N{NO-BREAK SPACE}001") == "unchanged"
    assert put_parcel(platform, tracking_number="3spc001") == "updated"
    assert refusals(platform) == []
    assert put_parcel(platform, tracking_number="3SPC002") == "updated"
    assert refusals(platform) == ["recent-update"]


# Before the parcel --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scan", [{**SCAN, "status": "delivered"}, NUMBERED], ids=["by parcel", "by number"])
def test_a_scan_that_comes_before_its_parcel_waits_for_it(platform: Machine, scan: dict[str, Any]) -> None:
    first, again = post(platform, scan), post(platform, scan)
    assert (first["accepted"], first["waiting"], again["waiting"]) == (1, [0], [0])
    assert UnmatchedScan.objects.count() == 1

    put_parcel(platform)

    assert refusals(platform) == ["delivered"]
    assert post(platform, scan)["duplicates"] == 1


def test_a_scan_waits_for_the_number_that_a_parcel_is_corrected_to(platform: Machine) -> None:
    put_parcel(platform, tracking_number="3SWRONG")
    post(platform, NUMBERED)
    assert refusals(platform) == []

    put_parcel(platform)

    assert "delivered" in refusals(platform)


def test_a_late_parcel_gets_the_earlier_scans_of_its_number(platform: Machine) -> None:
    # Given two orders in one box, of which one parcel comes after the delivery
    put_parcel(platform, "P1")
    post(platform, NUMBERED)

    put_parcel(platform, "P2")

    assert refusals(platform, "P2") == ["delivered"]


def test_a_scan_named_by_its_parcel_does_not_speak_for_others_of_its_number(platform: Machine) -> None:
    put_parcel(platform, "P1")
    post(platform, {**SCAN, "status": "delivered"})
    put_parcel(platform, "P2")
    assert refusals(platform, "P2") == []


def test_a_scan_of_no_shop_is_named(platform: Machine) -> None:
    (rejected,) = post(platform, {**SCAN, "seller": "nobody"})["rejected"]
    assert (rejected["code"], rejected["path"]) == ("not-found", "body.scans[0].seller")


def test_a_scan_that_contradicts_is_named_with_its_path(platform: Machine) -> None:
    put_parcel(platform)
    (rejected,) = post(platform, {**SCAN, "id": "1"}, {**SCAN, "id": "1", "status": "delivered"})["rejected"]
    assert (rejected["index"], rejected["code"], rejected["path"]) == (1, "scan-contradicts", "body.scans[1].status")
