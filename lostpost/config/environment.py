"""The variables of the environment: names, defaults and what each may be. All wrong values are refused at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from lostpost.core.mail_address import wire_address

FILE_SUFFIX = "_FILE"
MAY_BE_IN_FILE = "may be in a file"  # Among the metadata of a field: `<variable>_FILE` may name a file with its value.


class SecretFile:
    """A secret that stands in a file, named by `<variable>_FILE`: it need not be in the environment."""

    def __init__(self, path: str) -> None:
        self.path = path

    def content(self) -> str:
        """Read the file. Raises SecretFileError."""
        try:
            value = Path(self.path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SecretFileError(
                f"{self.path} cannot be read ({file_problem(error)}). Name a readable file."
            ) from None
        if not value:
            raise SecretFileError(f"{self.path} is empty. Put the secret in it, on one line.")
        return value


class SecretFileError(ValueError):
    """The file that is to hold a secret does not; what is wrong is the variable that names it."""


def file_problem(error: Exception) -> str:
    """Return in a few words why a file could not be used."""
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else "it is no UTF-8 text"


def _content(value: str | SecretFile) -> str:
    return value.content() if isinstance(value, SecretFile) else value


def whole_number(least: int, most: int) -> BeforeValidator:
    """Take a number in plain digits between `least` and `most`, both included."""

    def number(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ValueError(f"“{value}” is not a whole number from {least} to {most}. Write one.")
        return int(value)

    return BeforeValidator(number)


def time_zone(value: str) -> str:
    """Take the name of a zone of the IANA database."""
    if value not in available_timezones():
        raise ValueError(f"“{value}” is no time zone. Write one such as Europe/Amsterdam.")
    return value


def web_address(value: str) -> str:
    """Take the address under which a site is reached: scheme and host, no path, no slash at the end."""
    value = value.rstrip("/")
    parts = split(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.fragment:
        raise ValueError(f"“{value}” is no web address. Write one such as https://lostpost.example.com.")
    return value


def mail_sender(value: str) -> str:
    """Take the address that e-mail comes from, such as `My marketplace <service@example.com>`, its domain in ASCII."""
    address = parseaddr(value)[1]
    try:
        wire = wire_address(address)
    except ValueError:
        wire = ""
    if not wire or not wire.isascii() or address not in value:
        raise ValueError(
            f"“{value}” is not an address to send e-mail from. "
            "Write one such as “My marketplace <service@example.com>”."
        )
    return value.replace(address, wire)


def mail_domain(value: str) -> str:
    """Take the domain of relay addresses, in lower case and in ASCII; it is used for nothing else."""
    try:
        wire = wire_address(f"relay@{value}").rpartition("@")[2]
    except ValueError:
        raise ValueError(f"“{value}” is no domain for e-mail. Write one such as relay.example.com.") from None
    return wire.lower()


def mail_server(value: str | SecretFile) -> dict[str, object]:
    """Take `smtp://user:password@host:port?tls=starttls|implicit|none`, as Django's e-mail settings.

    `starttls` is the default, as mail servers that people log in to expect it; port 587, with implicit TLS 465.
    """
    parts = split(_content(value), shown_as="the address of the mail server")
    tls = parse_qs(parts.query).get("tls", ["starttls"])[-1]
    if parts.scheme != "smtp" or not parts.hostname or tls not in {"starttls", "implicit", "none"}:
        raise ValueError(
            "this is no mail server. Write smtp://user:password@host:587?tls=starttls (or implicit, or none)."
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


def split(value: str, *, shown_as: str = "") -> SplitResult:
    """Split a URL and check its port; `shown_as` replaces a value with a password."""
    try:
        parts = urlsplit(value)
        _ = parts.port  # Raises when it is no number or too large.
    except ValueError:
        raise ValueError(f"{shown_as or f'“{value}”'} cannot be read. Check its host and port.") from None
    return parts


Secret = Annotated[str, MAY_BE_IN_FILE, BeforeValidator(_content)]
MailServer = Annotated[dict[str, object], MAY_BE_IN_FILE, BeforeValidator(mail_server)]
MailDomain = Annotated[str, AfterValidator(mail_domain)]
MailSender = Annotated[str, AfterValidator(mail_sender)]
WebAddress = Annotated[str, AfterValidator(web_address)]
Threads = Annotated[int, whole_number(1, 100)]


class SecretFiles(PydanticBaseSettingsSource):
    """The variables that end in `_FILE`."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the file of a variable, if one is named."""
        path = os.environ.get(f"{field_name}{FILE_SUFFIX}", "").strip()
        return SecretFile(path) if path else None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return all files. Raises ImproperlyConfigured for a secret that is given twice."""
        files: dict[str, Any] = {}
        for name in secret_names():
            file, _name, _complex = self.get_field_value(self.settings_cls.model_fields[name], name)
            if file and os.environ.get(name, "").strip():
                raise ImproperlyConfigured(f"{name} and {name}{FILE_SUFFIX} are both set. Keep one of them.")
            if file:
                files[name] = file
        return files


class Environment(BaseSettings):
    """Everything that the environment says; each field is a variable, and docs/operating.md explains it."""

    model_config = SettingsConfigDict(
        case_sensitive=True, enable_decoding=False, validate_default=False, hide_input_in_errors=True, extra="ignore"
    )

    LOSTPOST_DATA: Path = Path("var")
    LOSTPOST_MODE: Literal["development", "production"] = "development"
    LOSTPOST_DEBUG: bool = False
    LOSTPOST_URL: WebAddress = "http://localhost:8000"
    LOSTPOST_HOSTS: str = ""
    LOSTPOST_SECRET_KEY: Secret = ""
    LOSTPOST_SECRET_KEY_FALLBACKS: Secret = ""
    LOSTPOST_TRUST_PROXY: bool = False
    LOSTPOST_TIME_ZONE: Annotated[str, AfterValidator(time_zone)] = "Europe/Amsterdam"
    LOSTPOST_LOG_LEVEL: Literal["INFO", "DEBUG", "WARNING", "ERROR"] = "INFO"
    LOSTPOST_DEMO_PASSWORD: str = ""

    DATABASE_URL: Secret = ""
    LOSTPOST_MIGRATION_DATABASE_URL: Secret = ""
    LOSTPOST_APPLICATION_ROLE: str = ""  # Set by `lostpost migrate` from DATABASE_URL.
    LOSTPOST_EMBEDDED: bool = False  # Set by the `lostpost` command for its children.
    LOSTPOST_DATABASE_USE: str = "web"  # Likewise.
    LOSTPOST_DATABASE_LOCK_SECONDS: Annotated[int, whole_number(1, 600)] = 5
    LOSTPOST_DATABASE_STATEMENT_SECONDS: Annotated[int, whole_number(1, 3600)] = 20

    # As many processes as there are processors, within reason.
    LOSTPOST_WEB_PROCESSES: Annotated[int, whole_number(1, 64)] = max(2, min(os.cpu_count() or 1, 4))
    LOSTPOST_WEB_THREADS: Threads = 4
    LOSTPOST_WORKER_THREADS: Threads = 4

    LOSTPOST_SMTP_URL: MailServer = Field(default_factory=dict)
    LOSTPOST_MAIL_FROM: MailSender = "Lostpost <lostpost@localhost>"

    LOSTPOST_RELAY_DOMAIN: MailDomain = ""
    LOSTPOST_MAIL_IN_SECRET: Secret = ""

    LOSTPOST_API_REQUESTS_PER_MINUTE: Annotated[int, whole_number(1, 10**6)] = 600
    LOSTPOST_TRACKING_DELIVERIES_PER_MINUTE: Annotated[int, whole_number(1, 10**6)] = 3000
    LOSTPOST_ANSWER_HOLD_SECONDS: Annotated[int, whole_number(0, 120)] = 10
    LOSTPOST_ATTACHMENT_DAYS: Annotated[int, whole_number(30, 3650)] = 730
    LOSTPOST_HISTORY: Path | None = None
    LOSTPOST_WEBHOOKS_TO_PRIVATE: bool = False

    LOSTPOST_MOLLIE_API_KEY: Secret = ""
    LOSTPOST_MOLLIE_WEBHOOK_SECRET: Secret = ""
    LOSTPOST_MOLLIE_URL: WebAddress = "https://api.mollie.com"
    LOSTPOST_STRIPE_API_KEY: Secret = ""
    LOSTPOST_STRIPE_WEBHOOK_SECRET: Secret = ""
    LOSTPOST_STRIPE_URL: WebAddress = "https://api.stripe.com"

    LOSTPOST_ECB_URL: WebAddress = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"
    LOSTPOST_VIES_URL: WebAddress = "https://ec.europa.eu/taxation_customs/vies/rest-api"
    LOSTPOST_BOL_URL: WebAddress = "https://api.bol.com"
    LOSTPOST_BOL_LOGIN_URL: WebAddress = "https://login.bol.com/token"

    # The marketplace on sales invoices, with values for trying out; a system check requires others in production.
    LOSTPOST_MARKETPLACE_NAME: str = "Marktplein B.V. (demo)"
    LOSTPOST_MARKETPLACE_STREET: str = "Voorbeeldkade 1"
    LOSTPOST_MARKETPLACE_POSTAL_CODE: str = "1012 AB"
    LOSTPOST_MARKETPLACE_CITY: str = "Amsterdam"
    LOSTPOST_MARKETPLACE_COUNTRY: str = "NL"
    LOSTPOST_MARKETPLACE_VAT_NUMBER: str = "NL000099998B57"
    LOSTPOST_MARKETPLACE_REGISTRATION_NUMBER: str = "90001354"
    LOSTPOST_MARKETPLACE_IBAN: str = "NL91ABNA0417164300"
    LOSTPOST_MARKETPLACE_ELECTRONIC_ADDRESS: str = "0106:90001354"

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Take values without the space around them; one that is empty counts as not set."""
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        return {name: value for name, value in stripped.items() if value != ""}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read variables and the files that they name, and nothing else."""
        return SecretFiles(settings_cls), env_settings

    @property
    def further_hosts(self) -> list[str]:
        """The names in LOSTPOST_HOSTS, which commas separate."""
        return [host.strip() for host in self.LOSTPOST_HOSTS.split(",") if host.strip()]

    @property
    def marketplace(self) -> dict[str, str]:
        """The marketplace's fields on sales invoices."""
        return {field: getattr(self, f"{_MARKETPLACE}{field.upper()}") for field in MARKETPLACE_FIELDS}


