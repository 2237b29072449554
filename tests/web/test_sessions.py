"""Sessions end when nobody uses them, and can be ended; money, clients and secrets ask for the password again."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.test import Client

from lostpost.accounts.models import ApiClient
from lostpost.accounts.security_log import SecurityEvent
from lostpost.web.sessions import browser_named
from tests.cast import user_of
from tests.portal.pages import Read
from tests.repo.site import addresses
from tests.web.password import PASSWORD

pytestmark = pytest.mark.django_db

SESSIONS = "/accounts/sessions/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CLIENTS = "/shops/lampenhuis/api-clients/"


def signed_in(login: User, **more: Any) -> Client:
    client = Client(**more)
    assert client.post("/accounts/login/", {"login": login.username, "password": PASSWORD}).status_code == 302
    return client


def later(client: Client, seconds: int) -> None:
    """Let time pass since the session was used last."""
    session = client.session
    session["lostpost_seen_at"] -= seconds
    session.save()


def is_in(client: Client, path: str = SESSIONS) -> bool:
    return bool(client.get(path).status_code == 200)


def test_a_shops_session_ends_after_twelve_hours_without_use(annas_login: User) -> None:
    client = signed_in(annas_login)
    later(client, 12 * 3600 - 10)
    assert is_in(client)
    later(client, 12 * 3600 + 10)
    answer = client.get("/shops/lampenhuis/")
    assert answer.headers["Location"] == "/accounts/login/?next=/shops/lampenhuis/"
    assert "nothing happened for 12 hours" in Read(client.get(answer.headers["Location"])).text
    assert SecurityEvent.objects.filter(event="session.timed-out", user_id=annas_login.pk).exists()


@pytest.mark.parametrize("who", ["pia", "fien"])
def test_a_desks_session_ends_after_half_an_hour_without_use(request: Any, who: str) -> None:
    user = user_of(request.getfixturevalue(who))
    client = Client()
    client.force_login(user)
    for _n in range(3):  # Used all the time, it goes on.
        later(client, 29 * 60)
        assert is_in(client)
    later(client, 31 * 60)
    assert not is_in(client)


def test_a_new_desk_member_gets_its_idle_limit_at_once(annas_login: User, fien: Any) -> None:
    client = signed_in(annas_login)
    annas_login.groups.set(user_of(fien).groups.all())
    later(client, 120)
    assert is_in(client)
    later(client, 31 * 60)
    assert not is_in(client)


def test_a_clock_that_was_ahead_ends_no_session(annas_login: User) -> None:
    client = signed_in(annas_login)
    later(client, -24 * 3600)
    assert is_in(client)
    later(client, 60)
    assert is_in(client)


def test_sessions_are_listed_with_when_and_where_and_can_be_ended(annas_login: User) -> None:
    here, there = signed_in(annas_login), signed_in(annas_login, HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="192.0.2.7")

    page = Read(here.get(SESSIONS))
    assert "Firefox on Linux" in page.text
    assert "192.0.2.7" in page.text
    (other,) = [
        form
        for form in page.forms
        if form.buttons and form.buttons[0] not in (("session", "others"), ("", "")) and form.action.endswith(SESSIONS)
    ]
    here.post(SESSIONS, {"session": other.buttons[0][1]})

    assert not is_in(there)
    assert is_in(here)
    assert SecurityEvent.objects.filter(event="session.ended", about="192.0.2.7").exists()


def test_all_others_are_ended_at_once(annas_login: User) -> None:
    here, *others = [signed_in(annas_login) for _n in range(3)]
    assert "2 sessions were ended." in Read(here.post(SESSIONS, {"session": "others"}, follow=True)).text
    assert [is_in(each) for each in (here, *others)] == [True, False, False]


def test_another_users_session_cannot_be_ended(annas_login: User, carla: Any) -> None:
    anna = signed_in(annas_login)
    (row,) = UserSession.objects.all()
    eve = Client()
    eve.force_login(user_of(carla))

    eve.post(SESSIONS, {"session": str(row.pk)})
    eve.post(SESSIONS, {"session": "others"})

    assert is_in(anna)
    assert "127.0.0.1" not in Read(eve.get(SESSIONS)).text


def test_another_password_ends_all_other_sessions(annas_login: User) -> None:
    here, there = signed_in(annas_login), signed_in(annas_login)
    new = {"oldpassword": PASSWORD, "password1": "paard-veer-zon-5678", "password2": "paard-veer-zon-5678"}
    assert here.post("/accounts/password/change/", new).status_code == 302
    assert [is_in(here), is_in(there)] == [True, False]


@pytest.mark.parametrize(
    ("agent", "named"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML) Chrome/130.0 Safari/537.36 Edg/130.0",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("curl/8.5", ""),
        ("", ""),
    ],
)
def test_browsers_are_named_as_people_do(agent: str, named: str) -> None:
    assert browser_named(agent) == named


# Fresh proof ---------------------------------------------------------------------------------------------------------


def test_the_password_counts_for_some_minutes(annas_login: User, settings: Any) -> None:
    client = signed_in(annas_login)
    wish = {"step": "make", "name": "One", "may": "read"}
    assert client.post(CLIENTS, wish).status_code == 302, "signing in is no fresh proof"
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.post(CLIENTS, wish).status_code == 200
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    assert client.post(CLIENTS, {**wish, "name": "Two"}).status_code == 302
    assert [each.name for each in ApiClient.objects.all()] == ["One"]


def test_a_program_is_revoked_without_ado(annas_login: User, anna: Any) -> None:
    client = signed_in(annas_login)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post(CLIENTS, {"step": "make", "name": "One", "may": "read"})
    other = signed_in(annas_login)
    other.post(CLIENTS, {"step": "revoke", "client_id": ApiClient.objects.get().client_id})
    assert ApiClient.objects.get().revoked_at is not None


def test_every_page_around_a_login_is_one_of_ours_or_named(annas_login: User) -> None:
    names = {
        each.name for each in addresses() if each.name.startswith(("account_", "usersessions", "mfa_", "socialaccount"))
    }
    assert names == {
        *("account_login", "account_logout", "account_inactive", "account_reauthenticate", "account_sessions"),
        *("account_email", "account_confirm_address", "account_change_password", "account_reset_password"),
        *("account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done"),
    }
