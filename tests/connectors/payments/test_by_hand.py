"""Finance takes a refund from its provider, but only once that says that it has none."""

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


def test_what_was_never_asked_for_is_taken_at_once(scene, server, refund, take, fien, settings):
    settings.PAYMENT_KEYS = {}
    take()
    assert (refund.gateway, refund.state, server.calls) == ("manual", "requested", [])
    scene.carry_out(refund)
    assert server.calls == [], "its job finds nothing to do"
    pay(scene, refund, fien)
    scene.assert_whole()


def test_what_failed_is_looked_up_and_then_taken(scene, server, refund, take, fien):
    next(iter(server.payments.values())).disputed = True
    scene.carry_out(refund)
    listed = server.listed()

    take()

    assert server.listed() == listed + 1
    assert (refund.gateway, refund.state, refund.problem, refund.attempt) == ("manual", "requested", "", 2)
    pay(scene, refund, fien)
    scene.assert_whole()


def test_what_went_through_after_all_is_not_taken(scene, server, refund, take):
    server.faults.append("timeout-after")
    server.status = DONE[server.name]
    scene.carry_out(refund)
    scene.now += HOUR

    with pytest.raises(RefundAtProvider, match="after all"):
        take()

    assert (refund.gateway, refund.state) == (server.name, "confirmed")
    scene.assert_whole()


def test_what_cannot_be_looked_up_is_not_taken(scene, server, refund, take, settings):
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


def test_what_is_being_asked_for_right_now_is_not_taken(scene, server, refund, take):
    server.faults.append("cut")
    scene.carry_out(refund)
    with pytest.raises(RefundAtProvider, match="ten minutes"):
        take()
    scene.now += HOUR
    take()
    assert refund.gateway == "manual"


def test_what_is_on_its_way_is_not_taken(scene, refund, take):
    scene.carry_out(refund)
    with pytest.raises(RefundAtProvider):
        take()
    assert refund.state == "sent"


def test_what_is_paid_is_not_taken(scene, server, refund, take):
    scene.carry_out(refund)
    server.settle(DONE[server.name])
    scene.look_up(refund)
    server.refunds.clear()
    with pytest.raises(RefundSettled):
        take()


def test_looking_it_up_now_says_what_is_known(scene, server, refund):
    scene.carry_out(refund)
    server.settle(DONE[server.name])
    look_up_now(seller_id=refund.seller_id, refund_id=refund.id, now=scene.now)
    refund.refresh_from_db()
    assert refund.state == "confirmed"
    server.list_faults.append("500")
    with pytest.raises(RefundAtProvider):
        look_up_now(seller_id=refund.seller_id, refund_id=refund.id, now=scene.now)


def test_finance_may_say_that_a_bank_payment_is_on_its_way(scene, refund, take, fien, settings):
    settings.PAYMENT_KEYS = {}
    take()
    for _n in range(2):
        mark_refund_sent(seller_id=refund.seller_id, number=refund.number, reference="B-1", by=fien, now=scene.now)
    refund.refresh_from_db()
    assert (refund.state, refund.reference) == ("sent", "B-1")
    pay(scene, refund, fien)
    scene.assert_whole()
