"""Health, request ids and what browsers are told."""

import json
import logging

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection

from lostpost.config.logs import JsonFormatter
from lostpost.config.settings import PACKAGE
from lostpost.core.readiness import SchemaState
from lostpost.web import health
from tests.api.machine import a_machine_of
from tests.cast import user_of


def test_healthz_answers_without_a_database(client):
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_readyz_is_200_on_a_migrated_database(client):
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_readyz_reports_missing_migrations(client, monkeypatch):
    def lost() -> SchemaState:
        raise DatabaseError

    monkeypatch.setattr(health, "schema_state", lost)
    assert client.get("/readyz").json() == {"status": "unavailable", "reason": "the database does not answer"}

    monkeypatch.setattr(health, "schema_state", lambda: SchemaState(["lostpost.0099_later"], []))
    assert (client.get("/readyz").status_code, reason(client)) == (503, "migrations are waiting")

    monkeypatch.setattr(health, "schema_state", lambda: SchemaState([], ["lostpost.0099_later"]))
    assert reason(client) == "the database is of a newer version: lostpost.0099_later"


@pytest.mark.django_db
def test_readyz_names_workers_that_do_not_respond_and_stays_ready(client, monkeypatch):
    monkeypatch.setattr(health, "has_citus", lambda: True)
    monkeypatch.setattr(health, "silent_workers", lambda: ["10.0.0.7:5432"])

    assert client.get("/readyz").status_code == 200
    assert reason(client) == "workers do not respond: 10.0.0.7:5432"


@pytest.mark.django_db(transaction=True)
def test_readyz_says_no_on_a_database_that_takes_no_writes_and_the_session_is_replaced(client):
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")

    assert reason(client) == "the database takes no writes"
    assert not connection.is_usable()
    connection.close()
    assert client.get("/readyz").status_code == 200


def reason(client) -> str:
    return str(client.get("/readyz").json()["reason"])


def test_a_request_keeps_a_well_formed_id_and_gets_one_otherwise(client):
    assert client.get("/healthz", headers={"X-Request-ID": "from-the-proxy-1"})["X-Request-ID"] == "from-the-proxy-1"

    for bad in ("short", "x" * 65, "with space in it", "line\\nbreak-line"):
        assert client.get("/healthz", headers={"X-Request-ID": bad})["X-Request-ID"] != bad


def test_a_request_is_logged_in_one_line_without_its_query(client, caplog):
    with caplog.at_level(logging.INFO, logger="lostpost.request"):
        client.get("/nowhere", {"q": "Klaas Vaak"})

    (record,) = [record for record in caplog.records if record.name == "lostpost.request"]
    written = json.loads(JsonFormatter().format(record))
    assert (written["method"], written["path"], written["status"]) == ("GET", "/nowhere", 404)
    assert "Klaas" not in json.dumps(written)


def test_pages_allow_no_script_or_style_but_the_sites_own(client):
    policy = client.get("/healthz")["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.django_db
def test_sign_up_is_closed(client):
    fields = {"username": "eve", "email": "eve@example.com", "password1": "x1y2z3-q8w7", "password2": "x1y2z3-q8w7"}

    assert client.post("/accounts/signup/", fields).status_code == 404
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/accounts/login/", "/nowhere", "/api/v1/orders", "/api/v1/openapi.json", "/oauth/token"]
)
def test_pages_are_not_cacheable(client, path):
    assert "no-store" in client.get(path)["Cache-Control"]


@pytest.mark.django_db
def test_api_answers_and_sellers_pages_are_not_cacheable(client, anna):
    machine = a_machine_of("lampenhuis")
    for path in ("/orders", "/orders/none", "/refunds", "/events", "/webhooks", "/statement?month=2026-10"):
        assert "no-store" in machine.call("get", path).headers["Cache-Control"], path
    client.force_login(user_of(anna))
    for path in ("/lampenhuis/", "/lampenhuis/orders/", "/lampenhuis/invoices/"):
        assert "no-store" in client.get(path)["Cache-Control"], path


@pytest.mark.django_db
def test_static_files_are_cacheable(client):
    name = next((PACKAGE / "static").rglob("*.css")).relative_to(PACKAGE / "static")
    response = client.get(f"/static/{name.as_posix()}")
    response.close()
    assert "no-store" not in response["Cache-Control"]
