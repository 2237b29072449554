"""A lost parcel that was found, through the API: the platform records consent and payment, the shop reads them."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from lostpost.ledger.models import Transfer
from lostpost.orders.models import Order, OrderItem
from lostpost.writeoffs.credit_customer import credit_customer
from lostpost.writeoffs.models import WriteOff
from tests.api.machine import LINES, Machine, a_lost_parcel, a_machine_of, a_platform, problem
from tests.cast import row_counts

CONSENT = {"consent": "By letter: I have it, charge me again.", "consented_at": "2026-03-20T11:00:00+01:00"}


def written_off(platform: Machine, *, paid: bool = True) -> str:
    wish = {"customer_query": a_lost_parcel(platform), "lines": LINES}
    answer = platform.call("post", "/write-offs?seller=lampenhuis", wish, key="write-off-1")
    assert answer.status_code == 201, answer.content
    number: str = answer.json()["number"]
    if paid:
        outcome = {"outcome": "paid", "reference": "BANK-1"}
        assert platform.call("post", f"/refunds/lampenhuis/{number}/outcome", outcome).status_code == 200
    return number


def restore(platform: Machine, number: str, key: str = "restore-1", **values: Any) -> Any:
    return platform.call("post", f"/write-offs/lampenhuis/{number}/restorations", {**CONSENT, **values}, key=key)


@pytest.mark.django_db
def test_a_payment_is_agreed_then_paid_and_the_shop_sees_it() -> None:
    platform = a_platform()
    number = written_off(platform)
    agreed = restore(platform, number, lines=[{**LINES[0], "quantity": 1}])

    assert agreed.status_code == 201, agreed.content
    body = agreed.json()
    assert (body["number"], body["state"], body["amount_minor"]) == (f"{number}-R1", "agreed", 3995)
    paid = platform.call(
        "post", f"/restorations/lampenhuis/{body['number']}/outcome", {"outcome": "paid", "reference": "tr_2"}
    )
    assert (paid.status_code, paid.json()["state"], paid.json()["reference"]) == (200, "received", "tr_2")
    shop = a_machine_of("lampenhuis", read_only=True)
    assert shop.call("get", f"/restorations/{body['number']}").json() == paid.json()
    assert shop.call("get", f"/restorations?write_off={number}&state=received").json()["items"] == [paid.json()]
    assert shop.call("get", "/restorations?state=withdrawn").json()["items"] == []
    events = [event["type"] for event in shop.call("get", "/events").json()["items"]]
    assert events[-2:] == ["restoration.agreed", "restoration.received"]


@pytest.mark.django_db
def test_the_same_again_is_answered_with_the_same_bytes_and_booked_once() -> None:
    platform = a_platform()
    number = written_off(platform)
    first = restore(platform, number, reference="tr_2")
    before = row_counts()

    assert restore(platform, number, reference="tr_2").content == first.content
    assert row_counts() == before
    assert Transfer.objects.filter(kind="restored_turnover").count() == 1
    problem(restore(platform, number, reference="tr_3"), 422, "key-reused")


@pytest.mark.django_db
def test_a_refused_restoration_has_its_code_and_leaves_no_rows() -> None:
    platform = a_platform()
    number = written_off(platform, paid=False)
    before = row_counts()
    problem(restore(platform, number), 409, "refund-not-paid")
    assert row_counts() == before
    platform.call("post", f"/refunds/lampenhuis/{number}/outcome", {"outcome": "paid", "reference": "BANK-1"})
    before = row_counts()
    too_many = problem(restore(platform, number, lines=[{**LINES[0], "quantity": 3}]), 422, "more-than-refunded")
    assert (too_many["item"], too_many["available"]) == ("A", 2)
    problem(restore(platform, number, lines=[{**LINES[0], "item": "Z"}]), 422, "nothing-to-restore")
    problem(restore(platform, number, consent=" "), 422, "validation-failed")
    problem(restore(platform, "4711-1"), 404, "not-found")
    assert row_counts() == before
    withdrawn = {"outcome": "withdrawn", "reason": "Returned it instead"}
    at = f"/restorations/lampenhuis/{restore(platform, number).json()['number']}/outcome"
    assert platform.call("post", at, withdrawn).json()["state"] == "withdrawn"
    assert platform.call("post", at, withdrawn).json()["state"] == "withdrawn"
    problem(platform.call("post", at, {"outcome": "paid", "reference": "tr_2"}), 409, "restoration-settled")


@pytest.mark.django_db
def test_a_shop_restores_nothing_itself_and_sees_its_own_alone() -> None:
    platform = a_platform()
    number = written_off(platform)
    body = restore(platform, number).json()
    platform.call("put", "/sellers/keramiek", {"name": "Keramiek"})
    own, other = a_machine_of("lampenhuis"), a_machine_of("keramiek")

    problem(restore(own, number, key="restore-2"), 403, "insufficient-scope")
    problem(other.call("get", f"/restorations/{body['number']}"), 404, "not-found")
    assert other.call("get", "/restorations").json()["items"] == []


@pytest.mark.django_db
def test_credit_notes_are_read_with_their_lines() -> None:
    platform = a_platform()
    number = written_off(platform)
    write_off = WriteOff.objects.get(number=number)
    Order.objects.update(customer_invoice={"number": "2026-0042", "issued_on": "2026-02-07"})
    OrderItem.objects.update(vat_rate_bp=2100)
    note = credit_customer(seller_id=write_off.seller_id, write_off_id=write_off.id, now=timezone.now())
    shop = a_machine_of("lampenhuis", read_only=True)

    body = shop.call("get", f"/credit-notes/{note.number}").json()
    assert (body["write_off"], body["invoice_number"], body["total_minor"]) == (
        number,
        "2026-0042",
        write_off.refund_minor,
    )
    assert sum(line["net_minor"] + line["vat_minor"] for line in body["lines"]) == write_off.refund_minor
    assert shop.call("get", f"/credit-notes?write_off={number}&order_number=2398-4471").json()["items"] == [body]
    assert shop.call("get", "/credit-notes?order_number=other").json()["items"] == []
    problem(shop.call("get", "/credit-notes/CRN-lampenhuis-99999"), 404, "not-found")
