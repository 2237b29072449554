"""Settings that would be insecure at work do not start."""

import secrets

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.core.management.utils import get_random_secret_key

from lostpost.config import checks
from lostpost.config.environment import MARKETPLACE_FIELDS


@pytest.fixture
def sound(settings, tmp_path):
    """Settings of a marketplace at work, with nothing wrong."""
    settings.PRODUCTION = True
    settings.DEBUG = False
    settings.SECRET_KEY = "q8Wv-3kZp_0LxT7nRb2YcEu5HsJdAgMf9iOoQlKtVxN1zS6B"
    settings.ALLOWED_HOSTS = ["lostpost.example.com"]
    settings.LOSTPOST_URL = "https://lostpost.example.com"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "My marketplace <service@example.com>"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "smtp.example.com", True
    settings.LOSTPOST_DATA = tmp_path
    settings.EMBEDDED_DATABASE = False
    settings.LOSTPOST_MARKETPLACE = {
        **{field: f"our {field}" for field in MARKETPLACE_FIELDS},
        "country": "NL",
        "vat_number": "NL123456789B13",
        "registration_number": "1234 5678",
        "iban": "NL20 INGB 0001 2345 67",
        "electronic_address": "0106:12345678",
    }
    return settings


def message_ids() -> list[str | None]:
    """Name the errors and warnings."""
    looks = (
        checks.production_is_secure,
        checks.production_is_sensible,
        checks.wires_are_safe,
        checks.marketplace_numbers_are_right,
    )
    return [message.id for look in looks for message in look(None)]


def test_sound_settings_pass(sound):
    assert message_ids() == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("DEBUG", True, "lostpost.E001"),
        ("SECRET_KEY", "short", "lostpost.E002"),
        ("SECRET_KEY", "a" * 60, "lostpost.E002"),
        ("SECRET_KEY_FALLBACKS", ["short"], "lostpost.E002"),
        ("EMAIL_USE_TLS", False, "lostpost.W005"),
        ("WEBHOOKS_TO_PRIVATE", True, "lostpost.W007"),
        ("ALLOWED_HOSTS", ["*"], "lostpost.E003"),
        ("ALLOWED_HOSTS", [".example.com"], "lostpost.E003"),
        ("LOSTPOST_URL", "http://lostpost.example.com", "lostpost.E004"),
        ("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend", "lostpost.E005"),
        ("DEFAULT_FROM_EMAIL", "Lostpost <lostpost@localhost>", "lostpost.E006"),
        ("EMBEDDED_DATABASE", True, "lostpost.W001"),
        ("LOSTPOST_MARKETPLACE", {**MARKETPLACE_FIELDS, "name": "Our marketplace"}, "lostpost.E009"),
    ],
)
def test_each_insecure_setting_is_named(sound, name, value, code):
    setattr(sound, name, value)

    assert message_ids() == [code]


@pytest.mark.parametrize(
    "key",
    [
        "password" * 6 + "1234",
        "passwordpasswordpasswordpasswordpassword-1234",
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
        "1234567890abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "0123456789" * 6,
        "qwertyuiop" * 5,
        "django-insecure-change-me-secret-password-lostpost-1",
        "changeme-changeme-changeme-changeme-changeme-x",
        "a1b2c3d4" * 8,
        "A-secret-for-production-of-lostpost-1234",
    ],
)
def test_a_key_that_can_be_guessed_is_named(sound, key):
    sound.SECRET_KEY = key
    assert message_ids() == ["lostpost.E002"]


def test_a_random_key_passes_however_it_is_written():
    for _n in range(200):
        keys = (secrets.token_urlsafe(30), secrets.token_hex(32), secrets.token_urlsafe(48), get_random_secret_key())
        assert [key for key in keys if checks.can_be_guessed(key)] == []


@pytest.mark.parametrize(
    ("host", "user", "code"),
    [
        ("smtp.example.com", "anna", ["lostpost.E011"]),
        ("10.0.0.5", "anna", ["lostpost.E011"]),
        ("smtp.example.com", "", ["lostpost.W005"]),
        ("localhost", "anna", []),
        ("127.0.0.1", "anna", []),
        ("::1", "", []),
    ],
)
def test_a_mail_servers_password_in_the_open_is_refused(sound, host, user, code):
    sound.EMAIL_USE_TLS, sound.EMAIL_HOST, sound.EMAIL_HOST_USER, sound.EMAIL_HOST_PASSWORD = False, host, user, user
    assert message_ids() == code
    sound.EMAIL_USE_SSL = True
    assert message_ids() == []


