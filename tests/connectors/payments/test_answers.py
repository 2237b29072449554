"""Answers of providers and of proxies in between, and which of them count."""

from datetime import timedelta
from typing import Any

import pytest

from lostpost.connectors.payments.provider import RetryableError
from lostpost.connectors.payments.switch_to_manual_payment import switch_to_manual_payment
from lostpost.refunds.reads import unpaid_refunds_counted
from lostpost.refunds.settle_refund import mark_refund_paid, retry_refund
from lostpost.refunds.transitions import RefundAtProvider
from tests.connectors.payments.scene import DONE, FAILED

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAGES = ["page-200", "page-302", "page-400", "page-401", "page-404", "page-407", "page-502", "json-404"]


# Proxies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_a_proxys_page_is_retried_like_an_error_of_the_provider(scene, server, refund, page):
    server.faults.append(page)

    assert isinstance(scene.carry_out(refund), RetryableError)
    assert (refund.state, refund.problem, refund.no_response_since) == ("requested", "", scene.now)
    scene.carry_out(refund, later=HOUR)

    assert (refund.state, refund.no_response_since) == ("sent", None)
    assert len(server.refunds) == 1


@pytest.mark.parametrize("page", PAGES)
def test_a_proxys_page_instead_of_the_list_is_not_an_empty_list(scene, server, refund, page):
    server.faults.append("cut-after")
    scene.carry_out(refund)
    server.list_faults.append(page)

    assert isinstance(scene.carry_out(refund, later=HOUR), RetryableError)
    assert len(server.refund_keys()) == 1
    scene.carry_out(refund, later=HOUR)

    assert (refund.state, len(server.refund_keys()), len(server.refunds)) == ("sent", 1, 1)
    scene.assert_whole()


def test_an_answer_that_is_no_refund_counts_as_lost(scene, server, refund):
    server.faults.append("unreadable-after")
    assert isinstance(scene.carry_out(refund), RetryableError)
    scene.carry_out(refund, later=HOUR)
    assert (refund.state, len(server.refund_keys())) == ("sent", 1)


# Answers about another refund ----------------------------------------------------------------------------------------

LIES: dict[str, dict[str, dict[str, Any]]] = {
    "mollie": {
        "amount": {"amount": {"currency": "EUR", "value": "250.00"}},
        "currency": {"amount": {"currency": "SEK", "value": "25.00"}},
        "payment": {"paymentId": "tr_another"},
        "mark": {"metadata": {"lostpost_refund": "another", "lostpost_attempt": "1"}},
    },
    "stripe": {
        "amount": {"amount": 250_00},
        "currency": {"currency": "sek"},
        "payment": {"payment_intent": "pi_another", "charge": "ch_another"},
        "mark": {"metadata": {}},
    },
}


@pytest.mark.parametrize("what", ["amount", "currency", "payment", "mark"])
def test_an_answer_that_differs_from_the_request_is_not_recorded(scene, server, refund, what):
    server.lie = LIES[server.name][what]
    server.status = DONE[server.name]

    assert isinstance(scene.carry_out(refund), RetryableError)

    assert (refund.state, refund.problem_code, refund.reference) == ("requested", "answer-differs", "")
    assert scene.booked(refund) == []
    server.lie = {}
    scene.carry_out(refund, later=HOUR)
    assert (refund.state, refund.problem, len(server.refund_keys())) == ("confirmed", "", 1)
    scene.assert_whole()


def test_a_refund_of_another_amount_at_the_provider_needs_a_person(scene, server, refund, fien):
    scene.carry_out(refund)
    right = server.refunds[0]["amount"]
    server.settle(DONE[server.name], amount=LIES[server.name]["amount"]["amount"])

    with pytest.raises(RetryableError):
        scene.look_up(refund)
    refund.refresh_from_db()
    assert (refund.state, refund.problem_code, unpaid_refunds_counted(most=9)) == ("sent", "answer-differs", 1)

    server.settle(DONE[server.name], amount=right)
    scene.look_up(refund)
    assert (refund.state, refund.problem) == ("confirmed", "")


