"""Refunds by API: a marketplace that pays them itself tells the outcome, tries again, or takes them from a provider."""

from __future__ import annotations

from typing import Any

import pytest

from lostpost.customer_queries.models import CustomerQuery
from lostpost.refunds.models import Refund
from tests.api.machine import LINES, Machine, a_lost_parcel, a_machine_of, a_platform, problem
from tests.cast import row_counts
from tests.connectors.payments.servers import KEY, MollieServer, Payment, serving

PAID = {"outcome": "paid", "reference": "BANK-1"}
FAILED = {"outcome": "failed", "problem": "The account is closed"}


@pytest.fixture
def platform(db: None) -> Machine:
    return a_platform()


@pytest.fixture
def refund(platform: Machine) -> str:
    """Write a parcel off; return where its refund is found."""
    wish = {"customer_query": a_lost_parcel(platform), "lines": LINES}
    answer = platform.call("post", "/write-offs?seller=lampenhuis", wish, key="write-off-1")
    assert answer.status_code == 201, answer.content
    return f"/refunds/lampenhuis/{answer.json()['number']}"


def post_outcome(platform: Machine, refund: str, outcome: dict[str, str]) -> dict[str, Any]:
    answer = platform.call("post", f"{refund}/outcome", outcome)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def test_a_failed_refund_may_be_marked_paid(platform, refund):
    assert post_outcome(platform, refund, FAILED)["state"] == "failed"

    paid = post_outcome(platform, refund, PAID)

    assert (paid["state"], paid["failed_at"], paid["problem"], paid["reference"]) == ("confirmed", None, "", "BANK-1")
    assert post_outcome(platform, refund, PAID) == paid


def test_one_that_failed_is_tried_again_once_for_each_key(platform, refund):
    post_outcome(platform, refund, FAILED)
    first = platform.call("post", f"{refund}/retry", key="try-again-1")
    assert (first.status_code, first.json()["state"]) == (201, "requested")
    post_outcome(platform, refund, FAILED)
    rows = row_counts()

    again = platform.call("post", f"{refund}/retry", key="try-again-1")

    assert again.content == first.content
    assert row_counts() == rows
    assert Refund.objects.get().state == "failed", "a repeat of the first wish is no second one"
    assert platform.call("post", f"{refund}/retry", key="try-again-2").json()["state"] == "requested"
    assert Refund.objects.get().attempt == 3


def test_a_paid_refund_is_not_retried(platform, refund):
    post_outcome(platform, refund, PAID)
    problem(platform.call("post", f"{refund}/retry", key="try-again-1"), 409, "refund-settled")
    problem(platform.call("post", f"{refund}/retry"), 422, "validation-failed")
    missing = "/refunds/lampenhuis/4711039288-9"
    problem(platform.call("post", f"{missing}/retry", key="try-again-1"), 404, "not-found")
    problem(platform.call("post", f"{missing}/by-hand"), 404, "not-found")


def test_a_shop_may_do_neither(platform, refund):
    shop = a_machine_of("lampenhuis")
    problem(shop.call("post", f"{refund}/retry", key="try-again-1"), 403, "insufficient-scope")
    problem(shop.call("post", f"{refund}/by-hand"), 403, "insufficient-scope")


def test_a_provider_refund_is_switched_to_manual_once_none_lives_there(platform, refund, settings):
    server = MollieServer(payments={"tr_1": Payment("tr_1", "500.00", "EUR")})
    at_provider = {"gateway": "mollie", "payment_reference": "tr_1", "state": "failed", "problem": "No"}
    with serving(server):
        settings.PAYMENT_KEYS = {**settings.PAYMENT_KEYS, "mollie": KEY}
        settings.PAYMENT_URLS = {**settings.PAYMENT_URLS, "mollie": server.url}
        row = Refund.objects.get()
        Refund.objects.update(**at_provider, failed_at=row.requested_at, asked_at=row.requested_at)
        CustomerQuery.objects.update(refunds_failed=1)
        problem(platform.call("post", f"{refund}/outcome", PAID), 409, "refund-at-provider")
        server.list_faults.append("500")
        problem(platform.call("post", f"{refund}/by-hand"), 409, "refund-at-provider")

        answers = [platform.call("post", f"{refund}/by-hand") for _n in range(2)]

    assert [(it.status_code, it.json()["state"]) for it in answers] == [(200, "requested")] * 2
    assert server.refund_keys() == []
    assert Refund.objects.get().gateway == "manual"
    assert post_outcome(platform, refund, PAID)["state"] == "confirmed"
