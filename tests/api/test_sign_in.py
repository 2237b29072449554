"""Signing in: what is answered, in which form, and how often it may be tried."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from lostpost.accounts.attempts import Limit
from lostpost.accounts.make_client import Credentials, create_client
from lostpost.accounts.models import ApiClient, AttemptCount, Seller
from lostpost.accounts.revoke_client import revoke_client
from lostpost.accounts.security_log import SecurityEvent
from lostpost.api.http import rate_limits as limits
from lostpost.config.logs import JsonFormatter
from tests.api.document import document
from tests.api.machine import problem, stop_counting_clock

pytestmark = pytest.mark.django_db
URLENCODED = "application/x-www-form-urlencoded"
FORM = {"grant_type": "client_credentials"}
OTHERS = {
    "password": {"username": "anna", "password": "x"},
    "authorization_code": {"code": "x"},
    "refresh_token": {"refresh_token": "x"},
    "urn:ietf:params:oauth:grant-type:jwt-bearer": {"assertion": "x"},
}
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stop the clock of the counting, so that no minute ends within a test."""
    at = timezone.now().replace(second=18)
    stop_counting_clock(monkeypatch, at)
    return at


@pytest.fixture
def known(anna: Any) -> Credentials:
    shop = Seller.objects.get(id=anna.seller_id)
    return create_client(name="Tool", seller=shop, read_only=True, by="test", now=timezone.now())


def sign_in(given: tuple[str, str] | None, form: Any = FORM, **more: Any) -> Any:
    basic = {"Authorization": "Basic " + base64.b64encode(":".join(given).encode()).decode()} if given else {}
    return Client(raise_request_exception=False).post("/oauth/token", form, headers=basic, **more)


def test_a_token_and_every_error_match_the_document(known: Credentials) -> None:
    from jsonschema_rs import validator_for

    schema = document()
    responses = schema["paths"]["/oauth/token"]["post"]["responses"]
    revoked = create_client(name="Old", seller=None, read_only=False, by="test", now=timezone.now())
    revoke_client(client_id=revoked.client_id, now=timezone.now())
    in_form = {**FORM, "client_id": known.client_id, "client_secret": known.client_secret}
    cases = [
        (sign_in(known), 200, None),
        (sign_in(None, in_form), 200, None),
        (sign_in(known, {**FORM, "scope": "seller:read"}), 200, None),
        (sign_in(known, {**FORM, "scope": "seller:write"}), 400, "invalid_scope"),
        (sign_in(known, {}), 400, "unsupported_grant_type"),
        (sign_in(known, {"grant_type": "nonsense"}), 400, "unsupported_grant_type"),
        (sign_in(known, {**FORM, "grant_type": "\x00"}), 400, "unsupported_grant_type"),
        (sign_in(known, {**FORM, "grant_type": DEVICE_CODE}), 400, "unsupported_grant_type"),
        (sign_in(None, {**in_form, "grant_type": DEVICE_CODE, "device_code": "\x00"}), 400, "unsupported_grant_type"),
        *[(sign_in(known, {"grant_type": grant, **of}), 400, "unsupported_grant_type") for grant, of in OTHERS.items()],
        (sign_in(known, {**FORM, "scope": "\x00"}), 400, "invalid_scope"),
        (sign_in(known, {**FORM, "grant_type": ["client_credentials"] * 2}), 400, "invalid_request"),
        (sign_in(known, {**FORM, "scope": ["seller:read"] * 2}), 400, "invalid_request"),
        (sign_in(None, {**in_form, "client_id": [known.client_id, "other"]}), 400, "invalid_request"),
        (sign_in(known, in_form), 400, "invalid_request"),
        (sign_in(("nobody", "wrong"), in_form), 400, "invalid_request"),
        (sign_in(known, {**FORM, "client_id": "other"}), 400, "invalid_request"),
        (sign_in(known, {**FORM, "client_id": known.client_id}), 200, None),
        (sign_in(known, json.dumps(FORM), content_type="application/json"), 400, "unsupported_grant_type"),
        (sign_in(None), 401, "invalid_client"),
        (sign_in((known.client_id, "wrong")), 401, "invalid_client"),
        (sign_in(("nobody", "wrong")), 401, "invalid_client"),
        (sign_in(("\x00", "\x00")), 401, "invalid_client"),
        (sign_in(None, {**in_form, "client_id": "\x00"}), 401, "invalid_client"),
        (sign_in(("é" * 500, "ü")), 401, "invalid_client"),
        (sign_in(revoked), 401, "invalid_client"),
    ]
    for answer, status, error in cases:
        assert (answer.status_code, answer.json().get("error")) == (status, error), answer.content
        shape = responses[str(status)]["content"][answer.headers["Content-Type"]]["schema"]
        validator_for({**shape, "components": schema["components"]}).validate(answer.json())
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers.get("WWW-Authenticate") == ('Basic realm="lostpost"' if status == 401 else None)