# The same amount within the hour -------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", ["mollie"], indirect=True)
def test_a_duplicate_refund_is_retried_after_an_hour(scene, server, refund):
    server.faults.append("duplicate")

    waits = scene.carry_out(refund)

    assert isinstance(waits, RetryableError)
    assert (waits.code, waits.retry_seconds) == ("duplicate-refund", 3600)
    assert (refund.state, refund.problem_code, refund.no_response_since) == ("requested", "duplicate-refund", None)
    assert unpaid_refunds_counted(most=9) == 0, "nobody has to do anything"
    scene.carry_out(refund, later=HOUR)
    assert (refund.state, refund.problem_code) == ("sent", "")


# Which attempt counts ------------------------------------------------------------------------------------------------


def tried_twice(scene, server, refund, fien, *, status):
    """Fail the first attempt and create the second; then the first goes through after all."""
    scene.carry_out(refund)
    server.settle(FAILED[server.name])
    scene.look_up(refund)
    retry_refund(seller_id=refund.seller_id, number=refund.number, by=fien, now=scene.now)
    server.status = status
    scene.carry_out(refund)
    assert refund.attempt == 2
    server.settle(DONE[server.name], 0)


@pytest.mark.parametrize("before", ["pending", "done"])
def test_where_this_attempt_failed_and_an_earlier_one_lives_the_living_one_counts(scene, server, refund, fien, before):
    tried_twice(scene, server, refund, fien, status=DONE[server.name] if before == "done" else "pending")
    assert refund.state == ("confirmed" if before == "done" else "sent")
    server.settle(FAILED[server.name], 1)

    scene.look_up(refund, later=DAY)
    scene.look_up(refund, later=DAY)

    assert (refund.state, refund.attempt, refund.reference) == ("confirmed", 1, server.refunds[0]["id"])
    kinds = [kind for kind, _amount in scene.booked(refund)]
    assert kinds == (["refund_paid", "refund_bounced", "refund_paid"] if before == "done" else ["refund_paid"])
    assert len(server.refund_keys()) == 2
    scene.assert_whole()


def test_manual_payment_is_refused_while_an_earlier_attempt_lives(scene, server, refund, fien):
    tried_twice(scene, server, refund, fien, status="pending")
    server.settle(FAILED[server.name], 1)
    with pytest.raises(RefundAtProvider, match="after all"):
        switch_to_manual_payment(seller_id=refund.seller_id, refund_id=refund.id, by=fien, now=scene.now)
    refund.refresh_from_db()
    assert (refund.gateway, refund.state) == (server.name, "confirmed")


def test_two_living_attempts_are_logged_as_an_error(scene, server, refund, fien, caplog):
    tried_twice(scene, server, refund, fien, status=DONE[server.name])
    scene.look_up(refund)
    assert "lives more than once" in caplog.text
    assert (refund.state, refund.attempt) == ("confirmed", 2)


def test_an_outdated_list_changes_nothing(scene, server, refund, fien):
    tried_twice(scene, server, refund, fien, status="pending")
    newest = server.refunds.pop()
    scene.look_up(refund)
    assert (refund.state, refund.attempt, refund.reference) == ("sent", 2, newest["id"])


# What a provider cannot write ----------------------------------------------------------------------------------------


def test_an_unpayable_amount_goes_to_finance_at_once_with_its_reason(scene, server, fien):
    refund = scene.written_off(paid_minor=4_166, currency="KWD", units="4.166" if server.name == "mollie" else 4_166)

    scene.carry_out(refund)

    assert server.calls == [], "it was not even asked"
    assert (refund.gateway, refund.state, refund.problem_code) == ("manual", "requested", "amount-unpayable")
    assert refund.problem == f"{server.name.capitalize()}: 4.166 KWD is no amount that it can pay"
    assert unpaid_refunds_counted(most=9) == 1
    scene.carry_out(refund)
    mark_refund_paid(seller_id=refund.seller_id, number=refund.number, reference="B-1", by=fien, now=scene.now)
    refund.refresh_from_db()
    assert (refund.state, refund.problem, refund.problem_code) == ("confirmed", "", "")
    scene.assert_whole()
