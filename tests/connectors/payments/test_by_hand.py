"""Finance switches a refund to manual payment, once its provider has no such refund."""

from datetime import timedelta

import pytest

from lostpost.connectors.payments.switch_to_manual_payment import look_up_now, switch_to_manual_payment
from lostpost.refunds.settle_refund import mark_refund_paid, mark_refund_sent
from lostpost.refunds.transitions import RefundAtProvider, RefundSettled
from tests.connectors.payments.scene import DONE

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def take(scene, refund, fien):
    def call():
        try:
            return switch_to_manual_payment(seller_id=refund.seller_id, refund_id=refund.id, by=fien, now=scene.now)
        finally:
            refund.refresh_from_db()

    return call


def pay(scene, refund, fien):
    mark_refund_paid(seller_id=refund.seller_id, number=refund.number, reference="BANK-1", by=fien, now=scene.now)


def test_manual_payment_of_an_unrequested_refund_is_immediate(scene, server, refund, take, fien, settings):
    settings.PAYMENT_KEYS = {}
    take()
    assert (refund.gateway, refund.state, server.calls) == ("manual", "requested", [])
    scene.carry_out(refund)
    assert server.calls == [], "its job finds nothing to do"
    pay(scene, refund, fien)
    scene.assert_whole()


def test_manual_payment_of_a_failed_refund_looks_it_up_first(scene, server, refund, take, fien):
    next(iter(server.payments.values())).disputed = True
    scene.carry_out(refund)
    listed = server.listed()

    take()

    assert server.listed() == listed + 1
    assert (refund.gateway, refund.state, refund.problem, refund.attempt) == ("manual", "requested", "", 2)
    pay(scene, refund, fien)
    scene.assert_whole()


def test_manual_payment_is_refused_if_the_refund_went_through(scene, server, refund, take):
    server.faults.append("timeout-after")
    server.status = DONE[server.name]
    scene.carry_out(refund)
    scene.now += HOUR

    with pytest.raises(RefundAtProvider, match="after all"):
        take()

    assert (refund.gateway, refund.state) == (server.name, "confirmed")
    scene.assert_whole()


def test_manual_payment_is_refused_if_the_look_up_fails(scene, server, refund, take, settings):
    server.faults.append("cut")
    scene.carry_out(refund)
    scene.now += HOUR
    server.list_faults.append("500")
    with pytest.raises(RefundAtProvider, match="cannot be asked now"):
        take()
    settings.PAYMENT_KEYS = {}
    with pytest.raises(RefundAtProvider, match="cannot be asked now"):
        take()
    assert refund.gateway == server.name


def test_manual_payment_is_refused_during_a_request(scene, server, refund, take):
    server.faults.append("cut")
    scene.carry_out(refund)
    with pytest.raises(RefundAtProvider, match="ten minutes"):
        take()
    scene.now += HOUR
    take()
    assert refund.gateway == "manual"


def test_manual_payment_is_refused_while_the_refund_is_sent(scene, refund, take):
    scene.carry_out(refund)
    with pytest.raises(RefundAtProvider):
        take()
    assert refund.state == "sent"


def test_manual_payment_of_a_paid_refund_is_refused(scene, server, refund, take):
    scene.carry_out(refund)
    server.settle(DONE[server.name])
    scene.look_up(refund)
    server.refunds.clear()
    with pytest.raises(RefundSettled):
        take()


def test_a_look_up_records_the_status(scene, server, refund):
    scene.carry_out(refund)
    server.settle(DONE[server.name])
    look_up_now(seller_id=refund.seller_id, refund_id=refund.id, now=scene.now)
    refund.refresh_from_db()
    assert refund.state == "confirmed"
    server.list_faults.append("500")
    with pytest.raises(RefundAtProvider):
        look_up_now(seller_id=refund.seller_id, refund_id=refund.id, now=scene.now)


def test_finance_may_mark_a_bank_payment_as_sent(scene, refund, take, fien, settings):
    settings.PAYMENT_KEYS = {}
    take()
    for _n in range(2):
        mark_refund_sent(seller_id=refund.seller_id, number=refund.number, reference="B-1", by=fien, now=scene.now)
    refund.refresh_from_db()
    assert (refund.state, refund.reference) == ("sent", "B-1")
    pay(scene, refund, fien)
    scene.assert_whole()
