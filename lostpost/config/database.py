"""Where the database is: a PostgreSQL server of the operator's own, or the embedded one in the data folder."""

from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from lostpost.config import embedded

SERVER_SIDE = {
    # Django binds on the client and never prepares; bound and prepared on the server, a confirm costs a third less.
    "server_side_binding": True,
    "prepare_threshold": 2,
}
FIELDS = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def connection_settings(url: str, *, data: Path, pool_size: int) -> dict[str, Any]:
    """Give Django's settings of the database.

    Args: `url`: postgresql://…, or empty for the embedded server of `data`. `pool_size`: connections one process keeps
    at most; 0 opens and closes one per request or job.
    Raises: ImproperlyConfigured if the URL names no PostgreSQL database.
    """
    found = parts_of(url or embedded.url(data))
    options: dict[str, Any] = {**SERVER_SIDE}
    if pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_HEALTH_CHECKS": bool(pool_size),
        "OPTIONS": options,
        "TEST": {"NAME": f"test_{found['dbname']}"},
    }
    for name, value in found.items():
        if name in FIELDS:
            settings[FIELDS[name]] = value
        else:
            options[name] = value  # sslmode, connect_timeout and whatever else libpq knows.
    return settings


def parts_of(url: str) -> dict[str, Any]:
    """Take a database URL apart as libpq does; the refusal does not repeat it, as it may hold a password."""
    example = "Write it as postgresql://user:password@host:5432/lostpost."
    if not url.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(f"DATABASE_URL: only PostgreSQL is supported. {example}")
    try:
        found = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise ImproperlyConfigured(
            f"DATABASE_URL cannot be read. {example} Signs such as @ or / in a password are written %40 or %2F."
        ) from None
    if not found.get("dbname"):
        raise ImproperlyConfigured(f"DATABASE_URL names no database. {example}")
    return found
