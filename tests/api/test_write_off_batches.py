"""Many write-offs at once, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from lostpost.accounts.models import Seller
from lostpost.write_off_batches.models import WriteOffBatch
from lostpost.write_off_batches.run_batch import run_batch
from lostpost.writeoffs.models import WriteOff
from tests.api.machine import Machine, a_lost_parcel, a_machine_of, a_platform, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def lost() -> tuple[Machine, str]:
    """Return the shop's machine, and the number of a query whose parcel is lost."""
    number = a_lost_parcel(a_platform())
    return a_machine_of("lampenhuis"), number


def queries(*numbers: str, **more: Any) -> dict[str, Any]:
    return {"customer_queries": [{"customer_query": number, **more} for number in numbers]}


def test_a_batch_from_preview_to_result(lost):
    shop, number = lost

    preview = shop.call("post", "/write-offs/batch/preview", queries(number, "4711")).json()

    good, bad = preview["customer_queries"]
    assert (preview["currency"], preview["refund_minor"], preview["needs_second_person"]) == ("EUR", 8485, False)
    assert (good["lines"], good["refusal"]) == ([{"parcel": "P1", "item": "A", "quantity": 2}], None)
    assert (bad["order_number"], bad["token"], bad["refusal"]["code"]) == (None, None, "not-found")

    wish = {"customer_queries": [{"customer_query": number, "lines": good["lines"], "token": good["token"]}]}
    first = shop.call("post", "/write-offs/batch", wish, key="batch-number-1")
    again = shop.call("post", "/write-offs/batch", wish, key="batch-number-1")
    assert (first.status_code, first.content) == (201, again.content)
    batch = first.json()
    assert (batch["state"], [line["state"] for line in batch["customer_queries"]]) == ("running", ["pending"])

    seller = Seller.objects.get(code="lampenhuis")
    run_batch(seller_id=seller.id, batch_id=UUID(batch["id"]), clock=timezone.now)

    after = shop.call("get", f"/write-off-batches/{batch['id']}").json()
    (line,) = after["customer_queries"]
    assert (after["state"], line["state"], line["write_off"]) == ("finished", "done", f"{number}-1")
    assert shop.call("get", f"/write-offs/{number}-1").json()["refund"]["amount_minor"] == 8485
    (head,) = shop.call("get", "/write-off-batches").json()["items"]
    assert head == {name: value for name, value in after.items() if name != "customer_queries"}


def test_a_refused_line_says_every_reason(lost):
    shop, number = lost
    shop.call("post", "/write-offs/batch", queries(number), key="batch-number-1")
    batch = WriteOffBatch.objects.get()
    run_batch(seller_id=batch.seller_id, batch_id=batch.id, clock=timezone.now)

    (line,) = shop.call("post", "/write-offs/batch/preview", queries(number)).json()["customer_queries"]

    assert (line["order_number"], line["lines"], line["token"]) == ("2398-4471", [], None)
    assert line["refusal"]["code"] == "not-eligible"
    assert [reason["code"] for units in line["refusal"]["lines"] for reason in units["refusals"]] == [
        "fully-written-off"
    ]
    assert WriteOff.objects.count() == 1


def test_another_shops_queries_are_not_there(lost):
    _shop, number = lost
    platform = a_platform()
    platform.call("put", "/sellers/carlas-keramiek", {"name": "Carla"})
    hers = a_machine_of("carlas-keramiek")

    (line,) = hers.call("post", "/write-offs/batch/preview", queries(number)).json()["customer_queries"]

    assert (line["order_number"], line["refusal"]["code"]) == (None, "not-found")
    problem(hers.call("post", "/write-offs/batch", queries(number), key="batch-number-1"), 422, "rejected")
    assert not WriteOffBatch.objects.exists()


@pytest.mark.parametrize(
    ("values", "code"),
    [({"batch_minor_max": 1}, "batch-too-large"), ({"batch_day_minor_max": 1}, "batch-day-limit")],
)
def test_the_limits_refuse_the_whole_batch(lost, values, code):
    from lostpost.accounts.policy import change_policy

    shop, number = lost
    change_policy(values=values, reason="the test", by="operator", now=timezone.now())

    preview = shop.call("post", "/write-offs/batch/preview", queries(number)).json()
    assert [refusal["code"] for refusal in preview["refusals"]] == [code]
    problem(shop.call("post", "/write-offs/batch", queries(number), key="batch-number-1"), 422, code)


def test_a_batch_is_stopped_and_a_finished_one_is_not(lost):
    shop, number = lost
    batch = shop.call("post", "/write-offs/batch", queries(number), key="batch-number-1").json()
    address = f"/write-off-batches/{batch['id']}"

    for _repeat in range(2):
        stopped = shop.call("post", f"{address}/cancel").json()
        assert [line["refusal"]["code"] for line in stopped["customer_queries"]] == ["batch-cancelled"]

    row = WriteOffBatch.objects.get()
    run_batch(seller_id=row.seller_id, batch_id=row.id, clock=lambda: timezone.now() + timedelta(seconds=1))
    problem(shop.call("post", f"{address}/cancel"), 409, "batch-decided")
    assert not WriteOff.objects.exists()
