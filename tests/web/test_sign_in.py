"""Signing in: who is let in, who has to wait, and what a stranger learns."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from lostpost.accounts import attempts
from lostpost.accounts.attempts import OF_PERSON, Limit, LimitedKey
from lostpost.accounts.models import AttemptCount
from lostpost.accounts.security_log import SecurityEvent
from tests.portal.pages import Read
from tests.web.password import PASSWORD

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


def sign_in(name: str, password: str, client: Client | None = None, **more: Any) -> Any:
    return (client or Client()).post(LOGIN, {"login": name, "password": password}, **more)


def waits(answer: Any) -> bool:
    assert answer.status_code in (200, 302, 429)
    return bool(answer.status_code == 429)


def end_wait(*keys: str) -> None:
    """Let the waits be over, as time would."""
    AttemptCount.objects.filter(**({"key__in": keys} if keys else {})).update(waits_until="2020-01-01T00:00:00Z")


@pytest.mark.parametrize("name", ["anna", "ANNA", " anna ", "anna@example.com", "Anna@Example.com"])
def test_a_user_signs_in_by_name_or_address(annas_login: User, name: str) -> None:
    assert sign_in(name, PASSWORD).headers["Location"] == "/"


def test_a_wrong_password_is_refused_in_the_same_words_as_an_unknown_name(annas_login: User) -> None:
    for known, unknown in (("anna", "nobody"), ("anna@example.com", "nobody@example.com")):
        answers = [sign_in(name, "wrong-password-1") for name in (known, unknown)]
        texts = [Read(answer).text for answer in answers]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "name", ["anna", "anna@example.com", "nobody", "nobody@example.com", "stopped", "stopped@example.com", "unset"]
)
def test_known_and_unknown_names_cost_one_hash(annas_login: User, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The time that an attempt takes is that of its hash, so the number of hashes is what a stranger could measure."""
    User.objects.create_user("stopped", "stopped@example.com", PASSWORD, is_active=False)
    User.objects.create_user("unset", "unset@example.com")
    hashed: list[str] = []
    encode = PBKDF2PasswordHasher.encode

    def counted(self: Any, *args: Any, **kwargs: Any) -> str:
        hashed.append(name)
        return encode(self, *args, **kwargs)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", counted)

    sign_in(name, "wrong-password-1")

    assert len(hashed) == 1


def test_failures_of_a_person_count_together_whatever_name_is_typed(annas_login: User) -> None:
    names = ["anna", "anna@example.com", "ANNA", "Anna@example.com", "anna", "anna@example.com"]
    answers = [sign_in(name, "wrong-password-1", REMOTE_ADDR=f"192.0.2.{n}") for n, name in enumerate(names)]

    assert not any(waits(answer) for answer in answers)
    refused = sign_in("anna", PASSWORD, REMOTE_ADDR="198.51.100.1")
    assert waits(refused)
    assert 0 < int(refused.headers["Retry-After"]) <= OF_PERSON.longest_wait_seconds
    assert "Too many attempts failed. Wait" in Read(refused).text


def test_an_unknown_name_waits_just_as_long(annas_login: User) -> None:
    def answers(name: str, network: str) -> list[bool]:
        return [waits(sign_in(name, "wrong-password-1", REMOTE_ADDR=f"{network}.{n}")) for n in range(8)]

    assert answers("anna", "192.0.2") == answers("nobody", "198.51.100")


def test_waits_grow_to_a_limit_and_expire(annas_login: User) -> None:
    count = LimitedKey("person 1", Limit(2, 5, 60))
    waits = []
    for _n in range(10):
        assert attempts.count_attempt([count]) == 0
        waits.append(attempts.wait_seconds(count))
        end_wait()
    assert waits == [0, 0, 5, 10, 20, 40, 60, 60, 60, 60]


def test_attempts_during_a_wait_do_not_prolong_it(annas_login: User) -> None:
    count = LimitedKey("person 1", Limit(1, 50, 60))
    assert [attempts.count_attempt([count]) for _n in range(2)] == [0, 0]
    before = AttemptCount.objects.get(key=count.key)

    assert attempts.count_attempt([count]) > 0

    after = AttemptCount.objects.get(key=count.key)
    assert (after.failures, after.waits_until) == (before.failures, before.waits_until)


def test_a_stranger_cannot_lock_a_user_out_of_a_known_browser(annas_login: User) -> None:
    own = Client()
    assert sign_in("anna", PASSWORD, own, REMOTE_ADDR="192.0.2.1").status_code == 302
    own.post("/accounts/logout/")
    for n in range(40):  # From the same network, too.
        sign_in("anna", "wrong-password-1", REMOTE_ADDR="192.0.2.1" if n % 2 else f"198.51.100.{n}")
    assert waits(sign_in("anna", PASSWORD, REMOTE_ADDR="203.0.113.1"))

    assert sign_in("anna", PASSWORD, own, REMOTE_ADDR="192.0.2.1").status_code == 302


