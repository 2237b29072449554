"""Read settings from the environment: each value is checked where it is read and refused with one sentence."""

import os
from collections.abc import Sequence
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured

from lostpost.core.mail_address import wire_address

YES = {"1", "yes", "true", "on"}
NO = {"0", "no", "false", "off", ""}


def text(name: str, default: str = "") -> str:
    """Give the variable without surrounding space; empty counts as not set."""
    return os.environ.get(name, "").strip() or default


def secret(name: str, default: str = "") -> str:
    """Give the variable, or what is in the file that `<name>_FILE` names: a secret need not be in the environment."""
    path = text(f"{name}_FILE")
    if not path:
        return text(name, default)
    if text(name):
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set. Keep one of them.")
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"{name}_FILE: {path} cannot be read ({file_problem(error)}). Name a readable file."
        ) from None
    if not value:
        raise ImproperlyConfigured(f"{name}_FILE: {path} is empty. Put the secret in it, on one line.")
    return value


def yes_or_no(name: str, *, default: bool) -> bool:
    """Give a two-valued variable."""
    value = text(name, "yes" if default else "no").lower()
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name}: “{value}” is neither yes nor no. Write yes or no.")
    return value in YES


def whole_number(name: str, default: int, *, least: int, most: int) -> int:
    """Give a number between `least` and `most`, both included."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name}: “{value}” is not a whole number from {least} to {most}. Write one.")
    return int(value)


def one_of(name: str, choices: Sequence[str]) -> str:
    """Give one of the choices; the first is the default."""
    value = text(name, choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name}: “{value}” is not known. Choose {' or '.join(choices)}.")
    return value


def several(name: str) -> list[str]:
    """Give the parts of a variable that commas separate."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def time_zone(name: str, default: str) -> str:
    """Give the name of a zone of the IANA database."""
    value = text(name, default)
    if value not in available_timezones():
        raise ImproperlyConfigured(f"{name}: “{value}” is no time zone. Write one such as Europe/Amsterdam.")
    return value


def web_address(name: str, default: str) -> str:
    """Give the address under which people reach the site: scheme and host, no path, no slash at the end."""
    value = text(name, default).rstrip("/")
    parts = split(name, value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            f"{name}: “{value}” is no web address. Write one such as https://lostpost.example.com."
        )
    return value


def mail_sender(name: str, default: str) -> str:
    """Give the address that e-mail comes from, such as `My marketplace <service@example.com>`, its domain in ASCII."""
    value = text(name, default)
    address = parseaddr(value)[1]
    try:
        wire = wire_address(address)
    except ValueError:
        wire = ""
    if not wire or not wire.isascii() or address not in value:
        raise ImproperlyConfigured(
            f"{name}: “{value}” is not an address to send e-mail from. Write one such as "
            "“My marketplace <service@example.com>”."
        )
    return value.replace(address, wire)


def mail_server(name: str) -> dict[str, object]:
    """Give Django's e-mail settings for `smtp://user:password@host:port?tls=starttls|implicit|none`; none when not set.

    `starttls` is the default, as mail servers that people log in to expect it; port 587, with implicit TLS 465.
    """
    value = secret(name)
    if not value:
        return {}
    parts = split(name, value, shown_as="the address of the mail server")
    tls = parse_qs(parts.query).get("tls", ["starttls"])[-1]
    if parts.scheme != "smtp" or not parts.hostname or tls not in {"starttls", "implicit", "none"}:
        raise ImproperlyConfigured(
            f"{name}: this is no mail server. Write smtp://user:password@host:587?tls=starttls (or implicit, or none)."
        )
    return {
        "EMAIL_BACKEND": "lostpost.connectors.mail.smtp.Backend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if tls == "implicit" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": tls == "implicit",
        "EMAIL_TIMEOUT": 20,
    }


def split(name: str, value: str, *, shown_as: str = "") -> SplitResult:
    """Split a URL and check its port; `shown_as` replaces a value with a password."""
    try:
        parts = urlsplit(value)
        _ = parts.port  # Raises when it is no number or too large.
    except ValueError:
        raise ImproperlyConfigured(
            f"{name}: {shown_as or f'“{value}”'} cannot be read. Check its host and port."
        ) from None
    return parts


def file_problem(error: Exception) -> str:
    """Return in a few words why a file could not be used."""
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else "it is no UTF-8 text"


def web_processes() -> int:
    """Give the number of processes that answer requests: as many as there are processors, within reason."""
    return whole_number("LOSTPOST_WEB_PROCESSES", max(2, min(os.cpu_count() or 1, 4)), least=1, most=64)


def web_threads() -> int:
    """Give the number of requests that one process answers at once."""
    return whole_number("LOSTPOST_WEB_THREADS", 4, least=1, most=100)


def worker_threads() -> int:
    """Give the number of jobs that one worker does at once."""
    return whole_number("LOSTPOST_WORKER_THREADS", 4, least=1, most=100)


MARKETPLACE_FIELDS = {  # The marketplace's fields on sales invoices, with values for trying out.
    "name": "Marktplein B.V. (demo)",
    "street": "Voorbeeldkade 1",
    "postal_code": "1012 AB",
    "city": "Amsterdam",
    "country": "NL",
    "vat_number": "NL000099998B57",
    "registration_number": "90001354",
    "iban": "NL91ABNA0417164300",
    "electronic_address": "0106:90001354",
}


def marketplace() -> dict[str, str]:
    """Return the marketplace's fields on sales invoices, each from `LOSTPOST_MARKETPLACE_<name>`.

    None of them is required here; a system check requires them in production.
    """
    return {field: text(f"LOSTPOST_MARKETPLACE_{field.upper()}", demo) for field, demo in MARKETPLACE_FIELDS.items()}
