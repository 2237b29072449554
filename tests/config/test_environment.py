"""Values from the environment: what is refused, and in which words."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from lostpost.config import database, environment
from lostpost.config.secret_key import stored_key

WAITS = database.timeouts_of("web", lock_seconds=5, statement_seconds=20)


def test_a_value_that_is_not_set_or_empty_is_the_default(monkeypatch):
    monkeypatch.setenv("LOSTPOST_TIME_ZONE", " ")

    assert environment.time_zone("LOSTPOST_TIME_ZONE", "Europe/Brussels") == "Europe/Brussels"
    assert environment.whole_number("LOSTPOST_WEB_THREADS", 4, least=1, most=9) == 4
    assert environment.yes_or_no("LOSTPOST_DEBUG", default=False) is False


@pytest.mark.parametrize(
    ("read", "value", "words"),
    [
        (lambda: environment.time_zone("X", ""), "Mars/Base", "no time zone"),
        (lambda: environment.yes_or_no("X", default=True), "perhaps", "neither yes nor no"),
        (lambda: environment.whole_number("X", 1, least=1, most=9), "10", "from 1 to 9"),
        (lambda: environment.whole_number("X", 1, least=1, most=9), "1.5", "from 1 to 9"),
        (lambda: environment.whole_number("X", 1, least=1, most=9), "٣", "from 1 to 9"),
        (lambda: environment.one_of("X", ["a", "b"]), "c", "Choose a or b"),
        (lambda: environment.web_address("X", ""), "lostpost.example.com", "no web address"),
        (lambda: environment.web_address("X", ""), "https://example.com/shop", "no web address"),
        (lambda: environment.web_address("X", ""), "https://example.com:99999", "cannot be read"),
        (lambda: environment.mail_sender("X", ""), "My marketplace", "not an address to send e-mail from"),
        (lambda: environment.mail_sender("X", ""), "A <service(x)@example.com>", "not an address to send"),
        (lambda: environment.mail_sender("X", ""), "A <sérvice@example.com>", "not an address to send"),
        (lambda: environment.mail_server("X"), "mail.example.com:25", "no mail server"),
        (lambda: environment.mail_server("X"), "smtp://mail.example.com?tls=maybe", "no mail server"),
    ],
)
def test_an_invalid_value_is_refused_with_its_name_and_a_hint(monkeypatch, read, value, words):
    monkeypatch.setenv("X", value)

    with pytest.raises(ImproperlyConfigured, match=words) as refused:
        read()

    assert str(refused.value).startswith("X: ")


def test_a_refused_mail_server_does_not_show_its_password(monkeypatch):
    for value in ("smtps://anna:geheim@mail.example.com", "smtp://anna:geheim@mail.example.com:x"):
        monkeypatch.setenv("X", value)

        with pytest.raises(ImproperlyConfigured) as refused:
            environment.mail_server("X")

        assert "geheim" not in str(refused.value)


def test_the_sender_keeps_its_name_and_has_its_domain_by_idna_2008(monkeypatch):
    monkeypatch.setenv("X", "Märkte online <service@faß.de>")

    assert environment.mail_sender("X", "") == "Märkte online <service@xn--fa-hia.de>"


def test_a_mail_server_is_read_from_one_address(monkeypatch):
    monkeypatch.setenv("X", "smtp://anna%40example.com:p%2Fw@mail.example.com:2525?tls=none")

    mail_settings = environment.mail_server("X")

    assert (mail_settings["EMAIL_HOST"], mail_settings["EMAIL_PORT"]) == ("mail.example.com", 2525)
    assert (mail_settings["EMAIL_HOST_USER"], mail_settings["EMAIL_HOST_PASSWORD"]) == ("anna@example.com", "p/w")
    assert (mail_settings["EMAIL_USE_TLS"], mail_settings["EMAIL_USE_SSL"]) == (False, False)


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from-a-file\n", encoding="utf-8")
    monkeypatch.setenv("X_FILE", str(tmp_path / "key"))

    assert environment.secret("X") == "from-a-file"


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_a_secret_file_that_is_missing_or_empty_or_no_text_is_refused(monkeypatch, tmp_path, content):
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    monkeypatch.setenv("X_FILE", str(tmp_path / "key"))

    with pytest.raises(ImproperlyConfigured, match="X_FILE"):
        environment.secret("X")


def test_a_secret_that_is_given_twice_is_refused(monkeypatch):
    monkeypatch.setenv("X", "one")
    monkeypatch.setenv("X_FILE", "/run/secrets/other")

    with pytest.raises(ImproperlyConfigured, match="both set"):
        environment.secret("X")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://lostpost:geheim@db/lostpost", "only PostgreSQL"),
        ("postgresql://lostpost:ge%heim@db/lostpost", "cannot be read"),
        ("postgresql://lostpost:geheim@db", "names no database"),
    ],
)
def test_a_bad_database_url_is_refused_without_showing_it(tmp_path, url, words):
    with pytest.raises(ImproperlyConfigured, match=words) as refused:
        database.connection_settings(url, data=tmp_path, timeouts=WAITS)

    assert "heim" not in str(refused.value)


def test_a_database_url_is_read_as_libpq_reads_it(tmp_path):
    parameters = database.connection_settings(
        "postgresql://lostpost:p%40w@db.example.com:6432/parcels?sslmode=require", data=tmp_path, timeouts=WAITS
    )

    assert (parameters["HOST"], parameters["PORT"], parameters["NAME"]) == ("db.example.com", "6432", "parcels")
    assert (parameters["USER"], parameters["PASSWORD"]) == ("lostpost", "p@w")
    assert parameters["OPTIONS"]["sslmode"] == "require"
    assert parameters["OPTIONS"]["options"].startswith("-c lock_timeout=5s -c statement_timeout=20s ")


def test_timeouts_in_the_url_take_precedence(tmp_path):
    url = "postgresql://lostpost@db.example.com/parcels?connect_timeout=2&options=-c%20lock_timeout%3D1s"

    options = database.connection_settings(url, data=tmp_path, timeouts=WAITS)["OPTIONS"]

    assert options["connect_timeout"] == "2"
    assert options["options"].endswith(" -c lock_timeout=1s")


def test_timeouts_are_longer_for_workers_and_off_for_commands():
    limits = {"lock_seconds": 5, "statement_seconds": 20}

    assert database.timeouts_of("web", **limits)[:3] == (5, 20, 30)
    assert database.timeouts_of("worker", **limits)[:3] == (15, 60, 90)
    assert database.timeouts_of("command", **limits).statement_seconds == 0


def test_a_secret_key_is_created_once_and_readable_by_its_owner_only(tmp_path):
    first = stored_key(tmp_path / "new" / "secret-key")

    assert len(first) >= 40
    assert stored_key(tmp_path / "new" / "secret-key") == first
    assert (tmp_path / "new" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret-key"]


def test_a_secret_key_that_cannot_be_created_is_an_error(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")

    with pytest.raises(ImproperlyConfigured, match="LOSTPOST_SECRET_KEY"):
        stored_key(tmp_path / "file" / "secret-key")


@pytest.mark.parametrize("written", ["", "\n", "  \n\n"])
def test_an_empty_secret_key_is_refused_and_left_as_it_is(tmp_path, written):
    (tmp_path / "secret-key").write_text(written, encoding="ascii")

    with pytest.raises(ImproperlyConfigured, match="is empty"):
        stored_key(tmp_path / "secret-key")

    assert (tmp_path / "secret-key").read_text(encoding="ascii") == written
