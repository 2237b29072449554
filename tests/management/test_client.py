"""`lostpost client`: the machines that may use the API, made by the operator."""

import base64
import json
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from oauth2_provider.models import get_application_model

from lostpost.accounts.models import ApiClient

pytestmark = pytest.mark.django_db


def run(*words):
    out = StringIO()
    call_command("client", *words, stdout=out)
    return out.getvalue()


def signs_in(client, credentials, **wish):
    basic = base64.b64encode(f"{credentials['client_id']}:{credentials['client_secret']}".encode()).decode()
    sent = {"grant_type": "client_credentials", **wish}
    return client.post("/oauth/token", sent, headers={"Authorization": f"Basic {basic}"})


@pytest.mark.parametrize(
    ("words", "scopes"),
    [
        (["--platform", "Shop software"], {"platform"}),
        (["--seller", "lampenhuis"], {"seller:read", "seller:write"}),
        (["--seller", "lampenhuis", "--read-only"], {"seller:read"}),
    ],
)
def test_a_new_client_signs_in_with_what_was_printed(client, lampenhuis, words, scopes):
    printed = json.loads(run(*words))

    assert set(printed) == {"client_id", "client_secret"}
    answer = signs_in(client, printed).json()
    assert set(answer["scope"].split()) == scopes
    assert answer["token_type"].lower() == "bearer"
    application = get_application_model().objects.get(client_id=printed["client_id"])
    assert printed["client_secret"] not in application.client_secret, "only a hash of it is kept"


def test_a_client_gets_no_scope_that_is_not_its_own(client, lampenhuis):
    reader = json.loads(run("--seller", "lampenhuis", "--read-only"))
    for wish in ("seller:write", "platform", "seller:read seller:write"):
        answer = signs_in(client, reader, scope=wish)
        assert answer.status_code == 400
        assert answer.json()["error"] == "invalid_scope"
    wrong = {**reader, "client_secret": "guessed"}
    assert signs_in(client, wrong).status_code == 401


def test_clients_are_listed_without_their_secrets(lampenhuis):
    platform = json.loads(run("--platform", "Shop software"))
    shop = json.loads(run("--seller", "lampenhuis", "--name", "Bookkeeping", "--read-only"))

    listed = [line.split("\t") for line in run("--list").splitlines()]

    assert listed == [
        [platform["client_id"], "platform", "platform", "Shop software", "made 0 days ago by operator", "never used"],
        [shop["client_id"], "lampenhuis", "seller:read", "Bookkeeping", "made 0 days ago by operator", "never used"],
    ]


def test_a_revoked_client_cannot_sign_in(client, lampenhuis):
    credentials = json.loads(run("--seller", "lampenhuis"))
    token = signs_in(client, credentials).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/orders", headers=bearer).status_code == 200

    assert run("--revoke", credentials["client_id"]) == "API of Lampenhuis is let in no longer.\n"

    assert client.get("/api/v1/orders", headers=bearer).status_code == 401
    assert signs_in(client, credentials).status_code == 401
    assert "(revoked" in run("--list")
    revoked_at = ApiClient.objects.get().revoked_at
    run("--revoke", credentials["client_id"])
    assert ApiClient.objects.get().revoked_at == revoked_at


def test_a_rotated_secret_counts_beside_its_former_one_for_a_while(client, lampenhuis):
    first = json.loads(run("--seller", "lampenhuis"))
    second = json.loads(run("--rotate", first["client_id"], "--overlap-days", "3"))

    assert second["client_id"] == first["client_id"]
    assert [signs_in(client, each).status_code for each in (first, second)] == [200, 200]
    assert "former secret until" in run("--list")
    third = json.loads(run("--rotate", first["client_id"], "--overlap-days", "3"))
    assert [signs_in(client, each).status_code for each in (first, second, third)] == [401, 200, 200]
    ApiClient.objects.update(former_secret_until=timezone.now())
    assert [signs_in(client, each).status_code for each in (second, third)] == [401, 200]
    fourth = json.loads(run("--rotate", first["client_id"], "--overlap-days", "0"))
    assert [signs_in(client, each).status_code for each in (third, fourth)] == [401, 200]
    assert re.search(r"used \d{4}-\d\d-\d\d \d\d:\d\d UTC", run("--list"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--seller", "nowhere"], "There is no shop nowhere."),
        (["--platform", "Shop software", "--read-only"], "--read-only goes with --seller."),
        (["--platform", "  "], "Give the client a name of 1 to 200 characters"),
        (["--revoke", "nobody"], "There is no client “nobody”."),
        (["--rotate", "nobody"], "There is no client “nobody”."),
        ([], "required"),
        (["--platform", "A", "--seller", "lampenhuis"], "not allowed with"),
    ],
)
def test_an_invalid_argument_is_named_and_creates_no_client(lampenhuis, words, sentence):
    with pytest.raises(CommandError, match=re.escape(sentence)):
        run(*words)
    assert not ApiClient.objects.exists()
    assert not get_application_model().objects.exists()
