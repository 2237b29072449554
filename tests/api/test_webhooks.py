"""Webhooks are registered, shown, given new secrets and taken away over HTTP."""

import pytest

from lostpost.accounts.security_log import SecurityEvent
from lostpost.core.sealed import unseal
from lostpost.events.models import Webhook
from tests.api.machine import a_machine_of, a_platform, problem

pytestmark = pytest.mark.django_db

URL = {"url": "https://1.1.1.1/hook"}


def test_a_secret_is_answered_once_and_a_repeat_changes_nothing(anna):
    machine = a_machine_of("lampenhuis")

    answer = machine.call("put", "/webhooks/tool", URL)
    again = machine.call("put", "/webhooks/tool", URL)

    assert (answer.status_code, again.status_code) == (201, 200)
    assert answer.json()["secret"].startswith("whsec_")
    assert "secret" not in again.json()
    assert machine.call("get", "/webhooks/tool").json() == again.json()
    assert machine.call("get", "/webhooks").json() == {"items": [again.json()]}
    assert again.json()["state"] == "active"
    moved = machine.call("put", "/webhooks/tool", {"url": "https://1.1.1.1/new"}).json()
    assert moved["url"] == "https://1.1.1.1/new"


def test_a_new_secret_and_an_end(anna):
    machine = a_machine_of("lampenhuis")
    first = machine.call("put", "/webhooks/tool", URL).json()["secret"]
    second = machine.call("post", "/webhooks/tool/secrets")

    assert second.status_code == 201
    assert second.json()["secret"] != first
    secrets = Webhook.objects.get(seller_id=anna.seller_id).secrets
    assert [unseal(each["sealed"]) for each in secrets] == [second.json()["secret"], first]
    for _n in range(8):
        machine.call("post", "/webhooks/tool/secrets")
    assert len(Webhook.objects.get(seller_id=anna.seller_id).secrets) == 5
    assert machine.call("delete", "/webhooks/tool").status_code == 204
    for method, path in [("delete", ""), ("get", ""), ("post", "/secrets"), ("post", "/resume")]:
        problem(machine.call(method, f"/webhooks/tool{path}"), 404, "not-found")


def test_a_parked_one_is_shown_and_resumed(anna):
    machine = a_machine_of("lampenhuis")
    machine.call("put", "/webhooks/tool", URL)
    Webhook.objects.update(state="parked", problem="The address answered 503.", failures=30)

    shown = machine.call("get", "/webhooks").json()["items"][0]
    resumed = machine.call("post", "/webhooks/tool/resume").json()

    assert (shown["state"], shown["problem"]) == ("parked", "The address answered 503.")
    assert resumed["state"] == "active"


def test_addresses_inside_are_refused_and_leave_no_row(anna):
    machine = a_machine_of("lampenhuis")
    problem(machine.call("put", "/webhooks/tool", {"url": "https://127.0.0.1/"}), 422, "address-refused")
    assert not Webhook.objects.exists()


def test_read_only_and_other_shops_clients_change_nothing(anna, carla):
    a_machine_of("lampenhuis").call("put", "/webhooks/tool", URL)
    reader, other, platform = a_machine_of("lampenhuis", read_only=True), a_machine_of("carlas-keramiek"), a_platform()

    problem(reader.call("put", "/webhooks/mine", URL), 403, "insufficient-scope")
    problem(reader.call("post", "/webhooks/tool/secrets"), 403, "insufficient-scope")
    problem(other.call("delete", "/webhooks/tool"), 404, "not-found")
    problem(other.call("get", "/webhooks/tool?seller=lampenhuis"), 404, "not-found")
    assert other.call("get", "/webhooks").json() == {"items": []}
    assert platform.call("get", "/webhooks/tool?seller=lampenhuis").status_code == 200
    assert Webhook.objects.count() == 1


def test_changes_of_a_webhook_are_in_the_security_log(anna):
    machine = a_machine_of("lampenhuis")
    for url in ("hook?secret=1", "hook?secret=1", "other"):
        machine.call("put", "/webhooks/tool", {"url": f"https://1.1.1.1/{url}"})
    machine.call("post", "/webhooks/tool/secrets")
    machine.call("delete", "/webhooks/tool")
    machine.call("delete", "/webhooks/tool")

    events = SecurityEvent.objects.filter(event__startswith="webhook.").order_by("id")
    assert list(events.values_list("event", "client_id", "about")) == [
        (f"webhook.{change}", machine.credentials.client_id, "tool of lampenhuis")
        for change in ("registered", "moved", "secret-rotated", "removed")
    ]
