"""Another e-mail address for a login: with the password, a link to the new one, and a letter to the old one."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from lostpost.accounts import account_mail
from lostpost.accounts.security_log import SecurityEvent
from lostpost.config.logs import JsonFormatter
from lostpost.jobs.account_mail import send_account_mail
from tests.portal.pages import Read
from tests.web.password import PASSWORD
from tests.web.test_resets import jobs

pytestmark = pytest.mark.django_db

URL = "/accounts/email/"
PROOF = "/accounts/reauthenticate/"


@pytest.fixture
def client(annas_login: User) -> Client:
    client = Client()
    client.force_login(annas_login)
    return client


def proved(client: Client) -> Client:
    client.post(PROOF, {"password": PASSWORD})
    return client


def letters() -> list[Any]:
    mail.outbox.clear()
    for args in jobs():
        send_account_mail(**args)
    return list(mail.outbox)


def confirm_path() -> str:
    links = [re.search(r"\S+/email/confirm/\S+", letter.body) for letter in letters()]
    (link,) = [each[0] for each in links if each]
    return link.removeprefix("http://localhost:8000")


def address_of(user: User) -> str:
    return User.objects.get(pk=user.pk).email


def test_without_the_password_nothing_happens(client: Client, annas_login: User) -> None:
    answer = client.post(URL, {"email": "eve@example.com"})

    assert unquote(answer.headers["Location"]) == f"{PROOF}?next={URL}"
    assert jobs() == []
    wrong = client.post(f"{PROOF}?next={URL}", {"password": "wrong-password-1"})
    assert "Incorrect password" in Read(wrong).text
    assert jobs() == []


def test_a_sent_form_is_carried_out_after_the_password(client: Client, annas_login: User) -> None:
    client.post(URL, {"email": "anna.new@example.com"})

    page = Read(client.post(f"{PROOF}?next={URL}", {"password": PASSWORD, "next": URL}))

    assert "A link is on its way to anna.new@example.com" in page.text
    assert [args["to"] for args in jobs()] == ["anna.new@example.com"]
    assert address_of(annas_login) == "anna@example.com", "nothing is changed before the link was followed"


def test_the_link_changes_the_address_once_and_notifies_the_old_one(client: Client, annas_login: User) -> None:
    proved(client).post(URL, {"email": "Anna.New@example.com"})
    path = confirm_path()

    assert "anna.new@example.com becomes the address" in Read(Client().get(path)).text
    assert address_of(annas_login) == "anna@example.com", "looking at it changes nothing"
    assert client.post(path).headers["Location"] == URL

    assert address_of(annas_login) == "anna.new@example.com"
    notices = [letter for letter in letters() if letter.subject == "The e-mail address of your login was changed"]
    assert [letter.to for letter in notices] == [["anna@example.com"]]
    assert Client().post(path).status_code == 410
    events = SecurityEvent.objects.filter(event="address.changed")
    assert [event.about for event in events] == [f"user {annas_login.pk} anna"]


def test_a_reset_goes_only_to_the_confirmed_address(client: Client, annas_login: User) -> None:
    proved(client).post(URL, {"email": "eve@example.com"})
    Client().post("/accounts/password/reset/", {"email": "eve@example.com"})
    assert [letter for letter in letters() if letter.subject == "Choose a new password"] == []


def test_an_address_of_another_login_is_refused(client: Client, annas_login: User, carla: Any) -> None:
    """And whoever tries does not learn that it is somebody's."""
    known, unknown = (
        Read(proved(client).post(URL, {"email": address})) for address in ("carla@example.com", "nobody@example.com")
    )
    assert known.text.replace("carla", "nobody") == unknown.text
    key = account_mail.address_key(user_id=annas_login.pk, old="anna@example.com", new="carla@example.com")
    assert Client().post(f"{URL}confirm/{key}/").status_code == 410
    assert address_of(annas_login) == "anna@example.com"


@pytest.mark.parametrize("key", ["x", "%00", "a:b:c", "1" * 500])
def test_a_key_of_ones_own_making_opens_nothing(annas_login: User, key: str) -> None:
    assert Client().post(f"{URL}confirm/{key}/").status_code in (400, 410)


def test_a_key_is_a_day_old_at_most(client: Client, annas_login: User, monkeypatch: pytest.MonkeyPatch) -> None:
    proved(client).post(URL, {"email": "anna.new@example.com"})
    path = confirm_path()
    monkeypatch.setattr(account_mail, "CONFIRM_HOURS", -1)
    assert Client().post(path).status_code == 410


def test_logs_contain_no_link(client: Client, annas_login: User, caplog: Any) -> None:
    with caplog.at_level("DEBUG"):
        proved(client).post(URL, {"email": "anna.new@example.com"})
        path = confirm_path()
        client.get(path)
    secret = path.rstrip("/").rpartition("/")[2]
    written = "\n".join(JsonFormatter().format(record) for record in caplog.records)
    assert "/accounts/email/confirm/…" in written
    assert secret not in written


def test_letters_to_others_are_not_sent_without_end(client: Client, annas_login: User) -> None:
    proved(client)
    answers = [client.post(URL, {"email": f"stranger-{n}@example.com"}).status_code for n in range(6)]
    assert answers == [200] * 4 + [429] * 2


@pytest.mark.parametrize(
    "address", ["", "nobody", "anna@example.com", "a@b@c", f"{'x' * 300}@example.com", "\x00@example.com"]
)
def test_an_invalid_or_unchanged_address_is_refused(client: Client, annas_login: User, address: str) -> None:
    assert proved(client).post(URL, {"email": address}).status_code == 422
    assert jobs() == []


def test_the_letter_goes_to_the_domain_that_was_typed(client: Client, annas_login: User) -> None:
    proved(client).post(URL, {"email": "anna@faß.de"})

    assert [letter.to for letter in letters()] == [["anna@xn--fa-hia.de"]]


def test_an_address_that_nobody_can_be_written_to_is_refused_with_a_sentence(client: Client) -> None:
    answer = proved(client).post(URL, {"email": f"anna@{'a' * 63}.{'b' * 63}.{'c' * 63}.-d.example"})

    assert answer.status_code == 422
    assert jobs() == []
