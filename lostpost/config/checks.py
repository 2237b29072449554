"""System checks: an insecure configuration does not start in production, and each check has a hint."""

import difflib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zlib import compress

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Advice

from lostpost.accounts.identifiers import is_registration_number
from lostpost.accounts.legal import legal_problems
from lostpost.config.environment import FILE_SUFFIX, MARKETPLACE_FIELDS, known_names, read_environment, secret_names
from lostpost.core.countries import is_country_on_invoices

KEY_LENGTH_MIN = 40
DIFFERENT_SIGNS_MIN = 12
GUESSED_FIRST = (
    *("django-insecure-", "password", "passwort", "wachtwoord", "changeme", "change-me", "change_me", "secret"),
    *("lostpost", "qwerty", "azerty", "letmein", "welcome", "default", "example", "insecure", "production", "admin"),
)


@register(Tags.security)
def production_is_secure(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse settings that would give away sessions, pages or mail; while trying out, none of them matters."""
    if not settings.PRODUCTION:
        return []
    problems = [
        (settings.DEBUG, "E001", "Pages with the program's inner state are shown on errors.", "Unset LOSTPOST_DEBUG."),
        (
            any(can_be_guessed(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)),
            "E002",
            "The secret key, or a former one that still counts, can be guessed.",
            f"Give {KEY_LENGTH_MIN} or more random characters in LOSTPOST_SECRET_KEY_FILE, or unset it: one is made.",
        ),
        (
            any("*" in host or host.startswith(".") for host in settings.ALLOWED_HOSTS),
            "E003",
            "Requests for hosts that are not known are answered.",
            "Name every host in LOSTPOST_HOSTS, without * and without a dot in front.",
        ),
        (
            urlsplit(settings.LOSTPOST_URL).scheme != "https",
            "E004",
            "The site's address is not https, so passwords would travel in the open.",
            "Set LOSTPOST_URL to the https address that people use, such as https://lostpost.example.com.",
        ),
        (
            "filebased" in settings.EMAIL_BACKEND,
            "E005",
            "E-mail to customers would stay in a folder.",
            "Set LOSTPOST_SMTP_URL, or LOSTPOST_SMTP_URL_FILE, to your mail server.",
        ),
        (
            settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost"),
            "E006",
            "E-mail has no sender that customers could answer.",
            "Set LOSTPOST_MAIL_FROM, such as “My marketplace <service@example.com>”.",
        ),
        (
            (settings.LOSTPOST_DATA / "demo-logins.txt").exists(),
            "E007",
            "The data folder holds the demo marketplace, whose logins have one password written in a file there.",
            "Give another, empty folder with LOSTPOST_DATA.",
        ),
        (
            readable_by_others(settings.LOSTPOST_DATA / "secret-key"),
            "E008",
            "Other users of this machine can read the secret key.",
            f"Run: chmod 600 {settings.LOSTPOST_DATA / 'secret-key'}",
        ),
        (
            made_up := made_up_fields(settings.LOSTPOST_MARKETPLACE),
            "E009",
            f"Sales invoices would tell what was made up for trying out: {', '.join(made_up)}.",
            f"Set {', '.join(f'LOSTPOST_MARKETPLACE_{field.upper()}' for field in made_up)}.",
        ),
    ]
    return [Error(text, hint=hint, id=f"lostpost.{code}") for is_wrong, code, text, hint in problems if is_wrong]


@register(Tags.security)
def production_is_sensible(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warn of what works and is not advised."""
    if not (settings.PRODUCTION and settings.EMBEDDED_DATABASE):
        return []
    text = "The database is the embedded one, which is meant for trying out."
    return [Advice(text, hint="Give a PostgreSQL server in DATABASE_URL.", id="lostpost.W001")]


@register()
def variables_are_known(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warn of a variable that looks misspelt, as it would be passed over in silence."""
    known = set(known_names())
    unknown = sorted(name for name in os.environ if name.startswith("LOSTPOST_") and name not in known)
    near = [(name, difflib.get_close_matches(name, known, n=1, cutoff=0.85)) for name in unknown]
    return [
        Advice(f"{name} is not known.", hint=f"Did you mean {matches[0]}?", id="lostpost.W002")
        for name, matches in near
        if matches
    ]


@register(Tags.security)
def wires_are_safe(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse to send passwords in the open at work; warn of what is open where only the operator knows who listens."""
    if not settings.PRODUCTION:
        return []
    return [
        *mail_server_problems(),
        *database_problems(settings.DATABASES["default"]),
        *opened_problems(),
        *open_files(),
    ]


def mail_server_problems() -> Iterator[CheckMessage]:
    """Return what is insecure about the connection to the mail server."""
    if "smtp" not in settings.EMAIL_BACKEND or settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL:
        return
    if is_here(settings.EMAIL_HOST):
        return
    hint = "Take ?tls=none out of LOSTPOST_SMTP_URL, or write starttls or implicit."
    if settings.EMAIL_HOST_USER or settings.EMAIL_HOST_PASSWORD:
        text = "The password of the mail server would travel in the open."
        yield Error(text, hint=hint, id="lostpost.E011")
    else:
        text = "E-mails, with customers' names and links for new passwords, travel in the open to the mail server."
        yield Advice(text, hint=hint, id="lostpost.W005")


def database_problems(database: Mapping[str, Any]) -> Iterator[CheckMessage]:
    """Return what is insecure about the connection to the database."""
    hosts = [*str(database.get("HOST") or "").split(","), str(database["OPTIONS"].get("hostaddr", ""))]
    if all(is_here(host) for host in hosts):
        return
    mode = database["OPTIONS"].get("sslmode", "prefer")
    hint = "Add ?sslmode=verify-full (with sslrootcert=…) to DATABASE_URL, or at least sslmode=require."
    if mode == "disable":
        text = "The connection to the database is not encrypted, and the database is on another machine."
        yield Error(text, hint=hint, id="lostpost.E012")
    elif mode in ("allow", "prefer"):
        text = f"The connection to the database may be in the open: sslmode is {mode}, which does without encryption."
        yield Advice(text, hint=hint, id="lostpost.W006")


def opened_problems() -> Iterator[CheckMessage]:
    """Warn of what was opened on purpose and should not be forgotten."""
    if settings.WEBHOOKS_TO_PRIVATE:
        yield Advice(
            "Webhooks may go to private addresses and over http: owners of shops can reach the inside of your network.",
            hint="Unset LOSTPOST_WEBHOOKS_TO_PRIVATE unless all owners may.",
            id="lostpost.W007",
        )
    if read_environment().LOSTPOST_DEMO_PASSWORD:
        yield Advice(
            "LOSTPOST_DEMO_PASSWORD is set; nothing at work has demo logins.",
            hint="Unset it, and stop demo logins that are there: lostpost user list.",
            id="lostpost.W008",
        )


def open_files() -> Iterator[CheckMessage]:
    """Warn of secrets in files that everybody on the machine can read; some systems that hand secrets out do so."""
    for name in sorted(f"{secret}{FILE_SUFFIX}" for secret in secret_names()):
        path = Path(os.environ[name].strip()) if os.environ.get(name, "").strip() else None
        if path and path.exists() and path.stat().st_mode & stat.S_IROTH:
            text = f"Everybody on this machine can read {path}, which {name} names."
            yield Advice(text, hint=f"Run: chmod o= {path}", id="lostpost.W009")


def is_here(host: str) -> bool:
    """Whether a host is this machine: by its name, its address, or a socket in the file system."""
    if host in ("", "localhost") or host.startswith(("/", "@")):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def made_up_fields(marketplace: Mapping[str, str]) -> list[str]:
    """Return the marketplace's fields for sales invoices that still have the demo's values, except the country."""
    return [field for field, demo in MARKETPLACE_FIELDS.items() if marketplace[field] == demo and field != "country"]


@register()
def marketplace_numbers_are_right(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a marketplace whose invoices no rule of EN 16931 would pass, or whose money would go nowhere."""
    if not settings.PRODUCTION:
        return []
    given = {field: value for field, value in settings.LOSTPOST_MARKETPLACE.items() if value}
    country = given.pop("country", "")
    named = list(legal_problems(given, country=country))
    if not is_country_on_invoices(country):
        named.append(("country", f"“{country}” is no country: write the two letters of ISO 3166-1, such as NL"))
    messages: list[CheckMessage] = [
        Error(f"LOSTPOST_MARKETPLACE_{field.upper()}: {problem}.", id="lostpost.E013") for field, problem in named
    ]
    number = given.get("registration_number", "")
    if number and not is_registration_number(number, country):
        text = f"LOSTPOST_MARKETPLACE_REGISTRATION_NUMBER: “{number}” is no number of the companies' register."
        messages.append(Advice(text, hint=f"Compare it with the register of {country}.", id="lostpost.W010"))
    return messages


@register(Tags.security)
def payment_providers_are_safe(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse unencrypted connections to payment providers; warn of settings without which refunds or webhooks fail."""
    messages: list[CheckMessage] = []
    for name, key in settings.PAYMENT_KEYS.items():
        name_of_variable, parts = f"LOSTPOST_{name.upper()}", urlsplit(settings.PAYMENT_URLS[name])
        if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            text = f"{name_of_variable}_URL is not https, so the key and the refunds would travel in the open."
            messages.append(
                Error(text, hint=f"Unset {name_of_variable}_URL, or give an https address.", id="lostpost.E010")
            )
        if key and settings.PRODUCTION and "test_" in key:
            text = f"{name_of_variable}_API_KEY is one for tests: no customer gets money by it."
            messages.append(Advice(text, hint="Give the key for payments that are real.", id="lostpost.W003"))
        if key and name == "stripe" and not settings.PAYMENT_WEBHOOK_SECRETS[name]:
            text = "Webhooks of Stripe are refused: there is no secret to verify them with."
            hint = "Set LOSTPOST_STRIPE_WEBHOOK_SECRET; until then refunds are looked up every six hours."
            messages.append(Advice(text, hint=hint, id="lostpost.W004"))
    return messages


def can_be_guessed(key: str) -> bool:
    """Whether a key is too short or too simple.

    Repeating or counting characters count by their compressed length; random ones hardly get shorter.
    """
    steps = bytes((ord(later) - ord(sign)) % 256 for sign, later in pairwise(key))  # abc… and 123… are all ones.
    least = min(compressed_length(key.encode()), compressed_length(steps))
    if len(key) < KEY_LENGTH_MIN or len(set(key)) < DIFFERENT_SIGNS_MIN or least < KEY_LENGTH_MIN * 3 // 4:
        return True
    key_left = key.lower()
    for word in GUESSED_FIRST:
        key_left = key_left.replace(word, "")
    return len(key_left) < KEY_LENGTH_MIN * 3 // 4


def compressed_length(text: bytes) -> int:
    """Return the compressed length of the text in bytes."""
    return len(compress(text, 9)) - len(compress(b"", 9))


def readable_by_others(path: Path) -> bool:
    """Whether the file exists and group or others may read it."""
    return path.exists() and bool(stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO))