@pytest.mark.parametrize(
    ("host", "mode", "code"),
    [
        ("db.example.com", "disable", ["lostpost.E012"]),
        ("localhost,db.example.com", "disable", ["lostpost.E012"]),
        ("10.0.0.5", "prefer", ["lostpost.W006"]),
        ("10.0.0.5", None, ["lostpost.W006"]),
        ("10.0.0.5", "require", []),
        ("db.example.com", "verify-full", []),
        ("localhost", "disable", []),
        ("127.0.0.1", None, []),
        ("/run/postgresql", None, []),
        ("", None, []),
    ],
)
def test_a_database_elsewhere_is_reached_encrypted(host, mode, code):
    database = {"HOST": host, "OPTIONS": {"sslmode": mode} if mode else {}}
    assert [message.id for message in checks.database_problems(database)] == code


def test_insecure_settings_are_reported(sound, tmp_path, monkeypatch):
    key = tmp_path / "stripe"
    key.write_text("sk_live_x", encoding="utf-8")
    monkeypatch.setenv("LOSTPOST_STRIPE_API_KEY_FILE", str(key))
    key.chmod(0o640)
    assert message_ids() == []
    key.chmod(0o644)
    monkeypatch.setenv("LOSTPOST_DEMO_PASSWORD", "tulp")
    assert message_ids() == ["lostpost.W008", "lostpost.W009"]


def of_payments() -> list[str | None]:
    return [message.id for message in checks.payment_providers_are_safe(None)]


@pytest.mark.parametrize(
    "url", ["https://api.example.com", "http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1"]
)
def test_a_providers_address_is_https_or_on_this_machine(settings, url):
    settings.PAYMENT_URLS = {"mollie": url, "stripe": url}
    assert of_payments() == []


@pytest.mark.parametrize("url", ["http://api.example.com", "http://10.0.0.1", "http://127.0.0.1.example.com"])
def test_a_providers_address_in_the_open_is_refused_even_while_trying_out(settings, url):
    settings.PAYMENT_URLS = {"mollie": url, "stripe": "https://api.stripe.com"}
    assert of_payments() == ["lostpost.E010"]


def test_a_key_for_tests_at_work_and_webhooks_without_a_secret_are_named(sound):
    sound.PAYMENT_KEYS = {"mollie": "test_abc", "stripe": "sk_live_abc"}
    sound.PAYMENT_WEBHOOK_SECRETS = {"mollie": "", "stripe": ""}
    assert of_payments() == ["lostpost.W003", "lostpost.W004"]


def test_the_demo_and_an_open_key_are_named(sound, tmp_path):
    (tmp_path / "demo-logins.txt").write_text("anna", encoding="utf-8")
    (tmp_path / "secret-key").write_text("key", encoding="utf-8")
    (tmp_path / "secret-key").chmod(0o644)

    assert message_ids() == ["lostpost.E007", "lostpost.E008"]


def test_while_trying_out_nothing_of_it_matters(sound):
    sound.PRODUCTION = False
    sound.SECRET_KEY = "short"

    assert message_ids() == []


def test_insecure_settings_stop_a_command_with_a_hint(sound):
    sound.LOSTPOST_URL = "http://lostpost.example.com"

    with pytest.raises(SystemCheckError, match=r"lostpost\.E004") as stopped:
        call_command("web", skip_checks=False)

    assert "HINT" in str(stopped.value)


def test_a_misspelt_variable_is_pointed_out(monkeypatch):
    monkeypatch.setenv("LOSTPOST_SMPT_URL", "smtp://localhost")
    monkeypatch.setenv("LOSTPOST_SERVICE_HOST", "10.0.0.1")  # Set by others, and nothing like ours.

    assert [message.hint for message in checks.variables_are_known(None)] == ["Did you mean LOSTPOST_SMTP_URL?"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("vat_number", "NL123456789B12", "lostpost.E013"),
        ("vat_number", "ZZ123456789", "lostpost.E013"),
        ("iban", "NL20INGB0001234568", "lostpost.E013"),
        ("iban", "NL20INGB000123456", "lostpost.E013"),
        ("electronic_address", "0106:1234567", "lostpost.E013"),
        ("electronic_address", "9999:abc", "lostpost.E013"),
        ("country", "UK", "lostpost.E013"),
        ("name", "two\nlines", "lostpost.E013"),
        ("registration_number", "1234567", "lostpost.W010"),
    ],
)
def test_a_wrong_number_of_the_marketplace_is_named(sound, field, value, code):
    sound.LOSTPOST_MARKETPLACE = {**sound.LOSTPOST_MARKETPLACE, field: value}
    (message,) = checks.marketplace_numbers_are_right(None)
    assert message.id == code
    assert f"LOSTPOST_MARKETPLACE_{field.upper()}" in message.msg


def test_numbers_of_unknown_registers_are_accepted(sound):
    sound.LOSTPOST_MARKETPLACE = {
        **sound.LOSTPOST_MARKETPLACE,
        "country": "DE",
        "registration_number": "HRB 11111",
        "vat_number": "DE136695976",
    }
    assert message_ids() == []
