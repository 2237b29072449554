"""A machine that uses the API: what tests of it have in common."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lostpost.accounts.make_client import Credentials, create_client
from lostpost.accounts.models import Seller


def days_ago(days: float) -> str:
    return (timezone.now() - timedelta(days=days)).isoformat()


ORDER: dict[str, Any] = {
    "placed_at": days_ago(10),
    "currency": "EUR",
    "delivery_costs_minor": 495,
    "customer": {"name": "Klaas Vaak", "email": "klaas@example.com", "language": "nl", "country": "NL"},
    "items": [{"item": "A", "title": "Lamp", "quantity": 2, "paid_minor": 7990, "commission_minor": 958}],
}
PARCEL: dict[str, Any] = {
    "order_number": "2398-4471",
    "shipping_method": "own",
    "carrier": "dpd",
    "tracking_number": "3SABC",
    "shipped_at": days_ago(9),
    "units": [{"item": "A", "quantity": 2}],
}
SHOP: dict[str, Any] = {"name": "Lampenhuis", "legal": {"vat_number": "NL123456789B13"}}
SCAN: dict[str, Any] = {"seller": "lampenhuis", "parcel": "P1", "occurred_at": days_ago(8), "status": "in_transit"}
CONTACT = {"order_number": "2398-4471", "subject": "Your parcel", "message": "We are looking.", "leave_open": True}
LINES = [{"parcel": "P1", "item": "A", "quantity": 2}]


def stop_counting_clock(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    """Let the database count requests at this instant, so that no minute ends within a test."""
    monkeypatch.setattr("lostpost.accounts.count_request.NOW", f"timestamptz '{at.isoformat()}'")


class Machine:
    """A client with its token."""

    def __init__(self, credentials: Credentials, client: Client | None = None, *, token: str = "") -> None:
        self.credentials = credentials
        self.client = client or Client(raise_request_exception=False)
        self.token = token or self.fresh_token()

    def restarted(self) -> Machine:
        """Return it as another process of its owner would have it: with its token, and nothing that it did before."""
        return Machine(self.credentials, token=self.token)

    def fresh_token(self) -> str:
        """Sign in."""
        basic = base64.b64encode(":".join(self.credentials).encode()).decode()
        answer = self.client.post(
            "/oauth/token", {"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"}
        )
        assert answer.status_code == 200, answer.content
        token: str = answer.json()["access_token"]
        return token

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        key: str = "",
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Any:
        """Ask; `raw` is sent as it is, `body` as JSON."""
        sent = (
            {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key else {}) | dict(headers or {})
        )
        if raw is None and body is not None:
            raw = json.dumps(body).encode()
        content: dict[str, Any] = {} if raw is None else {"data": raw, "content_type": content_type}
        return self.client.generic(method.upper(), f"/api/v1{path}", headers=sent, **content)


def a_platform() -> Machine:
    return Machine(create_client(name="Shop software", seller=None, read_only=False, by="test", now=timezone.now()))


def a_machine_of(seller: str, *, read_only: bool = False) -> Machine:
    shop = Seller.objects.get(code=seller)
    return Machine(create_client(name="Tool", seller=shop, read_only=read_only, by="test", now=timezone.now()))


def a_lost_parcel(
    platform: Machine,
    seller: str = "lampenhuis",
    *,
    order: Mapping[str, Any] | None = None,
    parcel: Mapping[str, Any] | None = None,
) -> str:
    """Put in a shop, an order, its parcel and a scan, and start contact; return the query's number.

    Args: `order`, `parcel`: what they have in place of the usual.
    """
    assert platform.call("put", f"/sellers/{seller}", SHOP).status_code == 200
    assert platform.call("put", f"/orders/{seller}/2398-4471", {**ORDER, **(order or {})}).status_code == 201
    assert platform.call("put", f"/parcels/{seller}/P1", {**PARCEL, **(parcel or {})}).status_code == 201
    answer = platform.call("post", "/scans", {"scans": [{**SCAN, "seller": seller}]})
    assert answer.json()["accepted"] == 1, answer.content
    query = platform.call("post", f"/customer-queries?seller={seller}", CONTACT, key=f"contact-{seller}")
    assert query.status_code == 201, query.content
    number: str = query.json()["number"]
    return number


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Hold an answer against what is expected of a problem, and return it."""
    assert answer.status_code == status, (answer.status_code, answer.content)
    assert answer.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["code"]) == (status, code), body
    assert body["type"].endswith(f"/api/v1/problems/{code}")
    assert {"title", "detail", "instance"} <= set(body)
    assert "Traceback" not in answer.content.decode()
    return body
