"""Connections that wait for nothing without end, and that are replaced when they are of no use any more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql import base
from psycopg import IsolationLevel, errors
from psycopg.abc import RV, PQGen

ANSWER_SECONDS = "answer_seconds"  # In OPTIONS: how long to wait for the server; 0 for as long as it takes.


class Connection(psycopg.Connection[Any]):
    """A connection that is given up when the server says nothing for too long.

    The server's own time-outs end statements. Where the path to it fell silent (a firewall, a proxy that hangs),
    nothing of the server arrives, and TCP notices only if nobody in between keeps answering.
    """

    answer_seconds: float = 0.0

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server. Raises OperationalError, with the connection closed, when it says nothing."""
        if timeout is not None or not self.answer_seconds:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_seconds)
        except errors._WaitTimeout:  # noqa: SLF001  What `wait` is documented to raise.
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer within {self.answer_seconds:.0f} seconds") from None


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, for such connections. Each thread keeps its own: there is no pool to wait for."""

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

    def is_usable(self) -> bool:
        """Tell whether the connection answers and can write: one to a server that became a standby is replaced.

        Asked before the first statement of a request or job, and after errors. Where the new one can only read either,
        it reads.
        """
        try:
            with self.connection.cursor() as cursor:
                (read_only,) = cursor.execute("SELECT current_setting('transaction_read_only')").fetchone()
        except (psycopg.Error, AttributeError):  # There is none, or it is closed.
            return False
        return bool(read_only == "off")


@contextmanager
def answer_within(wrapper: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """Wait for the server for less than usual: where somebody only asks whether it is there."""
    wrapper.ensure_connection()
    connection = wrapper.connection
    assert isinstance(connection, Connection)
    usual, connection.answer_seconds = connection.answer_seconds, seconds
    try:
        yield
    finally:
        connection.answer_seconds = usual
