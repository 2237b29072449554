"""Kill -9 at every point between “requested” and “confirmed”: the provider pays exactly once, and that is recorded."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from lostpost.audit.verify import verify
from lostpost.orders.models import Order
from lostpost.refunds.models import Refund
from tests.connectors.payments.servers import KEY, MollieServer, Server, StripeServer, serving
from tests.kill.processes import kill, nobody_is_at_work, somebody_waits_for_a_lock, started, wait_for
from tests.waiting import WAIT_SECONDS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]


@pytest.fixture(params=["mollie", "stripe"])
def server(request: pytest.FixtureRequest, settings: Any) -> Iterator[Server]:
    provider: Server = {"mollie": MollieServer, "stripe": StripeServer}[request.param]()
    provider.status = {"mollie": "refunded", "stripe": "succeeded"}[provider.name]
    with serving(provider):
        settings.PAYMENT_KEYS = {provider.name: KEY}
        settings.PAYMENT_URLS = {**settings.PAYMENT_URLS, provider.name: provider.url}
        yield provider


@pytest.fixture
def refund(anna, server) -> Refund:
    from tests.connectors.payments.scene import Scene  # Not before the cast is on.

    now = timezone.now()

    requested = Scene(anna, server, now=now).written_off(now=now)
    with connection.cursor() as cursor:  # Whatever else is promised is not what is killed here.
        cursor.execute("DELETE FROM procrastinate_jobs WHERE queue_name <> 'refunds'")
    return requested


def worker(server: Server, log):
    variables = {
        f"LOSTPOST_{server.name.upper()}_API_KEY": KEY,
        f"LOSTPOST_{server.name.upper()}_URL": server.url,
        "LOSTPOST_WORKER_THREADS": "2",
    }
    return started("lostpost.cli", "worker", log=log, variables=variables)


def finish(server: Server, refund: Refund, log) -> None:
    """Run a worker as if a minute had passed, and assert that the refund is paid once."""
    wait_for(nobody_is_at_work, what="PostgreSQL notices", log=log)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")
    call_command("worker", until_done=True)
    refund.refresh_from_db()
    assert refund.state == "confirmed", log.read_text()
    assert len(server.refunds) == 1, "paid exactly once"
    assert refund.reference == server.refunds[0]["id"]
    assert len(set(server.refund_keys())) == 1, "always under the same key"
    assert list(verify(refund.seller)) == []


@contextmanager
def order_locked(refund: Refund) -> Iterator[None]:
    """Hold the lock that each transaction takes first, so that a worker waits before it."""
    with transaction.atomic():
        Order.objects.select_for_update().get(seller_id=refund.seller_id, id=refund.order_id)
        yield


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("hook", ["before_doing", "before_answer"])
def test_a_worker_killed_during_a_providers_request_pays_once(anna, server, refund, tmp_path, hook, method):
    """Before the provider acts, and after it and before its answer; in the first request and in a look-up."""
    log, struck = tmp_path / "worker.log", threading.Event()
    if method == "GET":
        server.faults.append("cut-after")  # The first answer is lost, so that the next worker looks up.
        with worker(server, log) as process:
            wait_for(lambda: len(server.refunds) == 1, what="asked", log=log)
            kill(process)
        wait_for(nobody_is_at_work, what="PostgreSQL notices", log=log)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")
            cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    with worker(server, log) as process:

        def strike(called: str) -> None:
            if called == method and not struck.is_set():
                struck.set()
                kill(process)

        setattr(server, hook, strike)
        wait_for(struck.is_set, what="the worker is killed", log=log)
    setattr(server, hook, None)
    refund.refresh_from_db()
    assert (refund.state, refund.asked_at is not None) == ("requested", True)

    finish(server, refund, log)

    if method == "POST" and hook == "before_answer":
        assert len(server.refund_keys()) == 1, "it was looked up, not asked again"


def test_a_worker_killed_before_its_attempt_is_recorded_pays_once(anna, server, refund, tmp_path):
    log = tmp_path / "worker.log"
    with order_locked(refund), worker(server, log) as process:
        wait_for(somebody_waits_for_a_lock, what="it stands before its first transaction", log=log)
        kill(process)
    assert server.calls == []
    finish(server, refund, log)
    assert len(server.refund_keys()) == 1


def test_a_worker_killed_before_the_answer_is_recorded_pays_once(anna, server, refund, tmp_path):
    log, may_answer, called = tmp_path / "worker.log", threading.Event(), threading.Event()

    def hold(_method: str) -> None:
        called.set()
        may_answer.wait(WAIT_SECONDS)

    server.before_answer = hold
    with worker(server, log) as process:
        wait_for(called.is_set, what="asked", log=log)
        with order_locked(refund):
            server.before_answer = None
            may_answer.set()
            wait_for(somebody_waits_for_a_lock, what="it stands before its second transaction", log=log)
            kill(process)
    refund.refresh_from_db()
    assert refund.state == "requested"
    finish(server, refund, log)
    assert len(server.refund_keys()) == 1


def test_a_worker_killed_after_the_answer_is_recorded_pays_once(anna, server, refund, tmp_path):
    log = tmp_path / "worker.log"
    with worker(server, log) as process:
        wait_for(
            lambda: Refund.objects.filter(seller_id=refund.seller_id, id=refund.id, state="confirmed").exists(),
            what="recorded",
            log=log,
        )
        kill(process)
    finish(server, refund, log)
    assert len(server.refund_keys()) == 1
