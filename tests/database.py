"""The database of the tests: migrated once and kept, copied for each session and for each of its processes.

What a test commits is cleared after it: the rows of the tables that have some, and nothing else.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import TransactionTestCase

from lostpost.embedded import server as embedded
from lostpost.embedded import system_user as database_user

PROJECT = Path(__file__).resolve().parents[1]
KEPT = PROJECT / ".pytest_cache" / "database"  # `make clean` removes it.
OTHER_ROWS = ("django_migrations", "django_content_type", "auth_permission")  # Written by migrations for all time.


# The cluster -------------------------------------------------------------------------------------------------------


def copy_cluster(data: Path) -> None:
    """Give a data folder a stopped embedded server whose database is migrated."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with locked(KEPT / "lock"):
        kept = KEPT / fingerprint()
        if not kept.exists():
            for old in KEPT.glob("*/"):
                shutil.rmtree(old)
            migrate_into(kept)
        subprocess.run(["cp", "-a", kept, data / "database"], check=True)


def migrate_into(kept: Path) -> None:
    """Migrate an empty database beside the place and move it there whole."""
    with (
        tempfile.TemporaryDirectory(prefix="lostpost-test-") as folder,
        tempfile.TemporaryDirectory(dir=KEPT) as beside,
    ):
        with embedded.running(Path(folder), losable=True):
            words = [sys.executable, "-m", "lostpost.cli", "migrate", "--data", folder, "--verbosity", "0"]
            known = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
            subprocess.run(words, env=known, cwd=PROJECT, check=True)
        subprocess.run(["cp", "-a", Path(folder) / "database", Path(beside) / "database"], check=True)
        (Path(beside) / "database").rename(kept)


def fingerprint() -> str:
    """Hash all that decides what a migrated cluster is."""
    files = [
        *(PROJECT / "lostpost" / "migrations").glob("*.py"),
        *map(Path, (embedded.__file__, database_user.__file__, __file__)),
        PROJECT / "lostpost" / "apps.py",
        PROJECT / "requirements.lock",
    ]
    whole = hashlib.sha256(sys.version.encode())
    for file in sorted(files):
        whole.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()[:32]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process at a time do it."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def server(data: Path) -> Iterator[None]:
    """Run the server that the processes of a session share, and let each make its database from the migrated one."""
    with locked(data / "copying"):
        if not (data / "database").exists():
            copy_cluster(data)
    with embedded.running(data, losable=True):
        chosen: dict[str, Any] = connections.settings["default"]
        chosen["HOST"] = str(embedded.Cluster(data.resolve()).socket_folder)
        chosen["TEST"] |= {"TEMPLATE": embedded.DATABASE, "MIGRATE": False}
        yield


# What a test leaves ------------------------------------------------------------------------------------------------


def clear() -> None:
    """Empty the tables that have rows, in one transaction; what the migrations wrote stays."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(format('SELECT %%L WHERE EXISTS (SELECT FROM %%s)', oid::regclass, oid::regclass),"
            "       ' UNION ALL ')"
            "  FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
            "   AND relnamespace = current_schema()::regnamespace AND relname <> ALL (%s)",
            [list(OTHER_ROWS)],
        )
        cursor.execute(cursor.fetchone()[0])
        if tables := [name for (name,) in cursor.fetchall()]:
            # Nothing else refers to the rows, as every table that has some is emptied; triggers would refuse.
            deletes = "; ".join(f"DELETE FROM {name}" for name in tables)
            cursor.execute(f"BEGIN; SET LOCAL session_replication_role = replica; {deletes}; COMMIT")


def _clear_instead_of_flushing(case: TransactionTestCase) -> None:
    clear()


@pytest.fixture(scope="session", autouse=True)
def _clear_after_tests() -> Iterator[None]:
    """Replace Django's flush, which truncates every table and makes content types and permissions again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _clear_instead_of_flushing)
        yield