def test_a_known_browser_is_slowed_down_by_its_own_failures(annas_login: User) -> None:
    own = Client()
    sign_in("anna", PASSWORD, own)
    own.post("/accounts/logout/")

    answers = [waits(sign_in("anna", "wrong-password-1", own)) for _n in range(12)]

    assert answers == [False] * 11 + [True]
    assert sign_in("anna", PASSWORD).status_code == 302, "and nobody else is"


def test_a_cookie_of_ones_own_making_is_no_known_browser(annas_login: User) -> None:
    forger = Client()
    for n in range(8):
        forger.cookies["lostpost_browser"] = f"made-up-{n}"
        answer = sign_in("anna", "wrong-password-1", forger)
    assert waits(answer)


def test_a_network_that_tries_many_names_is_slowed_down(annas_login: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lostpost.web.sign_in.OF_NETWORK", Limit(3, 5, 60))
    answers = [waits(sign_in(f"nobody-{n}", "wrong-password-1", REMOTE_ADDR="192.0.2.1")) for n in range(6)]
    assert answers == [False] * 4 + [True] * 2
    assert waits(sign_in("anna", PASSWORD, REMOTE_ADDR="192.0.2.1"))
    assert sign_in("anna", PASSWORD, REMOTE_ADDR="192.0.2.2").status_code == 302


def test_a_successful_sign_in_keeps_others_failures_in_the_network(annas_login: User) -> None:
    for n in range(4):
        sign_in(f"nobody-{n}", "wrong-password-1")
    sign_in("anna", PASSWORD)
    assert AttemptCount.objects.get(key="network 127.0.0.1").failures == 4


def test_a_password_reset_request_resets_no_failures(annas_login: User) -> None:
    for n in range(8):
        sign_in("anna", "wrong-password-1", REMOTE_ADDR=f"192.0.2.{n}")

    assert Client().post("/accounts/password/reset/", {"email": "anna@example.com"}).status_code == 302

    assert waits(sign_in("anna", PASSWORD, REMOTE_ADDR="203.0.113.1"))


def test_a_clock_that_was_ahead_does_not_make_users_wait(annas_login: User) -> None:
    for n in range(8):
        sign_in("anna", "wrong-password-1", REMOTE_ADDR=f"192.0.2.{n}")
    with connection.cursor() as cursor:  # As the rows were if the database's clock had been a day ahead.
        cursor.execute(
            "UPDATE lostpost_attemptcount SET failed_at = failed_at + '1 day', waits_until = waits_until + '1 day'"
        )

    assert sign_in("anna", PASSWORD, REMOTE_ADDR="203.0.113.1").status_code == 302


def test_counts_use_the_databases_clock(annas_login: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A web server whose clock is a year ahead neither waits nor lets others in early."""
    for n in range(8):
        sign_in("anna", "wrong-password-1", REMOTE_ADDR=f"192.0.2.{n}")
    a_year_ahead = time.time() + 365 * 24 * 3600
    monkeypatch.setattr("time.time", lambda: a_year_ahead)

    assert waits(sign_in("anna", PASSWORD, REMOTE_ADDR="203.0.113.1"))


def test_guesses_at_the_old_password_and_at_fresh_proof_count_too(annas_login: User) -> None:
    client = Client()
    client.force_login(annas_login)
    new = {"oldpassword": "wrong-password-1", "password1": "kaas-tulp-99887", "password2": "kaas-tulp-99887"}
    for n in range(6):
        if n % 2:
            client.post("/accounts/password/change/", new)
        else:
            client.post("/accounts/reauthenticate/", {"password": "wrong-password-1"})

    assert client.post("/accounts/password/change/", {**new, "oldpassword": PASSWORD}).status_code == 429
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 429
    assert User.objects.get(pk=annas_login.pk).check_password(PASSWORD)


def test_attempts_are_in_the_security_log(annas_login: User) -> None:
    sign_in("anna", "wrong-password-1", REMOTE_ADDR="192.0.2.7")
    sign_in("Klaas Vaak", "wrong-password-1", REMOTE_ADDR="192.0.2.7")
    sign_in("anna", PASSWORD, REMOTE_ADDR="192.0.2.8")

    rows = SecurityEvent.objects.order_by("id").values_list("event", "outcome", "user_id", "address", "about")

    assert list(rows) == [
        ("sign-in.attempted", "refused", None, "192.0.2.7", f"user {annas_login.pk} anna"),
        ("sign-in.attempted", "refused", None, "192.0.2.7", "no such login"),
        ("sign-in.attempted", "done", annas_login.pk, "192.0.2.8", ""),
    ]


def test_a_stopped_login_gets_in_nowhere(annas_login: User) -> None:
    User.objects.filter(pk=annas_login.pk).update(is_active=False)
    client = Client()
    answer = sign_in("anna", PASSWORD, client)
    assert answer.headers["Location"] == "/accounts/inactive/"
    assert "_auth_user_id" not in client.session


def test_of_allauths_pages_only_those_that_are_used_are_there(annas_login: User) -> None:
    client = Client()
    client.force_login(annas_login)
    for path in (
        "signup/",
        "password/set/",
        "confirm-email/",
        "login/code/confirm/",
        "3rdparty/",
        "2fa/",
        "social/login/error/",
    ):
        assert client.get(f"/accounts/{path}").status_code == 404, path
