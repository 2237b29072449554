"""The security log, and what the access log says of who sent a request."""

from __future__ import annotations

import json
import logging
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from lostpost.accounts.policy import change_policy
from lostpost.accounts.put_member import put_member, remove_member
from lostpost.accounts.security_log import SecurityEvent
from lostpost.config.logs import BadRequestFilter, JsonFormatter
from tests.api.machine import a_machine_of
from tests.cast import NOW, user_of
from tests.web.password import PASSWORD

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"


def recorded(*fields: str) -> list[tuple[Any, ...]]:
    return list(SecurityEvent.objects.order_by("id").values_list(*fields))


def request_line(caplog: Any) -> dict[str, Any]:
    lines = [record for record in caplog.records if record.name == "lostpost.request"]
    written: dict[str, Any] = json.loads(JsonFormatter().format(lines[-1]))
    return written


def test_each_request_is_logged_with_sender_and_address(anna: Any, caplog: Any) -> None:
    machine = a_machine_of("lampenhuis", read_only=True)
    person = Client(REMOTE_ADDR="192.0.2.7")
    person.force_login(user_of(anna))
    with caplog.at_level(logging.INFO, logger="lostpost.request"):
        person.get("/shops/lampenhuis/orders/")
        line = request_line(caplog)
        assert (line["user_id"], line["client_id"], line["address"]) == (anna.user_id, None, "192.0.2.7")
        assert f"user {anna.user_id} from 192.0.2.7" in line["message"]
        for path, status in (("/orders", 200), ("/orders/none", 404), ("/orders?size=0", 422)):
            assert machine.call("get", path).status_code == status
            line = request_line(caplog)
            assert (line["user_id"], line["client_id"]) == (None, machine.credentials.client_id)
        Client().get("/accounts/login/")
        line = request_line(caplog)
        assert (line["user_id"], line["client_id"], line["address"]) == (None, None, "127.0.0.1")


def test_signing_in_is_a_line_of_its_user(annas_login: User, caplog: Any) -> None:
    with caplog.at_level(logging.INFO, logger="lostpost.request"):
        Client().post("/accounts/login/", {"login": "anna", "password": PASSWORD})
    assert request_line(caplog)["user_id"] == annas_login.pk


def test_refusals_at_desks_and_shops_are_recorded(anna: Any, vera: Any, carla: Any, pia: Any) -> None:
    def asks(person: Any, method: str, path: str) -> None:
        client = Client(REMOTE_ADDR="192.0.2.7")
        client.force_login(user_of(person))
        assert client.generic(method, path).status_code in (403, 404)

    asks(anna, "GET", "/desk/refunds/")
    asks(pia, "GET", "/desk/invoices/")
    asks(carla, "GET", "/shops/lampenhuis/")
    asks(vera, "GET", "/shops/lampenhuis/api-clients/")

    assert recorded("event", "outcome", "user_name", "address", "about") == [
        ("desk.entered", "refused", "anna", "192.0.2.7", "finance"),
        ("desk.entered", "refused", "pia", "192.0.2.7", "finance"),
        ("shop.entered", "refused", "carla", "192.0.2.7", "lampenhuis"),
        ("shop.changed", "refused", "vera", "192.0.2.7", "lampenhuis as viewer, connections"),
    ]


@pytest.mark.django_db(transaction=True)
def test_roles_and_the_policy_are_recorded_with_who_changed_them(anna: Any, lampenhuis: Any) -> None:
    put_member(seller=lampenhuis, user_id=anna.user_id, name="Anna", role="viewer", now=NOW)
    remove_member(seller=lampenhuis, user_id=anna.user_id, now=NOW)
    remove_member(seller=lampenhuis, user_id=anna.user_id, now=NOW)
    change_policy(values={"quiet_days": 5}, reason="Christmas", by="Olga", now=NOW)

    assert recorded("event", "about") == [
        ("role.changed", f"user {anna.user_id} in lampenhuis: viewer"),
        ("role.changed", f"user {anna.user_id} in lampenhuis: none"),
        ("policy.changed", "version 1: quiet_days"),
    ]
    assert {address for (address,) in recorded("address")} == {"command line"}


def test_downloads_are_recorded(anna: Any) -> None:
    client = Client()
    client.force_login(user_of(anna))
    paths = ("/shops/lampenhuis/finance/invoices/coming/file/", "/shops/lampenhuis/finance/statement/")
    answers = [client.get(path, {"format": "csv", "currency": "EUR", "file": "csv"}) for path in paths]
    attached = [each for each in answers if "attachment" in each.headers.get("Content-Disposition", "")]
    assert attached
    assert len(recorded("event")) == len(attached)
    assert set(recorded("event", "user_name")) == {("data.exported", "anna")}


def test_the_command_filters_events(annas_login: User, lampenhuis: Any) -> None:
    for password in ("wrong-password-1", PASSWORD):
        Client().post("/accounts/login/", {"login": "anna", "password": password})
    machine = a_machine_of("lampenhuis", read_only=True)

    def shown(*words: str) -> list[str]:
        out = StringIO()
        call_command("security_log", *words, stdout=out)
        return out.getvalue().splitlines()

    assert len(shown()) == 4
    assert [line.split("\t")[1:3] for line in shown("--user", "anna")] == [
        ["sign-in.attempted", "refused"],
        ["sign-in.attempted", "done"],
    ]
    assert [json.loads(line)["event"] for line in shown("--client", machine.credentials.client_id, "--json")] == [
        "client.made",
        "client-sign-in.attempted",
    ]
    assert len(shown("--event", "client.made")) == 1
    assert shown("--since", "2999-01-01") == []


@pytest.mark.parametrize(
    "bad",
    [
        {"path": "/", "headers": {"Host": "evil.example"}},
        {"path": "/accounts/login/", "data": "&".join(["f=1"] * 2_501), "content_type": FORM},
        {"path": "/accounts/login/", "data": "x" * (2 * 1024 * 1024 + 1), "content_type": FORM},
        {"path": "/accounts/login/", "data": "nonsense", "content_type": "multipart/form-data; boundary=x"},
        {"path": "/accounts/login/", "data": "nonsense", "content_type": "multipart/form-data"},
        {"path": "/oauth/token", "data": {"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}},
        {"path": "/oauth/token", "data": {"client_id": "\x00", "grant_type": "client_credentials"}},
        {"path": "/oauth/token", "data": "x" * (2 * 1024 * 1024 + 1), "content_type": FORM},
        {"path": "/api/v1/scans", "data": "{", "content_type": "application/json"},
        {"path": "/i18n/setlang/", "data": {"language": "\x00", "next": "\x00"}},
    ],
    ids=lambda bad: bad["path"],
)
def test_a_bad_anonymous_request_logs_no_traceback(bad: dict[str, Any], caplog: Any) -> None:
    with caplog.at_level(logging.INFO):
        answer = Client(raise_request_exception=False).post(**bad)

    assert answer.status_code < 500
    written = [JsonFormatter().format(record) for record in caplog.records if BadRequestFilter().filter(record)]
    assert not [line for line in written if "Traceback" in line or json.loads(line)["level"] == "error"]
