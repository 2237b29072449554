"""The database is held, silent, gone, or only to be read: requests end soon, and all comes back."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateWorker

from lostpost.accounts.make_client import create_client
from tests.kill import processes
from tests.outages.proxy import Proxy, proxied
from tests.races import servers
from tests.waiting import WAIT_SECONDS

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

IMPATIENT = {
    "LOSTPOST_DATABASE_LOCK_SECONDS": "1",
    "LOSTPOST_DATABASE_STATEMENT_SECONDS": "2",
    "LOSTPOST_WEB_THREADS": "4",
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SIGN_IN = b"grant_type=client_credentials&client_id=nobody&client_secret=nothing"


@pytest.fixture
def log(tmp_path):
    return tmp_path / "web.log"


@pytest.fixture
def proxy(log) -> Iterator[Proxy]:
    with proxied() as path:
        yield path


@pytest.fixture
def server(proxy, log) -> Iterator[servers.Server]:
    """A server that reaches the database by the proxy."""
    with servers.server(log, DATABASE_URL=proxy.url, **IMPATIENT) as running:
        yield running


def status_of_sign_in(server: servers.Server) -> int:
    """Ask for something that reads and writes the database; 401 if all is well."""
    return server.send("POST", "/oauth/token", FORM, SIGN_IN).status


def test_a_path_that_falls_silent_stops_nothing_for_long_and_all_comes_back(server, proxy, log):
    assert status_of_sign_in(server) == 401
    proxy.fall_silent()

    answer = server.send("POST", "/oauth/token", FORM, SIGN_IN)
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "unavailable", "5")
    assert server.send("GET", "/healthz", {}, None).status == 200
    assert server.send("GET", "/readyz", {}, None).status == 503

    proxy.flow()
    processes.wait_for(server.is_ready, what="ready again", log=log)
    processes.wait_for(lambda: status_of_sign_in(server) == 401, what="as before", log=log)


def test_after_every_connection_was_cut_the_next_request_has_a_new_one(server, proxy):
    assert [status_of_sign_in(server) for _number in range(4)] == [401] * 4

    proxy.cut()

    assert status_of_sign_in(server) == 401


def test_sessions_that_turn_out_read_only_are_replaced(server, log):
    assert status_of_sign_in(server) == 401
    database = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{database}" SET default_transaction_read_only = on')
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        answer = server.send("POST", "/oauth/token", FORM, SIGN_IN)
        assert (answer.status, answer.code) == (503, "unavailable")
        assert server.send("GET", "/readyz", {}, None).json()["reason"] == "the database takes no writes"
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
            cursor.execute(f'ALTER DATABASE "{database}" RESET default_transaction_read_only')

    assert status_of_sign_in(server) == 401


def test_a_locked_row_is_busy_for_one_caller_and_blocks_no_other(server, anna, log):
    # Given an order that a forgotten session holds
    now = timezone.now()
    platform = create_client(name="Platform", seller=None, read_only=False, by="anna", now=now)
    headers = {"Authorization": f"Bearer {server.token(platform)}", "Content-Type": "application/json"}
    path = f"/api/v1/orders/{anna.seller.code}/2398-4471"
    order: dict[str, Any] = {
        "placed_at": now.isoformat(),
        "currency": "EUR",
        "customer": {"name": "Klaas", "email": "klaas@example.com", "language": "nl", "country": "NL"},
        "items": [{"item": "1", "sku": "L", "title": "Lamp", "quantity": 1, "paid_minor": 100, "commission_minor": 1}],
    }
    assert server.send("PUT", path, headers, json.dumps(order).encode()).status == 201
    order["items"][0]["title"] = "Another"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM lostpost_order FOR UPDATE")

        # When a program repeats its PUT on as many lines as there are threads
        answers: list[servers.Answer] = []
        lines = [
            threading.Thread(
                target=lambda: answers.append(server.send("PUT", path, headers, json.dumps(order).encode()))
            )
            for _number in range(4)
        ]
        for line in lines:
            line.start()

        # Then others are answered meanwhile, and it is answered that somebody holds what it needs
        assert server.send("GET", "/healthz", {}, None).status == 200
        assert status_of_sign_in(server) == 401
        for line in lines:
            line.join(WAIT_SECONDS)

    assert {(answer.status, answer.code, answer.headers["retry-after"]) for answer in answers} == {(503, "busy", "2")}
    assert server.send("PUT", path, headers, json.dumps(order).encode()).status == 200


def test_a_worker_whose_database_is_silent_ends(proxy, log):
    with processes.started("tests.outages.impatient_worker", log=log, variables={"DATABASE_URL": proxy.url}) as worker:
        processes.wait_for(ProcrastinateWorker.objects.exists, what="the worker works", log=log)
        proxy.fall_silent()

        assert worker.wait(WAIT_SECONDS) == 1
    assert "the worker ends" in log.read_text()
