"""Found parcels over HTTP: report, read, preview, decide, take back."""

from __future__ import annotations

import pytest

from tests.api.machine import LINES, Machine, a_lost_parcel, a_machine_of, a_platform, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def lost() -> tuple[Machine, str, Machine]:
    """Return the machine of a shop, the number of a write-off whose refund was paid, and the machine of finance."""
    platform = a_platform()
    number = a_lost_parcel(platform)
    shop = a_machine_of("lampenhuis")
    write_off = shop.call("post", "/write-offs", {"customer_query": number, "lines": LINES}, key="write-off-1").json()
    paid = {"outcome": "paid", "reference": "BANK-1"}
    outcome = platform.call("post", f"/refunds/lampenhuis/{write_off['number']}/outcome", paid)
    assert outcome.status_code == 200, outcome.content
    return shop, write_off["number"], platform


def test_a_found_parcel_from_report_to_question(lost):
    shop, write_off, platform = lost
    report = {"write_off": write_off, "parcel": "P1", "note": "Wet"}

    case = shop.call("post", "/found-parcels", report).json()

    assert shop.call("post", "/found-parcels", report).json() == case
    assert (case["number"], case["state"]) == (f"{write_off}-F1", "open")
    assert (case["lines"][0]["left"], case["evidence"][0]["kind"], case["evidence"][0]["note"]) == (
        2,
        "came-back",
        "Wet",
    )
    address = f"/found-parcels/{case['number']}"
    assert shop.call("get", address).json() == case
    (head,) = shop.call("get", "/found-parcels?state=open").json()["items"]
    assert head.items() <= case.items()

    wish = {"kind": "pay-again", "units": [{"item": "A", "quantity": 1}]}
    preview = shop.call("post", f"{address}/outcomes/preview", wish).json()
    problem(
        shop.call("post", f"{address}/outcomes", {**wish, "expected_amount_minor": 1}, key="outcome-number-1"),
        409,
        "changed-since-preview",
    )
    wish["expected_amount_minor"] = preview["amount_minor"]
    one = wish["units"][0]
    twice = {"kind": "return", "units": [one, one]}
    problem(shop.call("post", f"{address}/outcomes", twice, key="outcome-number-7"), 422, "no-such-units")
    none = {"kind": "return", "units": []}
    problem(shop.call("post", f"{address}/outcomes", none, key="outcome-number-8"), 422, "validation-failed")
    first = shop.call("post", f"{address}/outcomes", wish, key="outcome-number-2")
    again = shop.call("post", f"{address}/outcomes", wish, key="outcome-number-2")
    assert (first.status_code, first.content) == (201, again.content)
    assert (first.json()["state"], first.json()["units"]) == ("asked", preview["units"])
    problem(shop.call("post", f"{address}/outcomes", wish, key="outcome-number-3"), 409, "already-asked-to-pay")
    taken_back = shop.call("post", f"{address}/withdraw-question").json()
    assert (taken_back["state"], taken_back["outcomes"][0]["state"]) == ("open", "withdrawn")
    problem(shop.call("post", f"{address}/withdraw-question"), 409, "nothing-asked")
    problem(shop.call("post", f"{address}/outcomes", {"kind": "let-go"}, key="outcome-number-4"), 422, "rejected")
    returned = shop.call("post", f"{address}/outcomes", {"kind": "return"}, key="outcome-number-5")
    assert returned.json()["state"] == "done"
    problem(
        shop.call("post", f"{address}/outcomes", {"kind": "return"}, key="outcome-number-6"), 409, "found-case-ended"
    )
    consent = {"consent": "By telephone", "consented_at": "2026-03-20T11:00:00Z"}
    refused = platform.call("post", f"/write-offs/lampenhuis/{write_off}/restorations", consent, key="restore-number-1")
    problem(refused, 422, "nothing-to-restore")  # What was sent back is not paid again.


def test_what_is_not_there_is_said(lost):
    shop, write_off, _platform = lost

    problem(shop.call("post", "/found-parcels", {"write_off": write_off, "parcel": "P9"}), 422, "nothing-found")
    problem(shop.call("post", "/found-parcels", {"write_off": "1-1", "parcel": "P1"}), 404, "not-found")
    problem(shop.call("get", f"/found-parcels/{write_off}-F1"), 404, "not-found")
