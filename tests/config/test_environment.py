"""Values from the environment: what is refused, and in which words."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from lostpost.config import database
from lostpost.config.environment import Environment, read_environment
from lostpost.config.secret_key import stored_key

WAITS = database.timeouts_of("web", lock_seconds=5, statement_seconds=20)


def test_a_value_that_is_not_set_or_empty_is_the_default(monkeypatch):
    monkeypatch.setenv("LOSTPOST_TIME_ZONE", " ")
    monkeypatch.setenv("LOSTPOST_WEB_THREADS", "")

    environment = read_environment()

    assert environment.LOSTPOST_TIME_ZONE == "Europe/Amsterdam"
    assert environment.LOSTPOST_WEB_THREADS == 4
    assert environment.LOSTPOST_SMTP_URL == {}


def test_values_are_taken_without_the_space_around_them(monkeypatch):
    monkeypatch.setenv("LOSTPOST_DEBUG", " On ")
    monkeypatch.setenv("LOSTPOST_URL", " https://lostpost.example.com/ ")
    monkeypatch.setenv("LOSTPOST_HOSTS", "a.example.com, b.example.com,")

    environment = read_environment()

    assert environment.LOSTPOST_DEBUG is True
    assert environment.LOSTPOST_URL == "https://lostpost.example.com"
    assert environment.further_hosts == ["a.example.com", "b.example.com"]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("LOSTPOST_TIME_ZONE", "Mars/Base", "no time zone"),
        ("LOSTPOST_DEBUG", "perhaps", "neither yes nor no. Write yes or no"),
        ("LOSTPOST_WEB_THREADS", "101", "from 1 to 100"),
        ("LOSTPOST_WEB_THREADS", "0", "from 1 to 100"),
        ("LOSTPOST_WEB_THREADS", "1.5", "from 1 to 100"),
        ("LOSTPOST_WEB_THREADS", "٣", "from 1 to 100"),
        ("LOSTPOST_MODE", "c", "Choose development or production"),
        ("LOSTPOST_LOG_LEVEL", "info", "Choose INFO, DEBUG, WARNING or ERROR"),
        ("LOSTPOST_URL", "lostpost.example.com", "no web address"),
        ("LOSTPOST_URL", "https://example.com/shop", "no web address"),
        ("LOSTPOST_MOLLIE_URL", "https://example.com:99999", "cannot be read"),
        ("LOSTPOST_MAIL_FROM", "My marketplace", "not an address to send e-mail from"),
        ("LOSTPOST_MAIL_FROM", "A <service(x)@example.com>", "not an address to send"),
        ("LOSTPOST_MAIL_FROM", "A <sérvice@example.com>", "not an address to send"),
        ("LOSTPOST_SMTP_URL", "mail.example.com:25", "no mail server"),
        ("LOSTPOST_SMTP_URL", "smtp://mail.example.com?tls=maybe", "no mail server"),
    ],
)
def test_an_invalid_value_is_refused_with_its_name_and_a_hint(monkeypatch, name, value, words):
    monkeypatch.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=words) as refused:
        read_environment()

    assert str(refused.value).startswith(f"{name}: ")
    assert str(refused.value).endswith((".", ")"))


def test_all_invalid_values_are_refused_at_once_without_secrets(monkeypatch, tmp_path):
    monkeypatch.setenv("LOSTPOST_MODE", "work")
    monkeypatch.setenv("LOSTPOST_WEB_THREADS", "many")
    monkeypatch.setenv("LOSTPOST_SMTP_URL", "smtps://anna:geheim@mail.example.com")
    monkeypatch.setenv("LOSTPOST_STRIPE_API_KEY_FILE", str(tmp_path / "none"))

    with pytest.raises(ImproperlyConfigured) as refused:
        read_environment()

    names = [line.partition(":")[0] for line in str(refused.value).splitlines()]
    assert sorted(names) == [
        "LOSTPOST_MODE",
        "LOSTPOST_SMTP_URL",
        "LOSTPOST_STRIPE_API_KEY_FILE",
        "LOSTPOST_WEB_THREADS",
    ]
    assert "geheim" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_a_refused_mail_server_does_not_show_its_password(monkeypatch):
    for value in ("smtps://anna:geheim@mail.example.com", "smtp://anna:geheim@mail.example.com:x"):
        monkeypatch.setenv("LOSTPOST_SMTP_URL", value)

        with pytest.raises(ImproperlyConfigured) as refused:
            read_environment()

        assert "geheim" not in str(refused.value)


def test_the_sender_keeps_its_name_and_has_its_domain_by_idna_2008(monkeypatch):
    monkeypatch.setenv("LOSTPOST_MAIL_FROM", "Märkte online <service@faß.de>")

    assert read_environment().LOSTPOST_MAIL_FROM == "Märkte online <service@xn--fa-hia.de>"


def test_a_mail_server_is_read_from_one_address(monkeypatch):
    monkeypatch.setenv("LOSTPOST_SMTP_URL", "smtp://anna%40example.com:p%2Fw@mail.example.com:2525?tls=none")

    mail_settings = read_environment().LOSTPOST_SMTP_URL

    assert (mail_settings["EMAIL_HOST"], mail_settings["EMAIL_PORT"]) == ("mail.example.com", 2525)
    assert (mail_settings["EMAIL_HOST_USER"], mail_settings["EMAIL_HOST_PASSWORD"]) == ("anna@example.com", "p/w")
    assert (mail_settings["EMAIL_USE_TLS"], mail_settings["EMAIL_USE_SSL"]) == (False, False)


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from-a-file\n", encoding="utf-8")
    (tmp_path / "mail").write_text("smtp://mail.example.com\n", encoding="utf-8")
    monkeypatch.setenv("LOSTPOST_MOLLIE_API_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("LOSTPOST_SMTP_URL_FILE", str(tmp_path / "mail"))

    environment = read_environment()

    assert environment.LOSTPOST_MOLLIE_API_KEY == "from-a-file"
    assert environment.LOSTPOST_SMTP_URL["EMAIL_HOST"] == "mail.example.com"


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_a_secret_file_that_is_missing_or_empty_or_no_text_is_refused(monkeypatch, tmp_path, content):
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    monkeypatch.setenv("LOSTPOST_MOLLIE_API_KEY_FILE", str(tmp_path / "key"))

    with pytest.raises(ImproperlyConfigured, match=r"^LOSTPOST_MOLLIE_API_KEY_FILE: "):
        read_environment()


def test_a_secret_that_is_given_twice_is_refused(monkeypatch):
    monkeypatch.setenv("LOSTPOST_MOLLIE_API_KEY", "one")
    monkeypatch.setenv("LOSTPOST_MOLLIE_API_KEY_FILE", "/run/secrets/other")

    with pytest.raises(ImproperlyConfigured, match="both set"):
        read_environment()


def test_every_variable_is_in_the_documentation():
    text = (Path(__file__).resolve().parents[2] / "docs" / "operating.md").read_text("utf-8")
    set_by_the_command = {"LOSTPOST_EMBEDDED", "LOSTPOST_DATABASE_USE", "LOSTPOST_APPLICATION_ROLE"}

    for name in Environment.model_fields.keys() - set_by_the_command:
        ending = name.removeprefix("LOSTPOST_MARKETPLACE")
        assert f"`{name}`" in text or f"`{ending}`" in text, name


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
