"""Signing in: what is answered, in which form, and how often it may be tried."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lostpost.accounts.make_client import Credentials, make_client
from lostpost.accounts.models import RequestCount, Seller
from lostpost.accounts.revoke_client import revoke_client
from lostpost.api import limits
from tests.api.document import document
from tests.api.machine import problem, stop_counting_clock

pytestmark = pytest.mark.django_db
URLENCODED = "application/x-www-form-urlencoded"
FORM = {"grant_type": "client_credentials"}


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stop the clock of the counting, so that no minute ends within a test."""
    at = timezone.now().replace(second=18)
    stop_counting_clock(monkeypatch, at)
    return at


@pytest.fixture
def known(anna: Any) -> Credentials:
    shop = Seller.objects.get(id=anna.seller_id)
    return make_client(name="Tool", seller=shop, read_only=True, by="test", now=timezone.now())


def sign_in(given: tuple[str, str] | None, form: Any = FORM, **more: Any) -> Any:
    basic = {"Authorization": "Basic " + base64.b64encode(":".join(given).encode()).decode()} if given else {}
    return Client(raise_request_exception=False).post("/oauth/token", form, headers=basic, **more)


def test_a_token_and_every_error_have_the_shape_that_the_document_tells(known: Credentials) -> None:
    from jsonschema_rs import validator_for

    whole = document()
    told = whole["paths"]["/oauth/token"]["post"]["responses"]
    revoked = make_client(name="Old", seller=None, read_only=False, by="test", now=timezone.now())
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
        shape = told[str(status)]["content"][answer.headers["Content-Type"]]["schema"]
        validator_for({**shape, "components": whole["components"]}).validate(answer.json())
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers.get("WWW-Authenticate") == ('Basic realm="lostpost"' if status == 401 else None)


@pytest.mark.parametrize(
    "written", ["Basic !!!", "Basic", "Basic /w==", "Bearer abc", "Negotiate x", "Basic " + "A" * 9999]
)
def test_a_header_that_says_nothing(written: str) -> None:
    answer = Client(raise_request_exception=False).post("/oauth/token", FORM, headers={"Authorization": written})
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_what_oauth_has_no_word_for_is_a_problem(known: Credentials, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    for method in ("get", "put", "delete", "options", "head"):
        answer = client.generic(method.upper(), "/oauth/token")
        assert answer.headers["Allow"] == "POST"
        assert answer.status_code == 405
        if method != "head":
            problem(answer, 405, "method-not-allowed")
    large = "x" * (2 * 1024 * 1024 + 1)
    problem(client.post("/oauth/token", large, content_type=URLENCODED), 413, "body-too-large")
    many = "&".join(f"f{n}=1" for n in range(1001))
    problem(client.post("/oauth/token", many, content_type=URLENCODED), 400, "refused")
    problem(client.post("/oauth/token", FORM, headers={"Host": "evil.example"}), 400, "refused")
    problem(client.get("/oauth/"), 404, "not-found")

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("inside")

    monkeypatch.setattr("lostpost.api.sign_in.TokenView.post", broken)
    assert "inside" not in problem(sign_in(known), 500, "unexpected")["detail"]


def test_a_client_that_tries_too_often_waits_and_no_other_does(known: Credentials, noon: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "SIGN_INS_OF_CLIENT", 3)
    other = make_client(name="Other", seller=None, read_only=False, by="test", now=noon)
    tries = [known, (known.client_id, "wrong"), (known.client_id, "wrong"), known]
    answers = [sign_in(each) for each in tries]

    assert [answer.status_code for answer in answers] == [200, 401, 401, 429]
    problem(answers[-1], 429, "too-many-requests")
    assert answers[-1].headers["Retry-After"] == "42"
    form = {**FORM, "client_id": known.client_id, "client_secret": known.client_secret}
    assert sign_in(None, form).status_code == 429, "said in another way it is the same client"
    assert sign_in(("nobody", "wrong"), form).status_code == 429, "and with a header before it, too"
    assert sign_in(other).status_code == 200
    stop_counting_clock(monkeypatch, noon + timedelta(seconds=42))
    assert sign_in(known).status_code == 200


def test_an_address_that_tries_too_often_waits_whatever_names_it_makes_up(
    known: Credentials, noon: Any, monkeypatch: Any, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(limits, "SIGN_INS_OF_ADDRESS", 3)
    for n in range(3):
        assert sign_in((f"nobody-{n}", "wrong")).status_code == 401
    counts = RequestCount.objects.count()
    with django_assert_max_num_queries(1):
        problem(sign_in(("nobody-4", "wrong")), 429, "too-many-requests")
    problem(sign_in(known), 429, "too-many-requests")
    assert RequestCount.objects.count() == counts == 4
    assert sign_in(known, REMOTE_ADDR="192.0.2.7").status_code == 200
    for n in range(3):
        assert sign_in(("nobody", "wrong"), REMOTE_ADDR=f"2001:db8::{n}").status_code == 401
    assert sign_in(known, REMOTE_ADDR="2001:db8::ffff").status_code == 429, "one customer's network"
    assert sign_in(known, REMOTE_ADDR="2001:db8:0:1::1").status_code == 200


def test_behind_a_proxy_the_address_is_the_one_that_it_saw(known: Credentials, noon: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "SIGN_INS_OF_ADDRESS", 1)
    monkeypatch.setattr("django.conf.settings.TRUST_PROXY", True)

    def seen(forwarded: str) -> int:
        status: int = sign_in(known, HTTP_X_FORWARDED_FOR=forwarded).status_code
        return status

    assert [seen("192.0.2.1"), seen("203.0.113.9, 192.0.2.2"), seen("made-up, 192.0.2.1")] == [200, 200, 429]
