"""A shop's software asks Partnerservice, replies, appeals, and reads what was decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Seller
from lostpost.accounts.policy import change_policy
from lostpost.holds.models import Hold
from lostpost.partnerservice.inquire import Party, inquire
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.partnerservice.settle_hold import open_hold_request
from tests.api.machine import LINES, Machine, a_lost_parcel, a_machine_of, a_platform, days_ago, problem
from tests.cast import a_staff_member, row_counts
from tests.partnerservice.cases import confirmed, proposed

pytestmark = pytest.mark.django_db
PATH = "/partnerservice-requests"
SENTENCE = "She says that nobody rang."


@pytest.fixture
def platform() -> Machine:
    return a_platform()


@pytest.fixture
def agents() -> tuple[Actor, Actor]:
    pia, puck = (a_staff_member(name, "partnerservice") for name in ("Pia", "Puck"))
    return pia, puck


def delivered(platform: Machine) -> str:
    """Return the number of a query about a parcel that the carrier calls delivered."""
    number = a_lost_parcel(platform)
    scan = {"seller": "lampenhuis", "parcel": "P1", "occurred_at": days_ago(5), "status": "delivered"}
    assert platform.call("post", "/scans", {"scans": [scan]}).status_code == 200
    return number


def ask(machine: Machine, number: str, **values: Any) -> Any:
    body = {"customer_query": number, "parcel": "P1", "item": "A", "sentence": SENTENCE, **values}
    return machine.call("post", PATH, body)


def lose(machine: Machine, number: str, *, key: str) -> Any:
    return machine.call("post", "/write-offs", {"customer_query": number, "lines": LINES}, key=key)


def row(answer: Any) -> PartnerserviceRequest:
    return PartnerserviceRequest.objects.get(id=UUID(answer.json()["id"]))


def test_it_is_asked_listed_decided_and_written_off(platform, agents):
    number = delivered(platform)
    shop = a_machine_of("lampenhuis")
    problem(
        shop.call("post", "/write-offs", {"customer_query": number, "lines": LINES}, key="early-one"),
        422,
        "not-eligible",
    )

    answer = ask(shop, number)

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["kind"], body["state"], body["outcome"], body["approved"]) == ("delivered", "waiting", None, None)
    assert (body["parcel"], body["item"], body["at_stake_minor"], body["asked_by"]) == ("P1", "A", 7990, "Tool")
    assert shop.call("get", f"{PATH}?state=waiting").json()["items"] == [body]
    problem(ask(shop, number), 409, "already-asked")

    now = timezone.now()
    confirmed(proposed(row(answer), agents[0], now=now), agents[1], now=now)

    decided = shop.call("get", f"{PATH}/{body['id']}").json()
    assert (decided["outcome"], decided["approved"]["codes"], decided["approved"]["quantity"]) == (
        "approved",
        ["delivered"],
        2,
    )
    assert shop.call("get", PATH).json()["items"] == [decided]
    (event,) = [
        event for event in shop.call("get", "/events").json()["items"] if event["type"] == "partnerservice.approved"
    ]
    assert event["data"]["request"] == body["id"]
    done = lose(shop, number, key="now-it-may")
    assert done.status_code == 201, done.content


def test_a_reply_is_taken_while_it_is_waited_for(platform, agents):
    shop_number = delivered(platform)
    shop = a_machine_of("lampenhuis")
    answer = ask(shop, shop_number)
    path = f"{PATH}/{answer.json()['id']}/replies"
    problem(shop.call("post", path, {"reply": "Nobody."}), 409, "nothing-to-reply")
    request = row(answer)
    inquire(
        seller_id=request.seller_id,
        request_id=request.id,
        of=Party.SELLER,
        question="Who signed?",
        by=agents[0],
        now=timezone.now(),
    )
    assert shop.call("get", f"{PATH}/{request.id}").json()["waiting_for"] == "seller"

    replied = shop.call("post", path, {"reply": "Nobody."})

    assert (replied.status_code, replied.json()["waiting_for"]) == (200, None)


def test_a_query_as_a_whole_is_asked_about(platform):
    number = a_lost_parcel(platform)
    shop = a_machine_of("lampenhuis")
    body = {"customer_query": number, "kind": "found", "sentence": "It came."}
    problem(shop.call("post", PATH, body), 422, "not-for-partnerservice")
    assert (
        shop.call("post", "/write-offs", {"customer_query": number, "lines": LINES}, key="write-off-1").status_code
        == 201
    )

    answer = shop.call("post", PATH, body)

    assert answer.status_code == 201, answer.content
    assert (answer.json()["parcel"], answer.json()["kind"]) == (None, "found")


def test_a_write_off_on_hold_is_refused_and_appealed_against(platform):
    number = a_lost_parcel(platform)
    shop = a_machine_of("lampenhuis")
    change_policy(values={"daily_write_off_minor_max": 100}, reason="Careful", by="Olga", now=timezone.now())
    problem(lose(shop, number, key="too-much-1"), 409, "on-hold")
    hold = Hold.objects.get()
    request = open_hold_request(seller_id=hold.seller_id, hold_id=hold.id, now=timezone.now())
    assert request

    answer = shop.call("post", f"{PATH}/{request.id}/appeal", {"sentence": "It was a dear lamp."})

    assert (answer.status_code, answer.json()["kind"]) == (201, "appeal")
    problem(shop.call("post", f"{PATH}/{request.id}/appeal", {"sentence": "Again."}), 409, "already-asked")


def test_who_may_only_read_or_sells_elsewhere_asks_nothing(platform):
    number = delivered(platform)
    answer = ask(a_machine_of("lampenhuis"), number)
    platform.call("put", "/sellers/carla", {"name": "Carla"})
    reader, other = a_machine_of("lampenhuis", read_only=True), a_machine_of("carla")
    before = row_counts()

    assert reader.call("get", PATH).status_code == 200
    problem(ask(reader, number), 403, "insufficient-scope")
    problem(ask(other, number), 404, "not-found")
    request_id = answer.json()["id"]
    assert other.call("get", PATH).json()["items"] == []
    problem(other.call("get", f"{PATH}/{request_id}"), 404, "not-found")
    problem(other.call("post", f"{PATH}/{request_id}/replies", {"reply": "Me."}), 404, "not-found")
    problem(other.call("post", f"{PATH}/{request_id}/appeal", {"sentence": "Me."}), 404, "not-found")
    problem(reader.call("get", f"{PATH}/{uuid4()}"), 404, "not-found")
    assert row_counts() == before


def test_pages_follow_each_other(platform):
    number = delivered(platform)
    shop = a_machine_of("lampenhuis")
    first = row(ask(shop, number))
    PartnerserviceRequest.objects.filter(id=first.id).update(
        state="answered", outcome="answered", answer="No.", answered_at=timezone.now(), answered_by_user_id=1
    )
    PartnerserviceRequest.objects.filter(id=first.id).update(asked_at=first.asked_at - timedelta(hours=1))
    second = row(ask(shop, number))
    page = shop.call("get", f"{PATH}?size=1").json()
    assert [item["id"] for item in page["items"]] == [str(second.id)]
    page = shop.call("get", f"{PATH}?size=1&after={page['next'].replace('+', '%2B')}").json()
    assert ([item["id"] for item in page["items"]], page["next"]) == ([str(first.id)], None)
    assert Seller.objects.count() == 1
