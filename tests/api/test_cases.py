"""The policy by example, over HTTP alone: every case put in and assessed as a marketplace's programs would do it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils import timezone

from lostpost.accounts.policy import change_policy
from lostpost.core.clock import rfc3339
from lostpost.orders.models import ParcelUnit
from tests.api.machine import CONTACT, Machine, a_platform
from tests.cast import a_silent_feed

pytestmark = pytest.mark.django_db
CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).resolve().parents[1] / "eligibility" / "cases.yaml").read_text("utf-8")
)
SHOP = "lampenhuis"


class Clock:
    """The clock of the program; nothing below its edge reads another."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = timezone.now()
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def set(self, instant: str) -> None:
        self.now = datetime.fromisoformat(instant)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_every_case_holds_over_http(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    clock.set(case["placed_at"])
    if case.get("policy"):  # What an operator does; it has no address.
        change_policy(values=case["policy"], reason="the case", by="test", now=clock.now)
    platform = a_platform()
    put_in(case, platform, clock)
    clock.set(case["now"])
    platform.token = platform.fresh_token()
    fall_silent(case)
    lift(case)
    give_up(case, platform)
    lift(case)  # Once more: what was written off under it used it up.

    assessed = platform.call("get", f"/orders/2398-4471/assessment?seller={SHOP}").json()
    assert datetime.fromisoformat(assessed["assessed_at"]) == clock.now
    units = {f"{unit['parcel']}/{unit['item']}": unit for unit in assessed["units"]}
    assert case["expect"]
    for where, expected in case["expect"].items():
        unit = units[where]
        assert sorted(refusal["code"] for refusal in unit["refusals"]) == sorted(expected["refuse"])
        assert all(refusal["text"] for refusal in unit["refusals"])
        assert sorted(refusal["code"] for refusal in unit["lifted"]) == sorted(expected.get("lifted", []))
        assert unit["eligible"] == (not expected["refuse"])
        assert unit["available"] == expected["available"]
        assert eligible_from(unit) == (datetime.fromisoformat(expected["from"]) if expected["from"] else None)


def put_in(case: dict[str, Any], platform: Machine, clock: Clock) -> None:
    """Put the shop, the order, its parcels and their scans in."""
    created(platform.call("put", f"/sellers/{SHOP}", {"name": "Lampenhuis"}))
    items = [
        {"item": item, "title": "Lamp", "quantity": of["ordered"], "paid_minor": 2500, "commission_minor": 300}
        for item, of in case["items"].items()
    ]
    customer = {"name": "Klaas", "email": "klaas@example.com"}
    order = {"placed_at": case["placed_at"], "currency": "EUR", "customer": customer, "items": items}
    created(platform.call("put", f"/orders/{SHOP}/2398-4471", order))
    for code, of in case["parcels"].items():
        parcel = {
            "order_number": "2398-4471",
            "shipping_method": of.get("method", "own"),
            "carrier": "dpd",
            "tracking_number": f"3S{code}" if of.get("tracked", True) else "",
            "shipped_at": of["shipped_at"],
            "units": [{"item": item, "quantity": quantity} for item, quantity in of["units"].items()],
        }
        clock.set(of["shipped_at"])
        platform.token = platform.fresh_token()
        if changed := of.get("number_changed_at"):
            created(platform.call("put", f"/parcels/{SHOP}/{code}", {**parcel, "tracking_number": "3SWRONG"}))
            clock.set(changed)
            platform.token = platform.fresh_token()
        created(platform.call("put", f"/parcels/{SHOP}/{code}", parcel))
    clock.set(case["now"])
    platform.token = platform.fresh_token()
    scans = [
        {"seller": SHOP, "parcel": code, "occurred_at": at, "status": status}
        for code, of in case["parcels"].items()
        for at, status in of.get("scans", [])
    ]
    if scans:
        result = created(platform.call("post", "/scans", {"scans": scans})).json()
        assert (result["accepted"], result["rejected"]) == (len(scans), [])


def fall_silent(case: dict[str, Any]) -> None:
    """Let the scans of the carrier not reach us, as the job finds out; an agent may have lifted that."""
    feeds = [of["silent_feed"] for of in case["parcels"].values() if of.get("silent_feed")]
    if feeds:
        until = feeds[0].get("lifted_until")
        now = datetime.fromisoformat(case["now"])
        a_silent_feed("DPD", lifted_until=datetime.fromisoformat(until) if until else None, now=now)


def lift(case: dict[str, Any]) -> None:
    """Put the overrides on their units; no program may, only two agents of Partnerservice."""
    for unit in ParcelUnit.objects.select_related("parcel", "order_item"):
        if override := case["parcels"][unit.parcel.code].get("override"):
            unit.override = {
                "id": "1",
                "reason": "The driver says so.",
                "proposed_by": "Pia",
                "confirmed_by": "Otto",
                **override,
                "ordered": unit.order_item.quantity,
                "paid_minor": unit.order_item.paid_minor,
                "updated_at": rfc3339(unit.parcel.last_scanned_at),
            }
            unit.save()


def give_up(case: dict[str, Any], platform: Machine) -> None:
    """Write off and send back what the case says is gone."""
    if back := case.get("returned"):
        sent = {"order_number": "2398-4471", "units": back, "status": "received"}
        created(platform.call("put", f"/returns/{SHOP}/R1", sent))
    if written_off := case.get("written_off"):
        query = created(platform.call("post", f"/customer-queries?seller={SHOP}", CONTACT, key="contact-1")).json()
        wish = {"customer_query": query["number"], "lines": written_off}
        created(platform.call("post", f"/write-offs?seller={SHOP}", wish, key="write-off-1"))


def created(answer: Any) -> Any:
    assert answer.status_code in (200, 201), answer.content
    return answer


def eligible_from(unit: dict[str, Any]) -> datetime | None:
    """Say when the last of the refusals that pass by themselves is gone."""
    instants = [refusal["eligible_from"] for refusal in unit["refusals"] if refusal["eligible_from"]]
    return max(map(datetime.fromisoformat, instants), default=None)
