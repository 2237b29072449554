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
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.test import TestCase, TransactionTestCase
from psycopg._preparing import Prepare, PrepareManager
from psycopg.pq import TransactionStatus

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


# Statements --------------------------------------------------------------------------------------------------------


class KeptStatements(PrepareManager):
    """The prepared statements of a connection, kept when a transaction is rolled back, as nearly each test's is.

    PostgreSQL parses and plans a statement once for each connection, then, and not for each test: that was three
    quarters of its work for them. It makes plans again by itself after what they rest on has changed.
    """

    prepared_max = 2000

    def __init__(self) -> None:
        super().__init__()
        self.unanswered: set[Any] = set()  # Prepared in a pipeline that may have been broken off before.

    def maybe_add_to_cache(self, query: Any, prep: Any, name: bytes) -> Any:
        """Let `validate` be called for each statement that is prepared."""
        key = super().maybe_add_to_cache(query, prep, name)
        if prep is Prepare.SHOULD:
            key = self.key(query)
            self.unanswered.add(key)
        return key

    def validate(self, key: Any, prep: Any, name: bytes, results: Any) -> None:
        """Take note that the server has answered; what failed is forgotten."""
        self.unanswered.discard(key)
        super().validate(key, prep, name, results)

    def _should_discard(self, prep: Any, results: Any, *_: Any) -> bool:
        """Forget all after a statement that may have dropped something."""
        done = [result.command_status or b"" for result in results]
        if any(status.startswith(b"ROLLBACK") for status in done):
            return self.clear()
        return any(status.startswith((b"DROP", b"ALTER", b"DISCARD")) for status in done) and super().clear()

    def clear(self) -> bool:
        """Keep all that the server has surely prepared, where psycopg forgets them after it rolled back."""
        for key in self.unanswered:
            self._names.pop(key, None)
        self.unanswered.clear()
        return False


def plan_once() -> None:
    """Let the connections of the tests keep their statements, and a plan that does not look at the values.

    Nor is a statement about all tables, whose few rows PostgreSQL takes for many, divided among processes that are
    started for it.
    """
    options = connections.settings["default"]["OPTIONS"]
    options["options"] += " -c plan_cache_mode=force_generic_plan -c max_parallel_workers_per_gather=0"
    connection_created.connect(_keep_statements, dispatch_uid="kept-statements")


def _keep_statements(connection: BaseDatabaseWrapper, **_: Any) -> None:
    kept, made = KeptStatements(), connection.connection
    kept.prepare_threshold = made.prepare_threshold
    made._prepared = kept


# What a test leaves ------------------------------------------------------------------------------------------------


# Table by table: one statement about all of them would take PostgreSQL 50 ms to plan on each new connection. Triggers
# would refuse the deletions; nothing else refers to the rows, as every table that has some is emptied.
CLEAR = f"""
DO $$
DECLARE
    name regclass;
    found_rows boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN
        SELECT oid
          FROM pg_class
         WHERE relkind IN ('r', 'p') AND NOT relispartition
           AND relnamespace = current_schema()::regnamespace AND relname <> ALL ('{{{",".join(OTHER_ROWS)}}}')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', name) INTO found_rows;
        IF found_rows THEN
            EXECUTE format('DELETE FROM %s', name);
        END IF;
    END LOOP;
END $$
"""


def clear() -> None:
    """Empty the tables that have rows, in one transaction; what the migrations wrote stays."""
    with connection.cursor() as cursor:
        cursor.execute(CLEAR)


def _clear_instead_of_flushing(case: TransactionTestCase) -> None:
    clear()


def _check_and_roll_back(case: Any) -> None:
    """Check the constraints that wait for a commit, in one statement where Django needs four, and roll back."""
    raw = connection.connection
    try:
        if raw and not connection.needs_rollback and raw.info.transaction_status == TransactionStatus.INTRANS:
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # Until the end of the transaction or savepoint.
    finally:
        case._rollback_atomics(case.atomics)


@pytest.fixture(scope="session", autouse=True)
def _clear_after_tests() -> Iterator[None]:
    """Replace Django's flush, which truncates every table and makes content types and permissions again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _clear_instead_of_flushing)
        patch.setattr(TestCase, "_fixture_teardown", _check_and_roll_back)
        yield
