"""Refunds that a provider confirmed can fail weeks later: they are looked up for 30 days, with or without a webhook."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.jobs import refunds as tasks
from lostpost.refunds import look_again
from lostpost.refunds.models import Refund
from lostpost.refunds.transitions import next_look
from tests.cast import NOW
from tests.connectors.payments.scene import DONE, FAILED

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def jobs():
    deferred = ProcrastinateJob.objects.filter(task_name="refund.look-up").order_by("id")
    return list(deferred.values_list("args__refund", flat=True))


@pytest.fixture
def paid(scene, server, refund):
    server.status = DONE[server.name]
    scene.carry_out(refund)
    assert refund.state == "confirmed"
    return refund


def test_looks_get_less_frequent_for_30_days():
    days, now = [], NOW
    while due := next_look(NOW, now):
        days.append((due - NOW).days)
        now = due
    assert days == [1, 2, 4, 8, 16, 30]


def test_a_refund_that_fails_weeks_later_is_found_without_a_webhook(scene, server, paid):
    looked_on = []
    server.before_doing = lambda method: looked_on.append((scene.now - NOW).days)
    for _n in range(5):
        scene.now = paid.look_again_at
        scene.look_up(paid)
    server.settle(FAILED[server.name], failure_reason="expired_or_canceled_card")
    scene.now = paid.look_again_at
    scene.look_up(paid)

    assert looked_on == [1, 2, 4, 8, 16, 30]
    assert (paid.state, paid.look_again_at) == ("failed", None)
    assert [kind for kind, _amount in scene.booked(paid)] == ["refund_paid", "refund_bounced"]
    scene.assert_whole()


def test_after_30_days_looks_stop(scene, paid):
    scene.now += 30 * DAY
    scene.look_up(paid)
    assert (paid.state, paid.look_again_at) == ("confirmed", None)


def test_the_job_defers_due_looks_once_up_to_its_limit(scene, server, monkeypatch):
    server.status = DONE[server.name]
    refunds = [scene.written_off() for _n in range(3)]
    for refund in refunds:
        scene.carry_out(refund)
    first, second, later = (refund.id for refund in refunds)
    now = timezone.now()
    for refund_id, due in ((first, now - 2 * DAY), (second, now - DAY), (later, now + DAY)):
        Refund.objects.filter(id=refund_id).update(look_again_at=due)
    monkeypatch.setattr(look_again, "AT_ONCE", 1)

    tasks.look_again(0)
    assert jobs() == [str(first)]
    tasks.look_again(0)
    assert jobs() == [str(first), str(second)], "one that could not be looked up does not hold the others up"
    tasks.look_again(0)
    assert len(jobs()) == 2
    assert Refund.objects.filter(look_again_at__lte=now).count() == 0


def test_a_manual_refund_is_not_looked_up(scene, server, refund, fien):
    from lostpost.connectors.payments.switch_to_manual_payment import switch_to_manual_payment
    from lostpost.refunds.settle_refund import mark_refund_paid

    switch_to_manual_payment(seller_id=refund.seller_id, refund_id=refund.id, by=fien, now=scene.now)
    mark_refund_paid(seller_id=refund.seller_id, number=refund.number, reference="B-1", by=fien, now=scene.now)
    refund.refresh_from_db()
    assert (refund.state, refund.look_again_at) == ("confirmed", None)


def test_refunds_confirmed_before_the_upgrade_are_due(scene, paid):
    Refund.objects.update(look_again_at=None, confirmed_at=timezone.now() - 20 * DAY)
    with connection.cursor() as cursor:
        cursor.execute(import_module("lostpost.migrations.0015_refunds_looked_at_again").DUE)
    tasks.look_again(0)
    assert jobs() == [str(paid.id)]
