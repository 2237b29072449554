"""From requested to paid through a provider's own library, with all kinds of failures in between."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.connectors.payments.provider import RetryableError
from lostpost.customer_queries.close_query import close_query
from lostpost.jobs.refunds import RefundBackOff, defer_forgotten_refunds, look_after
from lostpost.refunds.gateway import ManualGateway, gateway_of_new_refunds
from lostpost.refunds.models import Refund
from lostpost.refunds.settle_refund import RefundAtProvider, mark_refund_failed, mark_refund_paid, retry_refund
from tests.connectors.payments.scene import DONE, FAILED

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def jobs(task="refund.send"):
    return list(ProcrastinateJob.objects.filter(task_name=task).values_list("args", flat=True))


# Which way ---------------------------------------------------------------------------------------------------------


def test_a_refund_uses_the_gateway_of_its_orders_payment(scene, server):
    refund = scene.written_off()

    order = refund.order
    assert (refund.gateway, refund.state) == (server.name, "requested")
    assert refund.payment_reference == order.payment_reference != ""
    assert jobs() == [{"seller": str(refund.seller_id), "refund": str(refund.id)}]


@pytest.mark.parametrize("order", [{"payment_provider": "manual"}, {"payment_reference": "../x"}], ids=str)
def test_a_refund_without_a_connected_provider_is_manual(scene, order):
    refund = scene.written_off(**order)

    assert refund.gateway == "manual"
    assert refund.payment_reference == refund.order.payment_reference != ""
    assert jobs() == []
    assert isinstance(gateway_of_new_refunds(scene.server.name, ""), ManualGateway)


def test_a_provider_without_a_key_is_not_connected(scene, settings):
    settings.PAYMENT_KEYS = {}
    refund = scene.written_off()
    assert (refund.gateway, bool(refund.payment_reference)) == ("manual", True)


def test_a_refund_of_zero_is_not_requested(scene):
    refund = scene.written_off(paid_minor=0)
    assert refund.state == "confirmed"
    assert jobs() == []


# There and back ----------------------------------------------------------------------------------------------------


def test_a_refund_is_sent_and_later_confirmed(scene, server, refund):
    scene.carry_out(refund)
    assert (refund.state, refund.reference, refund.asked_at) == ("sent", server.refunds[0]["id"], scene.now)

    server.settle(DONE[server.name])
    scene.look_up(refund, later=DAY)

    assert (refund.state, refund.confirmed_at) == ("confirmed", scene.now)
    assert scene.timeline_kinds(refund) == ["requested", "sent", "confirmed"]
    assert scene.booked(refund) == [("refund_paid", 25_00)]
    scene.assert_whole()


def test_a_refund_that_is_done_at_once_is_confirmed_at_once(scene, server, refund):
    server.status = DONE[server.name]
    scene.carry_out(refund)
    assert (refund.state, scene.timeline_kinds(refund)) == ("confirmed", ["requested", "confirmed"])
    scene.assert_whole()


def test_the_provider_stores_which_refund_it_is(scene, server, refund):
    scene.carry_out(refund)
    metadata = server.refunds[0]["metadata"]
    assert metadata == {
        "lostpost_refund": str(refund.id),
        "lostpost_attempt": "1",
        "refund": refund.number,
        "order": refund.order.number,
    }


def test_repeating_the_job_does_nothing(scene, server, refund):
    for _n in range(3):
        scene.carry_out(refund)
    assert len(server.calls) == 1


def test_no_transaction_is_open_during_a_request(transactional_db, scene, server):
    refund = scene.written_off()
    open_ones = []

    def look(method):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
            )
            open_ones.append(cursor.fetchone()[0])
        connection.close()

    server.before_doing = look
    scene.carry_out(refund)
    assert open_ones == [0]
    assert refund.state == "sent"


# Lost answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["timeout-after", "500-after", "cut-after", "unreadable-after"])
def test_after_a_lost_answer_the_refund_is_looked_up_and_not_requested_again(scene, server, refund, fault):
    server.faults.append(fault)

    assert isinstance(scene.carry_out(refund), RetryableError)
    assert (refund.state, refund.problem, refund.no_response_since) == ("requested", "", scene.now)
    scene.carry_out(refund, later=DAY)

    assert refund.state == "sent"
    assert len(server.refund_keys()) == 1
    assert len(server.refunds) == 1
    assert refund.no_response_since is None


@pytest.mark.parametrize("fault", ["500", "429", "409", "cut", "garbage"])
def test_a_refund_that_was_not_created_is_requested_again_with_the_same_key(scene, server, refund, fault):
    server.faults.append(fault)

    waits = scene.carry_out(refund)
    assert isinstance(waits, RetryableError)
    assert waits.retry_seconds == (77 if fault == "429" else 0)
    scene.carry_out(refund)

    assert refund.state == "sent"
    first, second = server.refund_keys()
    assert first == second
    assert server.listed() >= 1, "looked up before it was asked again"
    assert len(server.refunds) == 1


def test_a_refund_is_not_requested_again_while_it_cannot_be_looked_up(scene, server, refund):
    server.faults.append("timeout-after")
    server.list_faults.extend(["500", "429", "cut"])
    scene.carry_out(refund)
    for _n in range(3):
        assert isinstance(scene.carry_out(refund), RetryableError)
    assert len(server.refund_keys()) == 1
    scene.carry_out(refund)
    assert (refund.state, len(server.refunds)) == ("sent", 1)


def test_our_refund_is_found_among_many_pages_of_others(scene, server):
    refund = scene.written_off(units="1000.00" if server.name == "mollie" else 1000_00)
    server.faults.append("cut-after")
    scene.carry_out(refund)
    ours = server.refunds.pop()
    other = {**ours, "metadata": {**ours["metadata"], "lostpost_refund": "another"}}
    others = [{**other, "id": f"re_9{n:05}"} for n in range(5)]
    server.refunds[:] = [ours, *others, {**other, "id": "re_999999", "metadata": {}}]

    scene.carry_out(refund)

    assert (refund.state, refund.reference) == ("sent", ours["id"])
    assert server.listed() == 4


def test_a_frozen_worker_looks_up_again_before_it_requests(scene, server, refund):
    from lostpost.connectors.payments.carry_out import carry_out

    times = iter([scene.now, scene.now + timedelta(minutes=6), scene.now + timedelta(minutes=6)])
    with pytest.raises(RetryableError):
        carry_out(seller_id=refund.seller_id, refund_id=refund.id, clock=lambda: next(times))
    assert server.calls == []


def test_after_a_day_without_response_finance_sees_since_when(scene, server, refund):
    server.faults.extend(["cut"] * 3)
    server.list_faults.extend(["cut"] * 2)
    scene.carry_out(refund)
    began = scene.now
    scene.carry_out(refund, later=DAY / 2)
    assert refund.problem_code == ""
    scene.carry_out(refund, later=DAY / 2)

    assert (refund.state, refund.problem_code, refund.no_response_since) == ("requested", "no-answer", began)
    scene.carry_out(refund)
    server.faults.clear()
    scene.carry_out(refund)
    assert (refund.state, refund.problem, refund.problem_code, refund.no_response_since) == ("sent", "", "", None)


def test_a_refused_key_is_reported_at_once(scene, server, refund, settings):
    right, settings.PAYMENT_KEYS = settings.PAYMENT_KEYS, {server.name: "wrong"}
    assert isinstance(scene.carry_out(refund), RetryableError)
    assert (refund.state, refund.problem_code) == ("requested", "key-refused")

    settings.PAYMENT_KEYS = right
    scene.carry_out(refund)
    assert (refund.state, refund.problem) == ("sent", "")


def test_a_provider_that_is_not_connected_any_more_keeps_its_refund(scene, server, refund, settings):
    right, settings.PAYMENT_KEYS = settings.PAYMENT_KEYS, {}
    assert isinstance(scene.carry_out(refund), RetryableError)
    assert (refund.state, refund.problem_code, refund.asked_at) == ("requested", "not-connected", None)

    settings.PAYMENT_KEYS = right
    scene.carry_out(refund)
    assert refund.state == "sent"


def test_retries_slow_down_to_an_hour_and_follow_retry_after():
    def seconds(attempts: int, error: Exception, **strategy: Any) -> int | None:
        job: Any = SimpleNamespace(id=1, attempts=attempts)
        decision = RefundBackOff(**strategy).get_retry_decision(exception=error, job=job)
        if decision is None:
            return None
        assert decision.retry_at
        return round((decision.retry_at - timezone.now()).total_seconds())

    silence = RetryableError("No answer")
    assert [seconds(attempts, silence) for attempts in (0, 1, 5, 6, 1000)] == [30, 60, 1800, 3600, 3600]
    assert seconds(0, RetryableError("Slower", retry_seconds=300)) == 300
    assert seconds(0, RetryableError("Much slower", retry_seconds=10**6)) == 86_400, "a day, and then again"
    assert seconds(6, silence, most=7) == 3600
    assert seconds(7, silence, most=7) is None


# Permanent errors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("disputed", "payment-disputed"),
        ("refunded", "already-refunded"),
        ("too-high", "amount-too-high"),
        ("unknown", "payment-unknown"),
    ],
)
def test_a_permanent_error_goes_to_finance_with_its_reason(scene, server, anna, how, code):
    refund = scene.written_off(units=("20.00" if server.name == "mollie" else 20_00) if how == "too-high" else None)
    close_query(number=refund.query.number, by=anna, now=scene.now)
    (payment,) = server.payments.values()
    match how:
        case "disputed":
            payment.disputed = True
        case "refunded":
            payment.amount = "0.00" if server.name == "mollie" else 0
        case "unknown":
            server.payments.clear()

    scene.carry_out(refund)

    assert (refund.state, refund.problem_code, refund.failed_at) == ("failed", code, scene.now)
    assert refund.problem.lower().startswith(server.name)
    assert scene.timeline_kinds(refund) == ["requested", "failed"]
    refund.query.refresh_from_db()
    assert refund.query.state == "open"
    assert server.refunds == []
    scene.assert_whole()


def test_a_refund_that_fails_at_the_bank_fails_here(scene, server, refund):
    scene.carry_out(refund)
    server.settle(FAILED[server.name], failure_reason="expired_or_canceled_card")
    scene.look_up(refund)
    assert refund.state == "failed"
    assert refund.problem_code == ("account-closed" if server.name == "stripe" else "declined")
    scene.assert_whole()


def test_a_bounced_refund_is_reversed_and_may_be_paid_again(scene, server, refund, fien):
    server.status = DONE[server.name]
    scene.carry_out(refund)
    server.settle(FAILED[server.name], failure_reason="lost_or_stolen_card")

    scene.look_up(refund, later=DAY)
    scene.look_up(refund)

    assert refund.state == "failed"
    assert scene.booked(refund) == [("refund_paid", 25_00), ("refund_bounced", 25_00)]
    scene.assert_whole()

    scene.now += DAY
    retry_refund(seller_id=refund.seller_id, number=refund.number, by=fien, now=scene.now)
    scene.carry_out(refund)
    assert (refund.state, refund.attempt) == ("confirmed", 2)
    assert [kind for kind, _amount in scene.booked(refund)] == ["refund_paid", "refund_bounced", "refund_paid"]
    scene.assert_whole()
    server.settle(FAILED[server.name], failure_reason="lost_or_stolen_card")
    scene.look_up(refund, later=DAY)
    assert len(scene.booked(refund)) == 4
    scene.assert_whole()


def test_a_new_attempt_has_a_key_of_its_own_and_is_looked_up_before(scene, server, refund, fien):
    payment = next(iter(server.payments.values()))
    payment.disputed = True
    scene.carry_out(refund)
    payment.disputed = False

    retry_refund(seller_id=refund.seller_id, number=refund.number, by=fien, now=scene.now)
    assert (refund.attempt, len(jobs())) == (1, 2)
    scene.carry_out(refund)

    assert (refund.state, refund.attempt) == ("sent", 2)
    first, second = server.refund_keys()
    assert first != second
    assert server.refunds[0]["metadata"]["lostpost_attempt"] == "2"


def test_a_retry_takes_over_an_earlier_attempt_that_went_through_after_all(scene, server, refund, fien):
    scene.carry_out(refund)
    server.settle(FAILED[server.name])
    scene.look_up(refund)
    server.settle("pending")  # Which no provider does; a person there may.

    retry_refund(seller_id=refund.seller_id, number=refund.number, by=fien, now=scene.now)
    scene.carry_out(refund)

    assert (refund.state, refund.attempt, refund.reference) == ("sent", 1, server.refunds[0]["id"])
    assert len(server.refund_keys()) == 1


def test_refunds_at_a_provider_are_not_settled_by_hand(scene, refund, fien):
    for command, values in ((mark_refund_paid, {"reference": "B"}), (mark_refund_failed, {"problem": "No"})):
        with pytest.raises(RefundAtProvider):
            command(seller_id=refund.seller_id, number=refund.number, by=fien, now=scene.now, **values)


# Looked after ------------------------------------------------------------------------------------------------------


def test_a_forgotten_refund_gets_one_job_again(scene, refund):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    for _n in range(2):
        defer_forgotten_refunds(0)
    assert jobs() == [{"seller": str(refund.seller_id), "refund": str(refund.id)}]


def test_a_refund_sent_long_ago_is_looked_up(scene, refund):
    look_after(0)
    assert jobs("refund.look-up") == []
    scene.carry_out(refund)
    for _n in range(2):
        look_after(0)
    assert jobs("refund.look-up") == [{"seller": str(refund.seller_id), "refund": str(refund.id)}]


# Currencies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text", "number"),
    [(25_00, "EUR", "25.00", 2500), (100, "JPY", "100", 100), (1999, "BRL", "19.99", 1999), (7, "EUR", "0.07", 7)],
)
def test_each_currency_is_written_as_the_provider_wants_it(scene, server, amount_minor, currency, text, number):
    units = text if server.name == "mollie" else number
    refund = scene.written_off(paid_minor=amount_minor, currency=currency, units=units)
    scene.carry_out(refund)
    assert refund.state == "sent"
    amount = server.refunds[0]["amount"]
    assert amount == ({"currency": currency, "value": text} if server.name == "mollie" else number)


def test_refunds_of_one_payment_never_exceed_it(scene, server):
    """Two orders of one payment with the same amount are told apart."""
    first = scene.written_off(units="50.00" if server.name == "mollie" else 50_00)
    second = scene.written_off(payment_reference=first.payment_reference)
    for refund in (first, second):
        scene.carry_out(refund)
        assert refund.state == "sent"
    assert len({each["id"] for each in server.refunds}) == 2
    assert Refund.objects.filter(seller_id=first.seller_id).values("reference").distinct().count() == 2
