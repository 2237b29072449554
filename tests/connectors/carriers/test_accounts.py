"""Accounts with carriers: set up, checked in words, shown at the desk, and their access tokens."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connector_accounts.put_connector_account import credentials_of
from lostpost.connectors.carriers.poll_parcels import enrol_silent_parcels
from lostpost.connectors.remote_apis.problems import CredentialsRefused
from lostpost.connectors.remote_apis.session import RemoteSession, client_credentials_token
from lostpost.tracking.models import ParcelPoll
from tests.cast import user_of
from tests.connectors.carriers.asking import a_silent_parcel

pytestmark = pytest.mark.django_db


def run(*words):
    out = StringIO()
    try:
        call_command("connect", *words, stdout=out)
    except SystemExit:
        out.write("(exit 1)")
    return out.getvalue()


@pytest.fixture
def key_file(tmp_path):
    file = tmp_path / "key"
    file.write_text("the-key-of-theirs\n")
    return str(file)


def test_an_account_is_set_up_checked_and_removed(lampenhuis, carrier, key_file):
    settings = ("--secret-file", key_file, "--set", f"url={carrier.url}")
    assert "for all shops" in run("dhl", *settings, "--calls-a-day", "500", "--set", "service=parcel-nl")
    assert "for lampenhuis" in run("dhl", "--seller", "lampenhuis", *settings)
    row = ConnectorAccount.objects.get(shop_id=None)
    assert (row.calls_a_day, row.options["service"], credentials_of(row)) == (
        500,
        "parcel-nl",
        {"api_key": "the-key-of-theirs"},
    )
    assert "the-key-of-theirs" not in row.sealed

    checked = run("dhl", "--check")
    assert checked.count("It answers, and the key is accepted.") == 2
    assert "all shops\tanswered\t" in checked

    for number in ("JVGL01", "JVGL02"):
        a_silent_parcel(lampenhuis, "DHL", number)
    enrol_silent_parcels(list(ConnectorAccount.objects.all()))
    assert "2 parcels, 2 due, the oldest since " in run("dhl", "--check", "--seller", "lampenhuis")

    call_command("reseal", stdout=StringIO())
    resealed = ConnectorAccount.objects.get(shop_id=None)
    assert (credentials_of(resealed), resealed.sealed == row.sealed) == (credentials_of(row), False)

    run("dhl", "--remove")
    assert ParcelPoll.objects.count() == 2  # The shop's own account asks about them.
    run("dhl", "--seller", "lampenhuis", "--remove")
    assert (ConnectorAccount.objects.count(), ParcelPoll.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, "the-key-of-theirs is wrong", "The key is refused"),
        (503, "", "It cannot be reached"),
        (429, "", "It wants fewer calls"),
        (200, "<html>", "It answers strangely"),
    ],
)
def test_check_and_lostpost_check_say_in_words_what_is_wrong(carrier, key_file, capsys, status, body, words):
    run("dhl", "--secret-file", key_file, "--set", f"url={carrier.url}")
    carrier.says(status, body)

    checked = run("dhl", "--check")

    assert words in checked
    assert checked.endswith("(exit 1)")
    assert "the-key-of-theirs" not in checked  # Should they repeat it.
    call_command("check")
    assert f"Connectors   1 accounts, 1 failing: dhl: {words}" in capsys.readouterr().out
    carrier.says(400, {})  # The number is refused, not the key.
    assert "answered" in run("dhl", "--check")
    assert ConnectorAccount.objects.filter(next_call_at__lte=timezone.now()).exists()  # The pause is over.


def test_a_carrier_that_is_not_there_is_said_to_be(key_file):
    run("dhl", "--secret-file", key_file, "--set", "url=http://127.0.0.1:9")
    assert "It cannot be reached" in run("dhl", "--check")


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (["dhl"], "Give a file with what opens the account"),
        (["dhl", "--check"], "There is no account of dhl"),
        (["dhl", "--remove"], "no such account"),
        (["dhl", "--secret-file", "KEY", "--set", "url=http://dhl.example"], "must begin with https"),
        (["dhl", "--secret-file", "KEY", "--set", "colour=red"], "no setting"),
        (["dhl", "--secret-file", "KEY", "--set", "service"], "NAME=VALUE"),
        (["dhl", "--secret-file", "KEY", "--calls-a-day", "0"], "cannot be right"),
        (["dhl", "--secret-file", "EMPTY"], "is opened by api_key"),
    ],
)
def test_a_wrong_wish_changes_nothing(tmp_path, key_file, words, refusal):
    empty = tmp_path / "empty"
    empty.write_text("\n")
    files = {"KEY": key_file, "EMPTY": str(empty)}
    with pytest.raises(CommandError, match=refusal):
        call_command("connect", *[files.get(word, word) for word in words], stdout=StringIO())
    assert not ConnectorAccount.objects.exists()


def test_the_desk_sees_how_accounts_fare_those_that_fail_first(client, pia, lampenhuis, carrier, account_of):
    client.force_login(user_of(pia))
    assert "No carrier is asked" in client.get("/desk/connectors/").content.decode()
    account_of("dhl")
    account_of("postnl", lampenhuis)
    a_silent_parcel(lampenhuis, "PostNL", "3SLAMP01")
    enrol_silent_parcels(list(ConnectorAccount.objects.all()))
    ConnectorAccount.objects.filter(connector="postnl").update(
        problem="key-refused", problem_detail="HTTP 401", failed_at=timezone.now(), calls=7, day=timezone.now().date()
    )
    page = " ".join(client.get("/desk/connectors/").content.decode().split())
    assert page.index("PostNL") < page.index("DHL")
    for words in ("The key is refused", "HTTP 401", "Lampenhuis", "all shops", "Not asked yet", "7 of 100000"):
        assert words in page
    assert "1 waits to be asked about" in page


# Access tokens -------------------------------------------------------------------------------------------------------


def a_token(name, seconds="3600"):
    return 200, {"access_token": name, "expires_in": seconds}


def asked_with_token(account, carrier):
    def renew(session):
        return client_credentials_token(session, "/token", headers={"Authorization": "Basic x"})

    session = RemoteSession(account, url="", seconds=10)
    return session.send_with_token(renew, "/data", headers=lambda token: {"Authorization": f"Bearer {token}"})


def test_a_token_is_fetched_once_and_renewed_once_when_it_ends(carrier, account_of):
    account, good = account_of("dhl"), ["one"]

    def answer(request):
        if request.path == "/token":
            return a_token(good[-1])
        return (200, {}) if request.headers["authorization"] == f"Bearer {good[-1]}" else (401, {})

    carrier.answer = answer
    for _twice in range(2):
        asked_with_token(account, carrier)
    assert [each.path for each in carrier.asked] == ["/token", "/data", "/data"]
    assert "one" not in ConnectorAccount.objects.get().sealed_token

    good.append("two")  # The carrier ended it before its time.
    assert asked_with_token(account, carrier).status == 200
    assert [each.path for each in carrier.asked][3:] == ["/data", "/token", "/data"]

    ConnectorAccount.objects.update(token_until=timezone.now() + timedelta(seconds=30))
    asked_with_token(account, carrier)
    assert [each.path for each in carrier.asked][6:] == ["/token", "/data"]


def test_an_account_that_may_not_ask_is_not_tried_for_ever(carrier, account_of):
    carrier.answer = lambda request: a_token("one") if request.path == "/token" else (403, {})
    with pytest.raises(CredentialsRefused):
        asked_with_token(account_of("dhl"), carrier)
    assert [each.path for each in carrier.asked] == ["/token", "/data", "/token", "/data"]
