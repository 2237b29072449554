"""Whether the database is what this version of the program expects, and can be written."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

from django.db.migrations.loader import MigrationLoader

from lostpost.core.sql import fetch

OURS = "lostpost"


class SchemaState(NamedTuple):
    """Migrations by which database and program differ, as `app.name`."""

    unapplied: list[str]  # Of this program, not applied.
    unknown: list[str]  # Applied by a newer program.


def schema_state() -> SchemaState:
    """Compare the migrations that were applied with those that this program has; asks the database each time.

    Raises: DatabaseError when it does not answer.
    """
    ((recorded,),) = fetch("SELECT to_regclass('django_migrations') IS NOT NULL", ())
    return _compared(frozenset(fetch("SELECT app, name FROM django_migrations", ()) if recorded else ()))


@lru_cache(maxsize=1)  # Asked every few seconds, and hardly ever about others.
def _compared(applied: frozenset[tuple[str, str]]) -> SchemaState:
    known_migrations = _known_migrations()
    replaced_by = {key: squashed for squashed, replaces in known_migrations.items() for key in replaces}
    unapplied = []
    for key, replaces in known_migrations.items():
        # As Django does: a database with none of the single ones gets the squashed one; others go on as they began.
        single = bool(applied.intersection(replaces or known_migrations.get(replaced_by.get(key, key), ())))
        if key not in applied and single == (key in replaced_by):
            unapplied.append(key)
    latest: dict[str, str] = {}
    for app, name in known_migrations:
        latest[app] = max(name, latest.get(app, ""))
    # Libraries squash their migrations, and forget the old names; so of theirs only newer ones count.
    unknown = [
        (app, name)
        for app, name in applied - set(known_migrations)
        if app in latest and (app == OURS or name > latest[app])
    ]
    return SchemaState([".".join(key) for key in sorted(unapplied)], [".".join(key) for key in sorted(unknown)])


def waiting_migrations() -> list[str]:
    """Name the migrations that have not been applied. Raises DatabaseError when the database does not answer."""
    return schema_state().unapplied


def can_be_written() -> bool:
    """Whether the database accepts writes; tries one that leaves nothing behind. Call it in a transaction.

    Raises: DatabaseError if it does not respond, or its disk is full.
    """
    ((read_only,),) = fetch("SELECT current_setting('transaction_read_only')", ())
    if read_only != "off":
        return False
    fetch(
        "SELECT pg_logical_emit_message(true, 'lostpost', 'ready?')", ()
    )  # Written to the write-ahead log, without effect.
    return True


@cache
def _known_migrations() -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
    """Return the migrations of this program, each with those that it replaces."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return {key: tuple(migration.replaces) for key, migration in loader.disk_migrations.items()}
