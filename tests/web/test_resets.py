"""Choosing a new password: who learns what, where the link leads, how long it works, and that no log has it."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lostpost.accounts.account_mail import SEND_ACCOUNT_MAIL
from lostpost.accounts.models import AttemptCount
from lostpost.accounts.security_log import SecurityEvent
from lostpost.config.logs import JsonFormatter, TextFormatter
from lostpost.jobs.account_mail import send_account_mail
from tests.portal.pages import Read
from tests.web.password import PASSWORD

pytestmark = pytest.mark.django_db

RESET = "/accounts/password/reset/"
NEW = {"password1": "paard-veer-zon-5678", "password2": "paard-veer-zon-5678"}


def jobs() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args::text FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", [SEND_ACCOUNT_MAIL]
        )
        return [json.loads(args) for (args,) in cursor.fetchall()]


def do_jobs() -> list[Any]:
    """Do what was promised, and return the letters."""
    for args in jobs():
        send_account_mail(**args)
    return list(mail.outbox)


def ask(address: str, client: Client | None = None, **more: Any) -> Any:
    return (client or Client()).post(RESET, {"email": address}, **more)


def link_in(letter: Any) -> str:
    match = re.search(r"\S+/password/reset/key/\S+", letter.body)
    assert match
    return match[0]


def path_in(letter: Any) -> str:
    return link_in(letter).removeprefix("http://localhost:8000")


@pytest.mark.parametrize("address", ["anna@example.com", "nobody@example.com"])
def test_a_reset_does_not_reveal_whether_the_address_is_known(
    annas_login: User, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same answer by the same statements, without a hash and without a mail server."""
    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", None)
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", None)

    with CaptureQueriesContext(connection) as queries:
        answer = ask(address)

    assert (answer.status_code, answer.headers["Location"]) == (302, f"{RESET}done/")
    kinds = [re.sub(r"'[^']*'|\d+", "?", query["sql"])[:60] for query in queries]
    assert len(kinds) == 4, kinds
    assert not [kind for kind in kinds if "auth_user" in kind]
    (args,) = jobs()
    assert (args["kind"], args["to"], args["user"]) == ("password-reset", address, None)


def test_a_link_leads_to_a_new_password_once(annas_login: User) -> None:
    ask("Anna@Example.com")
    (letter,) = do_jobs()
    assert letter.to == ["anna@example.com"]
    assert "within an hour" in letter.body

    client = Client()
    form = client.get(path_in(letter), follow=True)
    answer = client.post(form.request["PATH_INFO"], NEW)

    assert answer.status_code == 302
    assert User.objects.get(pk=annas_login.pk).check_password(NEW["password1"])
    again = Client().get(path_in(letter), follow=True)
    assert "This link works no more" in Read(again).text
    assert SecurityEvent.objects.filter(event="password.reset", about=f"user {annas_login.pk} anna").exists()
    assert [each.subject for each in do_jobs()][-1] == "Your password was changed"


def test_a_link_works_for_an_hour(annas_login: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ask("anna@example.com")
    (letter,) = do_jobs()
    tokens = "django.contrib.auth.tokens.PasswordResetTokenGenerator._now"
    for minutes, words in ((59, "Choose a new password"), (61, "This link works no more")):
        then = datetime.now() + timedelta(minutes=minutes)  # noqa: DTZ005 - as Django's generator counts.
        monkeypatch.setattr(tokens, lambda self, then=then: then)
        assert words in Read(Client().get(path_in(letter), follow=True)).text


@pytest.mark.parametrize("host", ["localhost:1", "localhost:8000.evil.example", "testserver:99", "evil.example"])
def test_a_link_uses_the_sites_own_address_whatever_the_host_header(annas_login: User, host: str) -> None:
    ask("anna@example.com", headers={"Host": host})
    ask("anna@example.com")
    for letter in do_jobs():
        assert link_in(letter).startswith("http://localhost:8000/accounts/password/reset/key/")
        assert host not in letter.body


def test_logs_and_jobs_contain_no_link(annas_login: User, caplog: Any) -> None:
    with caplog.at_level("DEBUG"):
        ask("anna@example.com")
        (letter,) = do_jobs()
        client = Client(raise_request_exception=False)
        form = client.get(path_in(letter), follow=True)
        client.post(form.request["PATH_INFO"], NEW)
    secret = path_in(letter).rstrip("/").rpartition("-")[2]
    assert len(secret) > 30

    for formatter in (JsonFormatter(), TextFormatter("%(message)s")):
        written = "\n".join(formatter.format(record) for record in caplog.records)
        assert "/accounts/password/reset/key/…" in written
        assert secret not in written
    assert secret not in json.dumps(jobs())
    assert secret not in str(list(SecurityEvent.objects.values()))


def test_a_fault_on_that_page_writes_no_link(annas_login: User, caplog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("at /accounts/password/reset/key/1-abc-secret-of-it/")

    monkeypatch.setattr("lostpost.web.sign_in_views.ChooseNewPassword.get_context_data", broken)
    with caplog.at_level("DEBUG"):
        Client(raise_request_exception=False).get("/accounts/password/reset/key/1-abc-secret-of-it/")

    written = "\n".join(JsonFormatter().format(record) for record in caplog.records)
    assert "RuntimeError" in written
    assert "secret-of-it" not in written


def test_resets_for_one_address_are_limited_whether_it_is_known_or_not(annas_login: User) -> None:
    for address in ("anna@example.com", "nobody@example.com"):
        answers = [ask(address, REMOTE_ADDR=f"192.0.2.{n}") for n in range(5)]
        assert [answer.status_code for answer in answers] == [302] * 4 + [429]
        assert "Too many attempts failed. Wait" in Read(answers[-1]).text
    assert len(jobs()) == 8


def test_a_new_password_lets_its_owner_in_while_strangers_guess(annas_login: User) -> None:
    """Somebody guesses from everywhere; the owner, in a browser never seen before, has a mailbox."""
    for n in range(9):
        Client().post("/accounts/login/", {"login": "anna", "password": "wrong"}, REMOTE_ADDR=f"192.0.2.{n}")
    ask("anna@example.com")
    (letter,) = do_jobs()
    client = Client()
    assert client.post("/accounts/login/", {"login": "anna", "password": PASSWORD}).status_code == 429
    form = client.get(path_in(letter), follow=True)
    client.post(form.request["PATH_INFO"], NEW)

    assert client.post("/accounts/login/", {"login": "anna", "password": NEW["password1"]}).status_code == 302
    assert AttemptCount.objects.get(key=f"person {annas_login.pk}").failures > 5, "and strangers still wait"


def test_a_stopped_login_gets_no_link(annas_login: User) -> None:
    User.objects.filter(pk=annas_login.pk).update(is_active=False)
    ask("anna@example.com")
    assert do_jobs() == []


def test_everybody_with_an_address_gets_a_link_of_their_own(annas_login: User) -> None:
    User.objects.create_user("anna-too", "anna@example.com", PASSWORD)
    ask("anna@example.com")
    letters = do_jobs()
    assert len({link_in(letter) for letter in letters}) == 2
    assert ["anna at" in letters[0].body, "anna-too at" in letters[1].body] == [True, True]


def test_letters_are_in_the_language_of_the_request(annas_login: User) -> None:
    ask("anna@example.com", headers={"Accept-Language": "nl"})
    (letter,) = do_jobs()
    assert letter.subject == "Kies een nieuw wachtwoord"
    assert "binnen een uur" in letter.body
