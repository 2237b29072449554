"""The whole journey over HTTP, as an engineer's program would make it."""

import base64
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from lostpost.accounts.make_client import create_client

pytestmark = pytest.mark.django_db


def token(client, credentials):
    basic = base64.b64encode(f"{credentials.client_id}:{credentials.client_secret}".encode()).decode()
    answer = client.post(
        "/oauth/token", {"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"}
    )
    assert answer.status_code == 200, answer.content
    return answer.json()["access_token"]


class Machine:
    def __init__(self, client, credentials):
        self.client, self.token = client, token(client, credentials)

    def call(self, method, path, body=None, key=""):
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key else {})
        content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self.client.generic(method.upper(), f"/api/v1{path}", headers=headers, **content)


@pytest.fixture
def platform(client):
    return Machine(
        client, create_client(name="shop software", seller=None, read_only=False, by="test", now=timezone.now())
    )


def test_from_order_to_write_off(client, platform):
    now = timezone.now()
    assert platform.call("put", "/sellers/lampenhuis", {"name": "Lampenhuis"}).status_code == 200
    order = {
        "placed_at": (now - timedelta(days=10)).isoformat(),
        "currency": "EUR",
        "delivery_costs_minor": 495,
        "customer": {"name": "Klaas Vaak", "email": "klaas@example.com", "language": "nl"},
        "items": [{"item": "A", "title": "Lamp", "quantity": 2, "paid_minor": 7990, "commission_minor": 958}],
    }
    assert platform.call("put", "/orders/lampenhuis/2398-4471", order).status_code == 201
    assert platform.call("put", "/orders/lampenhuis/2398-4471", order).json() == {"state": "unchanged"}
    parcel = {
        "order_number": "2398-4471",
        "shipping_method": "own",
        "carrier": "dpd",
        "tracking_number": "3SABC",
        "shipped_at": (now - timedelta(days=9)).isoformat(),
        "units": [{"item": "A", "quantity": 2}],
    }
    assert platform.call("put", "/parcels/lampenhuis/P1", parcel).status_code == 201
    scans = {
        "scans": [
            {
                "seller": "lampenhuis",
                "parcel": "P1",
                "occurred_at": (now - timedelta(days=8)).isoformat(),
                "status": "in_transit",
            },
            {
                "carrier": "dpd",
                "tracking_number": "3SABC",
                "occurred_at": (now - timedelta(days=7)).isoformat(),
                "status": "in_transit",
            },
            {"seller": "lampenhuis", "parcel": "P9", "occurred_at": now.isoformat(), "status": "in_transit"},
        ]
    }
    scan_result = platform.call("post", "/scans", scans).json()
    assert (scan_result["accepted"], scan_result["duplicates"], scan_result["rejected"], scan_result["waiting"]) == (
        3,
        0,
        [],
        [2],
    )

    from lostpost.accounts.models import Seller

    shop = Machine(
        client,
        create_client(
            name="tool", seller=Seller.objects.get(code="lampenhuis"), read_only=False, by="test", now=timezone.now()
        ),
    )
    assessed = shop.call("get", "/orders/2398-4471/assessment").json()
    assert assessed["units"][0]["refund_minor"] == 7990
    assert assessed["eligible"]
    contact = {"order_number": "2398-4471", "subject": "Your parcel", "message": "We are looking.", "leave_open": True}
    query = shop.call("post", "/customer-queries", contact, key="contact-1")
    assert query.status_code == 201, query.content
    number = query.json()["number"]
    lines = [{"parcel": "P1", "item": "A", "quantity": 2}]
    shown = shop.call("post", "/write-offs/preview", {"customer_query": number, "lines": lines}).json()
    assert shown["refund_minor"] == 7990 + 495
    wish = {"customer_query": number, "lines": lines, "token": shown["token"]}
    first = shop.call("post", "/write-offs", wish, key="write-off-1")
    again = shop.call("post", "/write-offs", wish, key="write-off-1")
    assert first.status_code == again.status_code == 201, first.content
    assert first.content == again.content
    assert first.json()["refund"] == {"state": "requested", "amount_minor": 8485}
    other = shop.call("post", "/write-offs", {**wish, "lines": [{**lines[0], "quantity": 1}]}, key="write-off-1")
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    paid = {"outcome": "paid", "reference": "BANK-1"}
    assert platform.call("post", f"/refunds/lampenhuis/{number}-1/outcome", paid).json()["state"] == "confirmed"
    assert shop.call("get", f"/write-offs/{number}-1").json()["refund"]["state"] == "confirmed"
    entries = shop.call("get", f"/customer-queries/{number}/timeline").json()["items"]
    assert entries[0]["kind"] == "query.opened"
    late = shop.call("post", "/write-offs", {**wish, "token": None}, key="write-off-2")
    assert (late.status_code, late.json()["code"]) == (422, "not-eligible")
    assert late.json()["lines"][0]["refusals"][0]["code"] == "fully-written-off"
    assert client.get("/api/v1/orders").status_code == 401
    assert client.get("/api/v1/openapi.json").status_code == 200
