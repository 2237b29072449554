"""Connections that wait for nothing without end, and that are replaced when they are of no use any more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.postgresql import base
from django.db.utils import Error
from psycopg import IsolationLevel, errors
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus

_IDLE = TransactionStatus.IDLE
_SHUT_DOWN = ("57P01", "57P02", "57P03")  # What a server says that stops, crashed or starts.
ANSWER_SECONDS = "answer_seconds"  # In OPTIONS: how long to wait for the server; 0: for ever.


class Connection(psycopg.Connection[Any]):
    """A connection that is closed when the server does not respond for too long.

    The server's own timeouts end statements. If the network path fails silently (a firewall, a proxy that hangs),
    nothing from the server arrives, and TCP notices only if nothing in between keeps answering.
    """

    answer_seconds: float = 0.0

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server. Raises OperationalError, with the connection closed, if it does not respond."""
        if timeout is not None or not self.answer_seconds:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_seconds)
        except errors._WaitTimeout:  # noqa: SLF001  What `wait` is documented to raise.
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer within {self.answer_seconds:.0f} seconds") from None


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper for such connections. Each thread has its own: there is no pool to wait for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(self._execute_once_more)

    def is_at_start(self) -> bool:
        """Whether what is executed next is the first of its transaction, or one by itself, and is not in a pipeline."""
        connection = self.connection
        if connection is None:
            return False
        pgconn = connection.pgconn
        return bool(pgconn.transaction_status == _IDLE and not pgconn.pipeline_status)

    def lost_a_worker(self, error: BaseException) -> bool:
        """Whether a statement failed as one of the database's own connections, to a worker of Citus, was lost.

        Our connection is there, so the server has rolled back; it makes a new one for the next statement. This happens
        once for each that it had kept, after a worker was restarted.
        """
        state = getattr(error.__cause__, "sqlstate", None) or ""
        return not self.connection.closed and (state.startswith("08") or state in _SHUT_DOWN)

    def _execute_once_more(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Execute a statement, and repeat a transaction that has no other yet if it fails as a worker was lost."""
        if not self.is_at_start():
            return execute(sql, params, many, context)
        try:
            return execute(sql, params, many, context)
        except Error as error:
            if not self.lost_a_worker(error):
                raise
        self.connection.rollback()
        return execute(sql, params, many, context)

    def get_connection_params(self) -> dict[str, Any]:
        """Give what psycopg connects with."""
        params: dict[str, Any] = super().get_connection_params()
        params.pop(ANSWER_SECONDS, None)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        """Connect."""
        self.isolation_level = IsolationLevel.READ_COMMITTED
        connection = Connection.connect(**conn_params)
        connection.answer_seconds = float(self.settings_dict["OPTIONS"].get(ANSWER_SECONDS, 0))
        return connection

    def schema_editor(self, *args: Any, **kwargs: Any) -> BaseDatabaseSchemaEditor:
        """Give what changes tables: one that keeps them distributed, where they are."""
        if self.is_distributed():
            from lostpost.core.postgresql.schema import DistributedSchemaEditor  # Which needs the models' base.

            return DistributedSchemaEditor(self, *args, **kwargs)
        return super().schema_editor(*args, **kwargs)

    def is_distributed(self) -> bool:
        """Whether Citus keeps tables of this database on other machines."""
        with self.cursor() as cursor:
            cursor.execute("SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL")
            if not cursor.fetchone()[0]:
                return False
            cursor.execute("SELECT EXISTS (SELECT FROM pg_dist_partition WHERE partmethod = 'h')")
            return bool(cursor.fetchone()[0])

    def is_usable(self) -> bool:
        """Whether the connection responds and can write: one to a server that became a standby is replaced.

        Called before the first statement of a request or job, and after errors. If the new one is read-only too, it is
        used for reading.
        """
        try:
            with self.connection.cursor() as cursor:
                (read_only,) = cursor.execute("SELECT current_setting('transaction_read_only')").fetchone()
        except (psycopg.Error, AttributeError):  # There is none, or it is closed.
            return False
        return bool(read_only == "off")


@contextmanager
def answer_within(wrapper: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """Wait less long than usual for the server: for checks of whether it is there."""
    wrapper.ensure_connection()
    connection = wrapper.connection
    assert isinstance(connection, Connection)
    usual, connection.answer_seconds = connection.answer_seconds, seconds
    try:
        yield
    finally:
        connection.answer_seconds = usual
