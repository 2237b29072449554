"""One action for many customer queries, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import change_policy
from lostpost.query_actions.models import QueryActionRun
from lostpost.query_actions.run_action import run_action
from tests.api.machine import Machine, a_lost_parcel, a_machine_of, a_platform, problem
from tests.cast import a_member, user_of

pytestmark = pytest.mark.django_db
AT = "/customer-queries/actions"


@pytest.fixture
def lost() -> tuple[Machine, str]:
    """Return the shop's machine, and the number of a query whose parcel is lost."""
    number = a_lost_parcel(a_platform())
    return a_machine_of("lampenhuis"), number


def action(*numbers: str, **values: Any) -> dict[str, Any]:
    return {**values, "customer_queries": [{"customer_query": number} for number in numbers]}


def test_an_answer_from_preview_to_result(lost):
    shop, number = lost
    wish = action(number, "4711", action="answer", message="Order {order} is lost.", leave_open=False)

    good, bad = shop.call("post", f"{AT}/preview", wish).json()["customer_queries"]
    assert (good["message"], good["refusal"]) == ("Order 2398-4471 is lost.", None)
    assert (bad["order_number"], bad["token"], bad["refusal"]["code"]) == (None, None, "not-found")

    wish["customer_queries"] = [{"customer_query": number, "token": good["token"]}, {"customer_query": "4711"}]
    first = shop.call("post", AT, wish, key="action-number-1")
    again = shop.call("post", AT, wish, key="action-number-1")
    assert (first.status_code, first.content) == (201, again.content)
    run = first.json()
    assert [line["state"] for line in run["customer_queries"]] == ["pending", "refused"]

    run_action(seller_id=Seller.objects.get().id, run_id=UUID(run["id"]), clock=timezone.now)

    after = shop.call("get", f"/customer-query-actions/{run['id']}").json()
    assert [line["state"] for line in after["customer_queries"]] == ["done", "refused"]
    assert after["ended_at"]
    assert shop.call("get", f"/customer-queries/{number}").json()["state"] == "handled"


def test_many_are_assigned_to_a_person_of_the_shop_and_to_nobody(lost):
    shop, number = lost
    anna = a_member(Seller.objects.get(), "Anna", "owner")
    email = user_of(anna).email

    for assignee, name in ((email.upper(), "Anna"), ("nobody", None)):
        wish = action(number, action="assign", assignee=assignee)
        assert shop.call("post", f"{AT}/preview", wish).json()["customer_queries"][0]["refusal"] is None
        run = shop.call("post", AT, wish, key=f"assign-to-{name}").json()
        assert run["assignee"] == name
        run_action(seller_id=anna.seller_id, run_id=UUID(run["id"]), clock=timezone.now)
        assert shop.call("get", f"/customer-queries/{number}").json()["assignee"] == name

    for wrong in ({}, {"assignee": "carla@example.com"}):
        problem(shop.call("post", AT, action(number, action="assign", **wrong), key="wrong-assignee"), 422, "rejected")


@pytest.mark.parametrize(
    ("values", "status", "code"),
    [
        ({"action": "answer", "leave_open": True}, 422, "rejected"),
        ({"action": "answer", "template": "none", "leave_open": True}, 404, "not-found"),
        ({"action": "answer", "message": "{nothing}", "leave_open": True}, 422, "template-refused"),
        ({"action": "put-aside"}, 422, "rejected"),
    ],
)
def test_an_action_that_is_not_whole_is_refused(lost, values, status, code):
    shop, number = lost

    problem(shop.call("post", f"{AT}/preview", action(number, **values)), status, code)
    problem(shop.call("post", AT, action(number, **values), key="action-number-1"), status, code)
    assert not QueryActionRun.objects.exists()


def test_the_limit_refuses_all(lost):
    shop, number = lost
    other = shop.call(
        "post",
        "/customer-queries",
        {"order_number": "2398-4471", "subject": "Again", "message": "And the shade?", "leave_open": True},
        key="contact-again",
    ).json()["number"]
    change_policy(values={"query_action_lines_max": 1}, reason="the test", by="operator", now=timezone.now())
    wish = action(number, other, action="close")

    assert shop.call("post", f"{AT}/preview", wish).json()["refusal"]["code"] == "too-many-queries"
    problem(shop.call("post", AT, wish, key="action-number-1"), 422, "too-many-queries")