@pytest.mark.parametrize(
    "written", ["Basic !!!", "Basic", "Basic /w==", "Bearer abc", "Negotiate x", "Basic " + "A" * 9999]
)
def test_an_empty_authorization_header(written: str) -> None:
    answer = Client(raise_request_exception=False).post("/oauth/token", FORM, headers={"Authorization": written})
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_errors_unknown_to_oauth_are_problems(known: Credentials, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    for method in ("get", "put", "delete", "options", "head"):
        answer = client.generic(method.upper(), "/oauth/token")
        assert answer.headers["Allow"] == "POST"
        assert answer.status_code == 405
        if method != "head":
            problem(answer, 405, "method-not-allowed")
    large = "x" * (2 * 1024 * 1024 + 1)
    problem(client.post("/oauth/token", large, content_type=URLENCODED), 413, "body-too-large")
    many = "&".join(["f=1"] * (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
    problem(client.post("/oauth/token", many, content_type=URLENCODED), 400, "refused")
    problem(client.post("/oauth/token", FORM, headers={"Host": "evil.example"}), 400, "refused")
    problem(client.get("/oauth/"), 404, "not-found")

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("inside")

    monkeypatch.setattr("lostpost.api.http.sign_in.TokenView.authorization_flow_token_response", broken)
    assert "inside" not in problem(sign_in(known), 500, "unexpected")["detail"]


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC", "bAsIc"])
def test_the_scheme_is_read_in_capitals_or_not(known: Credentials, scheme: str) -> None:
    written = base64.b64encode(":".join(known).encode()).decode()
    answer = Client().post("/oauth/token", FORM, headers={"Authorization": f"{scheme} {written}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "client_id=%00",
        "q=%00",
        "grant_type=client_credentials",
        "client_id=x&client_secret=y",
        "scope=platform",
        "%00=1",
    ],
)
def test_parameters_in_the_url_do_no_harm(known: Credentials, query: str) -> None:
    written = base64.b64encode(":".join(known).encode()).decode()
    client = Client(raise_request_exception=False)
    answer = client.post(f"/oauth/token?{query}", FORM, headers={"Authorization": f"Basic {written}"})
    assert answer.status_code in (200, 400), answer.content


def test_of_the_library_only_the_token_has_an_address() -> None:
    from tests.repo.site import addresses

    views = {each.name for each in addresses() if each.view.__module__.startswith("oauth2_provider")}
    assert views == set()
    assert [each.name for each in addresses() if each.name.startswith("oauth")] == ["oauth-token"]
    client = Client()
    for path in ("authorize/", "revoke_token/", "introspect/", "device-authorization/", "applications/", "register/"):
        assert client.post(f"/oauth/{path}").status_code == 404


def test_a_client_that_signs_in_too_often_waits_and_no_other_does(
    known: Credentials, noon: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(limits, "SIGN_INS_OF_CLIENT", 2)
    other = create_client(name="Other", seller=None, read_only=False, by="test", now=noon)
    answers = [sign_in(known) for _n in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    problem(answers[-1], 429, "too-many-requests")
    assert answers[-1].headers["Retry-After"] == "42"
    in_form = {**FORM, "client_id": known.client_id, "client_secret": known.client_secret}
    assert sign_in(None, in_form).status_code == 429, "the same client, named in the form"
    assert sign_in(other).status_code == 200
    stop_counting_clock(monkeypatch, noon + timedelta(seconds=42))
    assert sign_in(known).status_code == 200


def test_a_stranger_cannot_lock_a_client_out(known: Credentials, monkeypatch: Any) -> None:
    """Neither by its id, which is no secret, nor from the same address."""
    monkeypatch.setattr("lostpost.api.http.sign_in.OF_CLIENTS_NETWORK", Limit(3, 5, 60))
    answers = [sign_in((known.client_id, "wrong")) for _n in range(8)]

    assert [answer.status_code for answer in answers] == [401] * 4 + [429] * 4
    problem(answers[-1], 429, "too-many-requests")
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert sign_in(known).status_code == 200


def test_wrong_secrets_are_slowed_down_whatever_names_they_make_up(
    known: Credentials, monkeypatch: Any, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr("lostpost.api.http.sign_in.OF_CLIENTS_NETWORK", Limit(3, 5, 60))
    for n in range(4):
        assert sign_in((f"nobody-{n}", "wrong")).status_code == 401
    counts, events = AttemptCount.objects.count(), SecurityEvent.objects.count()
    with django_assert_max_num_queries(5):
        problem(sign_in(("nobody-4", "wrong")), 429, "too-many-requests")
    assert (AttemptCount.objects.count(), SecurityEvent.objects.count()) == (counts, events)
    assert sign_in(("nobody", "wrong"), REMOTE_ADDR="192.0.2.7").status_code == 401
    for n in range(4):
        assert sign_in(("nobody", "wrong"), REMOTE_ADDR=f"2001:db8::{n}").status_code == 401
    assert sign_in(("nobody", "wrong"), REMOTE_ADDR="2001:db8::ffff").status_code == 429, "one customer's network"
    assert sign_in(("nobody", "wrong"), REMOTE_ADDR="2001:db8:0:1::1").status_code == 401


def test_sign_ins_are_in_the_security_log_without_secrets(known: Credentials, caplog: Any) -> None:
    with caplog.at_level("INFO", logger="lostpost"):
        sign_in((known.client_id, "wrong-secret"), REMOTE_ADDR="192.0.2.7")
        sign_in(("Klaas Vaak", "wrong-secret"), REMOTE_ADDR="192.0.2.7")
        token = sign_in(known, REMOTE_ADDR="192.0.2.8").json()["access_token"]

    rows = SecurityEvent.objects.filter(event="client-sign-in.attempted").order_by("id")
    assert list(rows.values_list("outcome", "client_id", "address", "about")) == [
        ("refused", "", "192.0.2.7", f"client {known.client_id}"),
        ("refused", "", "192.0.2.7", "no such client"),
        ("done", known.client_id, "192.0.2.8", ""),
    ]
    written = "\n".join(JsonFormatter().format(record) for record in caplog.records)
    assert known.client_id in written
    for secret in (known.client_secret, "wrong-secret", token, "Klaas"):
        assert secret not in written


def test_tokens_are_stored_as_checksums(known: Credentials) -> None:
    token = sign_in(known).json()["access_token"]
    row = get_access_token_model().objects.values().get()

    assert token not in json.dumps(row, default=str)
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().get("/api/v1/orders", headers=headers).status_code == 200


def test_earlier_tokens_stay_valid_and_are_stored_as_checksums(known: Credentials) -> None:
    token = sign_in(known).json()["access_token"]
    get_access_token_model().objects.update(token=token)  # As it was kept by earlier versions.
    with connection.cursor() as cursor:
        cursor.execute(import_module("lostpost.migrations.0018_sign_in_and_security_log").TOKENS)

    assert get_access_token_model().objects.get().token == ""
    assert Client().get("/api/v1/orders", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_the_last_use_of_a_client_is_stored(known: Credentials) -> None:
    assert ApiClient.objects.get(client_id=known.client_id).last_used_at is None
    sign_in((known.client_id, "wrong"))
    assert ApiClient.objects.get(client_id=known.client_id).last_used_at is None
    sign_in(known)
    assert ApiClient.objects.get(client_id=known.client_id).last_used_at is not None


def test_behind_a_proxy_the_forwarded_address_counts(known: Credentials, noon: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("lostpost.api.http.sign_in.OF_CLIENTS_NETWORK", Limit(1, 5, 60))
    monkeypatch.setattr("django.conf.settings.TRUST_PROXY", True)

    def status_for(forwarded: str) -> int:
        status: int = sign_in(("nobody", "wrong"), HTTP_X_FORWARDED_FOR=forwarded).status_code
        return status

    answers = [status_for(each) for each in ("192.0.2.1", "192.0.2.1", "203.0.113.9, 192.0.2.2", "made-up, 192.0.2.1")]
    assert answers == [401, 401, 401, 429]
