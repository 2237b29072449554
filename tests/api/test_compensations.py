"""Compensations over HTTP: lists with filters, and one."""

from __future__ import annotations

import pytest

from lostpost.compensations.models import Compensation
from lostpost.refunds.settle_refund import mark_refund_paid
from tests.api.machine import a_machine_of, problem
from tests.cast import NOW, a_staff_member
from tests.partnerservice.cases import a_request, confirmed, proposed

pytestmark = pytest.mark.django_db


def test_a_grant_is_listed_by_order_query_and_state(anna, carla, pia, fien):
    case = a_request(anna, quiet_days=20, status="delivered", paid_minor=100_00, delivery_costs_minor=5_00)
    puck = a_staff_member("Puck", "partnerservice")
    confirmed(proposed(case, pia, lifts=False, items_minor=40_00, grants_delivery=True), puck)
    row = Compensation.objects.select_related("order", "query").get()
    shop, other = a_machine_of(anna.seller.code, read_only=True), a_machine_of(carla.seller.code)

    one = shop.call("get", f"/compensations/{row.number}").json()

    assert (one["items_minor"], one["delivery_minor"], one["refund"]) == (
        40_00,
        5_00,
        {"state": "requested", "amount_minor": 45_00},
    )
    assert (one["request"], one["item"], one["by"]) == (str(case.id), "1", "Puck")
    for place in ("", f"?order_number={row.order.number}", f"?customer_query={row.query.number}", "?state=requested"):
        assert shop.call("get", f"/compensations{place}").json() == {"items": [one], "next": None}
    for place in ("?order_number=other", "?customer_query=4711", "?state=confirmed"):
        assert shop.call("get", f"/compensations{place}").json()["items"] == []
    mark_refund_paid(seller_id=anna.seller_id, number=row.number, reference="BANK-1", by=fien, now=NOW)
    assert shop.call("get", "/compensations?state=confirmed").json()["items"][0]["refund"]["state"] == "confirmed"
    assert other.call("get", "/compensations").json()["items"] == []
    problem(other.call("get", f"/compensations/{row.number}"), 404, "not-found")
