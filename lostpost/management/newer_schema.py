"""Refuse a database that a newer version of the program has changed: this one would write into it what is not true."""

from __future__ import annotations

from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError

from lostpost.core.readiness import SchemaState, schema_state


def require_known_where_it_answers() -> None:
    """Raise CommandError as `require_known` does; a database that is not there yet says nothing, and readiness will."""
    try:
        state = schema_state()
    except (DatabaseError, InterfaceError):
        return
    require_known(state)


def require_known(state: SchemaState) -> None:
    """Raise CommandError if the database has migrations that this program does not know."""
    if state.unknown:
        names = ", ".join(state.unknown[:5]) + (", …" if len(state.unknown) > 5 else "")
        raise CommandError(
            f"The database is of a newer version: it has {names}, which this program does not know. "
            "Use the version that made them, or restore the backup from before the upgrade."
        )
