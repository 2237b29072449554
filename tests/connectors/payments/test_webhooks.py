"""Webhooks in any order, repeated, late, early, forged: only the provider's list counts."""

import json
import time
from itertools import permutations
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.connectors.payments import mollie, stripe
from tests.cast import row_counts
from tests.connectors.payments.scene import DONE, FAILED, SECRET

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def secrets(settings):
    settings.PAYMENT_WEBHOOK_SECRETS = {"mollie": SECRET, "stripe": SECRET}


def test_a_webhook_defers_a_look_up(scene, server, refund):
    scene.carry_out(refund)
    server.settle(DONE[server.name])

    assert scene.webhook(refund) == 200
    assert refund.state == "sent", "nothing is believed, and nothing is waited for"
    assert scene.do_hints(refund) == 1

    assert refund.state == "confirmed"
    assert scene.booked(refund) == [("refund_paid", 25_00)]
    scene.assert_whole()


def test_the_same_webhook_ten_times_is_one_look_up(scene, server, refund):
    scene.carry_out(refund)
    server.settle(DONE[server.name])
    for _n in range(10):
        assert scene.webhook(refund) == 200
    assert scene.do_hints(refund) == 1
    for _n in range(3):
        scene.webhook(refund)
        scene.do_hints(refund)
    assert scene.timeline_kinds(refund) == ["requested", "sent", "confirmed"]
    scene.assert_whole()


@pytest.mark.parametrize("final", ["done", "failed"])
def test_a_webhook_that_comes_before_our_own_commit_leaves_the_same(scene, server, refund, monkeypatch, final):
    """The provider is faster than the answer to our question: the hint is looked up while that is still on its way."""
    state = (DONE if final == "done" else FAILED)[server.name]

    kind: Any = {"mollie": mollie.Mollie, "stripe": stripe.Stripe}[server.name]
    request_refund = kind.refund

    def overtaken_by_a_webhook(self, attempt):
        status = request_refund(self, attempt)
        server.settle(state, failure_reason="declined")
        assert scene.webhook(refund) == 200
        assert scene.do_hints(refund) == 1
        assert refund.state == ("confirmed" if final == "done" else "failed")
        return status

    monkeypatch.setattr(kind, "refund", overtaken_by_a_webhook)
    scene.carry_out(refund)

    assert refund.state == ("confirmed" if final == "done" else "failed")
    assert scene.timeline_kinds(refund) == ["requested", "confirmed" if final == "done" else "failed"]
    scene.assert_whole()


@pytest.mark.parametrize("order", list(permutations(["sent", "confirmed", "failed"])), ids="-".join)
def test_outdated_statuses_in_any_order_lead_to_the_same_state(scene, server, refund, order):
    """Look-ups answered out of order: the most advanced status wins."""
    from lostpost.refunds.apply_provider_status import ProviderStatus, apply_provider_status
    from lostpost.refunds.attempts import attempt_of
    from lostpost.refunds.models import Refund

    attempt = attempt_of(seller_id=refund.seller_id, refund_id=refund.id)
    assert attempt
    for state in [*order, *order]:
        code = "declined" if state == "failed" else ""
        apply_provider_status(
            attempt=attempt, status=ProviderStatus(1, "re_1", Refund.State(state), code=code), now=scene.now
        )

    refund.refresh_from_db()
    assert refund.state == "failed"
    assert [kind for kind, _amount in scene.booked(refund)] in ([], ["refund_paid", "refund_bounced"])
    scene.assert_whole()


def test_a_webhook_about_an_unknown_payment_is_accepted_without_effect(scene, server, refund):
    before = row_counts()
    if server.name == "mollie":
        for sent in ({"id": "tr_unknown"}, {"id": ""}, {}, {"id": "\x00"}, {"id": "x" * 5000}, {"testByMollie": "1"}):
            assert Client().post("/api/payments/mollie", sent).status_code == 200
    else:
        for about in ({"payment_intent": "pi_unknown"}, {}, {"id": 7}, {"charge": {"id": "ch_other"}}, {"id": "\x00"}):
            assert scene.stripe_event(about) == 200
    assert row_counts() == before


