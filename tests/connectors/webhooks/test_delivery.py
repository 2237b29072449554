"""Delivery of events to a partner's address, against a real server."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone, translation
from procrastinate.contrib.django.models import ProcrastinateJob
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from lostpost.connectors.webhooks import address, delivery
from lostpost.connectors.webhooks.problem import network_problem
from lostpost.core.queues import SLOW_WEBHOOKS, WEBHOOKS
from lostpost.events.models import Webhook
from lostpost.events.put_webhook import (
    TooManyWebhooks,
    newest_secret,
    put_webhook,
    remove_webhook,
    resume_webhook,
    rotate_secret,
)
from lostpost.events.settle_delivery import claim_delivery
from lostpost.jobs import webhooks as tasks
from lostpost.jobs.webhooks import DELIVER, deliver_events, look_for_work
from lostpost.texts.webhooks import delivery_problem_text
from tests.connectors.webhooks.conftest import happen, wait_is_over, work

pytestmark = pytest.mark.django_db


def test_events_come_in_order_and_signed(anna, hook, partner):
    happen(anna.seller_id, 3)

    after = work(hook)

    assert partner.sequences() == [1, 2, 3]
    assert (after.delivered, after.state, after.problem) == (3, "active", "")
    assert after.delivered_at
    headers, body = partner.received[0]
    message = Verifier(newest_secret(hook)).verify(body, headers)
    assert message["type"] == "order.created"
    assert message["data"] == {"order_number": "Ü-0"}
    assert message["seller"] == "lampenhuis"
    assert datetime.fromisoformat(message["timestamp"]).tzinfo
    assert len({headers["webhook-id"] for headers, _body in partner.received}) == 3
    with pytest.raises(WebhookVerificationError):
        Verifier(newest_secret(hook)).verify(body + b" ", headers)
    again = work(hook)
    assert (again.delivered, again.delivered_at) == (3, after.delivered_at)
    assert len(partner.received) == 3


@pytest.mark.parametrize("status", [500, 404, 302, 429])
def test_a_failed_delivery_is_retried_with_the_same_id(anna, hook, partner, status):
    happen(anna.seller_id, 2)
    partner.answers = [204, status]

    failed = work(hook)

    assert (failed.delivered, failed.failures, failed.state) == (1, 1, "active")
    assert str(status) in failed.problem
    assert failed.next_attempt_at > timezone.now()
    assert work(hook).failures == 1, "not before its time"
    wait_is_over(hook)
    mended = work(hook)
    assert (mended.delivered, mended.failures, mended.failing_since, mended.problem) == (2, 0, None, "")
    assert partner.sequences() == [1, 2, 2]
    assert partner.received[1][0]["webhook-id"] == partner.received[2][0]["webhook-id"]
    assert partner.received[1][1] == partner.received[2][1]


def test_retries_slow_down_and_after_a_day_the_webhook_is_parked(anna, hook, partner):
    happen(anna.seller_id)
    partner.answers, waits = [503] * 20, []
    for _n in range(12):
        wait_is_over(hook)
        failed = work(hook)
        waits.append(round((failed.next_attempt_at - timezone.now()).total_seconds()))
    assert waits == sorted(waits)
    assert waits[:2] == [10, 20]
    assert waits[-1] == 3600
    wait_is_over(hook, failing_since=timezone.now() - timedelta(hours=24))

    parked = work(hook)

    assert (parked.state, parked.delivered) == ("parked", 0)
    wait_is_over(hook)
    sent = len(partner.received)
    work(hook)
    assert len(partner.received) == sent, "nothing is sent to a parked address"
    partner.answers = []
    resume_webhook(seller_id=anna.seller_id, name="tool", now=timezone.now())
    assert work(hook).delivered == 1


def test_an_address_that_is_gone_is_parked_at_once(anna, hook, partner):
    happen(anna.seller_id)
    partner.answers = [410]
    assert work(hook).state == "parked"


def test_a_refused_connection_is_a_failure(anna, hook, partner):
    happen(anna.seller_id)
    partner.server.shutdown()
    partner.server.server_close()
    failed = work(hook)
    assert failed.failures == 1
    assert failed.problem.startswith("Nobody listens at this address. (ConnectionRefusedError")


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        ("The address answered 503.", "Het adres antwoordde 503."),
        ("The address answered 410: it is gone.", "Het adres antwoordde 410: het bestaat niet meer."),
        (network_problem(TimeoutError("timed out")), "Niemand antwoordde op tijd. (TimeoutError: timed out)"),
        (
            network_problem(socket.gaierror(-2, "unknown")),
            "Niemand kent de naam van deze host. (gaierror: [Errno -2] unknown)",
        ),
        (network_problem(ConnectionResetError("reset")), "De verbinding mislukte. (ConnectionResetError: reset)"),
        ("What a former version said", "What a former version said"),
        ("", ""),
    ],
)
def test_a_problem_is_shown_in_the_readers_language(problem, sentence):
    with translation.override("nl"):
        assert delivery_problem_text(problem) == sentence


def test_an_old_secret_signs_along_for_a_day(anna, hook, partner):
    old = newest_secret(hook)
    rotated = rotate_secret(seller_id=anna.seller_id, name="tool", now=timezone.now())
    new = newest_secret(rotated)
    happen(anna.seller_id)
    work(hook)
    headers, body = partner.received[-1]
    assert old != new
    for secret in (old, new):
        Verifier(secret).verify(body, headers)

    ended = timezone.now() - timedelta(seconds=1)
    Webhook.objects.update(secrets=[rotated.secrets[0], {**rotated.secrets[1], "until": ended.isoformat()}])
    happen(anna.seller_id)
    work(hook)
    headers, body = partner.received[-1]
    Verifier(new).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(body, headers)


def test_a_secret_that_cannot_be_decrypted_is_a_failure_that_says_what_to_do(anna, hook, partner, settings):
    happen(anna.seller_id)
    settings.SECRET_KEY = "another-key-than-the-one-before-0123456789"

    failed = work(hook)

    assert (failed.delivered, failed.failures) == (0, 1)
    assert "Make a new secret" in failed.problem
    assert not partner.received
    rotate_secret(seller_id=anna.seller_id, name="tool", now=timezone.now())
    wait_is_over(hook)
    assert work(hook).delivered == 1


def test_one_worker_at_a_time_serves_an_address_and_a_dead_one_frees_it(anna, hook):
    now, ids = timezone.now(), {"seller_id": anna.seller_id, "webhook_id": hook.id}
    assert claim_delivery(**ids, now=now)
    assert claim_delivery(**ids, now=now + timedelta(seconds=100)) is None
    assert claim_delivery(**ids, now=now + timedelta(seconds=121))


def test_only_webhooks_that_are_behind_and_due_get_a_job(anna, carla, hook, partner):
    put_webhook(seller_id=carla.seller_id, name="hers", url=partner.url, after=None, by="Carla", now=timezone.now())
    happen(anna.seller_id)

    look_for_work(timestamp=0)

    jobs = list(ProcrastinateJob.objects.filter(task_name=DELIVER).values_list("args", flat=True))
    assert jobs == [{"seller": str(anna.seller_id), "webhook": str(hook.id)}]
    assert work(hook).delivered == 1


def test_a_new_webhook_begins_now_or_where_it_says_and_there_are_twenty_at_most(anna, partner):
    happen(anna.seller_id, 5)
    wish = {"seller_id": anna.seller_id, "url": partner.url, "by": "Anna", "now": timezone.now()}
    assert put_webhook(name="now", after=None, **wish)[0].delivered == 5
    assert put_webhook(name="all", after=0, **wish)[0].delivered == 0
    assert put_webhook(name="future", after=10**9, **wish)[0].delivered == 5
    assert put_webhook(name="all", after=0, **wish)[1] is False
    for n in range(17):
        put_webhook(name=f"n-{n}", after=None, **wish)
    with pytest.raises(TooManyWebhooks):
        put_webhook(name="one-more", after=None, **wish)
    remove_webhook(seller_id=anna.seller_id, name="all")
    assert put_webhook(name="one-more", after=None, **wish)[1]


def test_a_name_that_resolves_to_a_private_address_later_is_refused_on_delivery(
    anna, hook, partner, settings, monkeypatch
):
    settings.WEBHOOKS_TO_PRIVATE = False
    Webhook.objects.update(url="https://partner.example/hook")
    monkeypatch.setattr(address, "resolved_addresses", lambda _host, _port: ["1.1.1.1", "127.0.0.1"])
    happen(anna.seller_id)

    failed = work(hook)

    assert "private network" in failed.problem
    assert not partner.received


# Removed and moved ----------------------------------------------------------------------------------------------------


@pytest.fixture
def after_each(monkeypatch):
    """Do something once each event was answered, before that is recorded."""
    doing: list[Callable[[], object]] = []

    def deliver(*args):
        try:
            return delivery.deliver_batch(*args)
        finally:
            while doing:
                doing.pop()()

    monkeypatch.setattr(tasks, "deliver_batch", deliver)
    return doing


def test_a_webhook_that_was_removed_gets_nothing_more(anna, hook, partner, after_each):
    happen(anna.seller_id, 3)
    after_each.append(lambda: remove_webhook(seller_id=anna.seller_id, name="tool"))

    deliver_events(seller=str(hook.seller_id), webhook=str(hook.id))

    assert partner.sequences() == [1]
    assert not Webhook.objects.exists()
    deliver_events(seller=str(hook.seller_id), webhook=str(hook.id))
    assert partner.sequences() == [1]


def test_a_webhook_removed_during_a_failure_is_no_error(anna, hook, partner, after_each, caplog):
    happen(anna.seller_id)
    partner.answers = [500]
    after_each.append(lambda: remove_webhook(seller_id=anna.seller_id, name="tool"))

    deliver_events(seller=str(hook.seller_id), webhook=str(hook.id))

    assert "removed, or leads elsewhere" in caplog.text


@pytest.mark.parametrize("status", [204, 500])
def test_a_webhook_that_was_moved_sends_to_its_new_address_alone(anna, hook, partner, after_each, status):
    happen(anna.seller_id, 3)
    partner.answers = [status]
    moved = partner.url.replace("x=1", "moved")
    wish = {"seller_id": anna.seller_id, "name": "tool", "after": None, "by": "Anna", "now": timezone.now()}
    after_each.append(lambda: put_webhook(url=moved, **wish))

    deliver_events(seller=str(hook.seller_id), webhook=str(hook.id))

    assert partner.paths == ["/hook?x=1"]
    after = work(hook)
    assert partner.paths[1:] == ["/hook?moved"] * 3
    assert partner.sequences() == [1, 1, 2, 3], "what the old address had is sent to the new one too"
    assert (after.delivered, after.failures) == (3, 0)


def test_a_webhook_that_waits_is_tried_at_once_when_it_is_moved(anna, hook, partner):
    happen(anna.seller_id)
    partner.answers = [500]
    assert work(hook).failures == 1
    put_webhook(
        seller_id=anna.seller_id, name="tool", url=partner.url + "&y", after=None, by="Anna", now=timezone.now()
    )
    assert work(hook).delivered == 1


# Turns ----------------------------------------------------------------------------------------------------------------


def test_a_turn_ends_and_one_job_is_deferred_for_the_rest(anna, hook, partner, monkeypatch):
    monkeypatch.setattr(tasks, "TURN_SECONDS", 0.0)
    happen(anna.seller_id, 3)

    after = work(hook)

    assert (partner.sequences(), after.delivered) == ([1], 1)
    assert claim_delivery(seller_id=hook.seller_id, webhook_id=hook.id, now=timezone.now())
    wait_is_over(hook)
    look_for_work(timestamp=0)
    (job,) = ProcrastinateJob.objects.filter(task_name=DELIVER)
    assert (job.queue_name, job.lock) == (WEBHOOKS, f"webhooks of {anna.seller_id}")


def test_a_slow_address_pauses_and_is_served_separately(anna, hook, partner, monkeypatch):
    monkeypatch.setattr(tasks, "SLOW_SECONDS", 0.0)
    happen(anna.seller_id, 2)

    after = work(hook)

    assert (partner.sequences(), after.slow) == ([1], True)
    assert after.next_attempt_at > timezone.now() - timedelta(seconds=5)
    wait_is_over(hook)
    look_for_work(timestamp=0)
    (job,) = ProcrastinateJob.objects.filter(task_name=DELIVER)
    assert (job.queue_name, job.priority) == (SLOW_WEBHOOKS, -1)
    monkeypatch.setattr(tasks, "SLOW_SECONDS", 60.0)
    quick = work(hook)
    assert (quick.delivered, quick.slow) == (2, False)


def test_a_failing_address_is_served_separately(anna, hook, partner):
    happen(anna.seller_id)
    partner.answers = [500]
    work(hook)
    wait_is_over(hook)
    look_for_work(timestamp=0)
    assert [job.queue_name for job in ProcrastinateJob.objects.filter(task_name=DELIVER)] == [SLOW_WEBHOOKS]


def test_a_webhook_with_a_waiting_job_gets_no_second_one(anna, hook, partner):
    happen(anna.seller_id)
    for _n in range(3):
        look_for_work(timestamp=0)
    assert ProcrastinateJob.objects.filter(task_name=DELIVER).count() == 1


# Clocks ---------------------------------------------------------------------------------------------------------------


def test_a_time_set_by_a_wrong_clock_does_not_delay_delivery(anna, hook, partner):
    happen(anna.seller_id)
    Webhook.objects.update(next_attempt_at=timezone.now() + timedelta(days=1))
    look_for_work(timestamp=0)
    assert ProcrastinateJob.objects.filter(task_name=DELIVER).exists()
    assert work(hook).delivered == 1


def test_a_clock_that_jumps_ahead_parks_nobody(anna, hook, partner):
    happen(anna.seller_id)
    partner.answers = [500] * 2
    work(hook)
    wait_is_over(hook, failing_since=timezone.now() - timedelta(days=1))
    assert work(hook).state == "active"

    wait_is_over(hook, failing_since=timezone.now() + timedelta(days=1))
    partner.answers = [500]
    assert work(hook).failing_since <= timezone.now()
