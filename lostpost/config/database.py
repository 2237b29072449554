"""Where the database is, and how long it is waited for: a PostgreSQL of the operator's own, or the embedded one."""

from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from lostpost.core.postgresql.base import ANSWER_SECONDS
from lostpost.embedded import server as embedded

SERVER_SIDE = {
    # Django binds on the client and never prepares; bound and prepared on the server, a confirm costs a third less.
    "server_side_binding": True,
    "prepare_threshold": 2,
}
FIELDS = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
TCP = {  # A path that is dead is noticed within half a minute, whether something was sent on it or not.
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # Milliseconds.
}
ANSWER_MARGIN_SECONDS = 5  # The server ends a statement by itself; after so long more it is not there.


class Timeouts(NamedTuple):
    """How long statements wait for locks, run, and leave a transaction idle; seconds, 0 for no limit."""

    lock_seconds: int
    statement_seconds: int
    idle_seconds: int
    kept_seconds: int = 600  # A thread's connection is replaced after this time, should something leak in it.

    def options(self) -> str:
        """Return the options for PostgreSQL at the start of a connection."""
        settings = {
            "lock_timeout": self.lock_seconds,
            "statement_timeout": self.statement_seconds,
            "idle_in_transaction_session_timeout": self.idle_seconds,
            "client_connection_check_interval": 5,  # Ends a statement whose client has disconnected.
        }
        return " ".join(f"-c {name}={seconds}s" for name, seconds in settings.items())


def timeouts_of(use: str, *, lock_seconds: int, statement_seconds: int) -> Timeouts:
    """Return the timeouts of a process. `use`: "web", "worker", or "command", which may take hours."""
    if use == "command":
        return Timeouts(lock_seconds=60, statement_seconds=0, idle_seconds=600, kept_seconds=0)
    times = 3 if use == "worker" else 1
    return Timeouts(lock_seconds * times, statement_seconds * times, idle_seconds=30 * times)


def connection_settings(url: str, *, data: Path, timeouts: Timeouts) -> dict[str, Any]:
    """Return Django's settings of the database.

    Args: `url`: postgresql://…, or empty for the embedded server of `data`. Timeouts in it take precedence.
    Raises: ImproperlyConfigured if the URL names no PostgreSQL database.
    """
    parameters = url_parts(url or embedded.database_url(data))
    answer_seconds = timeouts.statement_seconds + ANSWER_MARGIN_SECONDS if timeouts.statement_seconds else 0
    options: dict[str, Any] = {**SERVER_SIDE, **TCP, ANSWER_SECONDS: answer_seconds}
    settings: dict[str, Any] = {
        "ENGINE": "lostpost.core.postgresql",
        "CONN_MAX_AGE": timeouts.kept_seconds,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        "TEST": {"NAME": f"test_{parameters['dbname']}"},
    }
    for name, value in parameters.items():
        if name in FIELDS:
            settings[FIELDS[name]] = value
        else:
            options[name] = value  # sslmode, connect_timeout and other parameters of libpq.
    options["options"] = f"{timeouts.options()} {parameters.get('options') or ''}".strip()  # The last one counts.
    return settings


def url_parts(url: str) -> dict[str, Any]:
    """Parse a database URL as libpq does; the error does not quote it, as it may hold a password."""
    example = "Write it as postgresql://user:password@host:5432/lostpost."
    if not url.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(f"DATABASE_URL: only PostgreSQL is supported. {example}")
    try:
        parameters = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise ImproperlyConfigured(
            f"DATABASE_URL cannot be read. {example} Signs such as @ or / in a password are written %40 or %2F."
        ) from None
    if not parameters.get("dbname"):
        raise ImproperlyConfigured(f"DATABASE_URL names no database. {example}")
    return parameters