def test_a_payment_of_one_provider_is_unknown_at_the_other(scene, server, refund):
    if server.name == "mollie":
        assert scene.stripe_event({"payment_intent": refund.payment_reference}) == 200
    else:
        assert Client().post("/api/payments/mollie", {"id": refund.payment_reference}).status_code == 200
    assert not ProcrastinateJob.objects.filter(task_name="refund.look-up").exists()


def test_known_and_unknown_payments_get_the_same_answer(scene, server, refund):
    def answer_to(name):
        if server.name == "mollie":
            answer = Client().post("/api/payments/mollie", {"id": name})
        else:
            return scene.stripe_event({"charge": name})
        headers = {key: value for key, value in answer.headers.items() if key.lower() != "x-request-id"}
        return answer.status_code, answer.content, headers

    assert answer_to(refund.payment_reference) == answer_to("no-such-payment")


@pytest.mark.parametrize("wrong", ["secret", "none", "old", "garbage", "other-body", "not-utf-8"])
def test_a_forged_event_is_refused(scene, server, refund, wrong):
    before = row_counts()
    body, path = json.dumps({"data": {"object": {"charge": refund.payment_reference}}}), f"/api/payments/{server.name}"
    if server.name == "stripe":
        from stripe import WebhookSignature

        at = int(time.time()) - (3600 if wrong == "old" else 0)
        signed = WebhookSignature.generate_signature_header(
            body, "other" if wrong == "secret" else SECRET, timestamp=at
        )
        name = "Stripe-Signature"
    elif wrong in ("none", "old"):
        pytest.skip("Mollie's own webhooks are not signed, and its signatures have no time")
    else:
        signed, name = "sha256=0000", "X-Mollie-Signature"
    sent = body.replace("charge", "refund") if wrong == "other-body" else b"\xff\xfe" if wrong == "not-utf-8" else body
    headers = {"none": {}, "garbage": {name: "t=x,v1="}}.get(wrong, {name: signed})

    answer = Client().post(path, sent, "application/json", headers=headers)

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == "not-signed"
    assert row_counts() == before


def test_signed_events_are_refused_without_a_secret(scene, server, refund, settings):
    settings.PAYMENT_WEBHOOK_SECRETS = {"mollie": "", "stripe": ""}
    assert (scene.mollie_event if server.name == "mollie" else scene.stripe_event)({"id": "x"}) == 400


def test_mollies_signed_events_name_their_payment(scene, server, refund):
    if server.name != "mollie":
        pytest.skip("Mollie's")
    assert scene.mollie_event({"resource": "refund", "id": "re_1", "paymentId": refund.payment_reference}) == 200
    assert ProcrastinateJob.objects.filter(task_name="refund.look-up").count() == 1
    assert scene.mollie_event({"paymentId": refund.payment_reference}, secret="other") == 400


def test_a_body_that_is_too_large_or_no_json_is_refused(scene, server, settings):
    path = f"/api/payments/{server.name}"
    assert Client().post(path, b"x" * 300_000, "application/json").status_code == 413
    assert Client().get(path).status_code == 405
    if server.name == "stripe":
        from stripe import WebhookSignature

        for body in ("nonsense", "[1]", '"x"', "[" * 5000):
            signed = WebhookSignature.generate_signature_header(body, SECRET)
            answer = Client().post(path, body, "application/json", headers={"Stripe-Signature": signed})
            assert answer.status_code in (200, 400)
            assert "traceback" not in answer.content.decode().lower()


def test_webhooks_need_and_set_no_session_and_no_csrf_token(scene, server, refund):
    client = Client(enforce_csrf_checks=True)
    if server.name == "mollie":
        answer = client.post("/api/payments/mollie", {"id": refund.payment_reference})
        assert (answer.status_code, answer.cookies) == (200, {})