def read_environment() -> Environment:
    """Read all variables. Raises ImproperlyConfigured with a sentence for each that is wrong."""
    try:
        return Environment()
    except ValidationError as error:
        raise ImproperlyConfigured("\n".join(_sentence(each) for each in error.errors())) from None


def secret_names() -> list[str]:
    """Name the variables whose value may stand in a file."""
    return [name for name, field in Environment.model_fields.items() if MAY_BE_IN_FILE in field.metadata]


def known_names() -> Iterator[str]:
    """Name all variables, those that name files included."""
    yield from Environment.model_fields
    yield from (f"{name}{FILE_SUFFIX}" for name in secret_names())


def _sentence(error: ErrorDetails) -> str:
    """Say which variable is wrong, in what way, and what to write instead."""
    name, value, context = str(error["loc"][0]), error["input"], error.get("ctx", {})
    match error["type"], context.get("error"):
        case "value_error", SecretFileError() as problem:
            return f"{name}{FILE_SUFFIX}: {problem}"
        case "value_error", problem:
            return f"{name}: {problem}"
        case (("bool_parsing" | "bool_type"), _):
            return f"{name}: “{value}” is neither yes nor no. Write yes or no."
        case "literal_error", _:
            choices = str(context["expected"]).replace("'", "")
            return f"{name}: “{value}” is not known. Choose {choices}."
    return f"{name}: {error['msg']}."


_MARKETPLACE = "LOSTPOST_MARKETPLACE_"
MARKETPLACE_FIELDS: dict[str, str] = {
    name.removeprefix(_MARKETPLACE).lower(): field.default
    for name, field in Environment.model_fields.items()
    if name.startswith(_MARKETPLACE)
}
