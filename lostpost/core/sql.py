"""SQL on the connection itself, for the few paths on which somebody waits.

Making a cursor costs as much processor time as sending a statement with it (`bench/`), so each connection keeps one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeAlias

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]

_KEPT = "lostpost_cursor"  # On Django's connection, so that it goes with it.


def fetch(statement: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    """Execute a statement that returns rows, and return them all."""
    cursor = _cursor()
    cursor.execute(statement, parameters)
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def execute(statement: str, parameters: Parameters) -> None:
    """Execute a statement whose answer nobody reads."""
    _cursor().execute(statement, parameters)


def database_now() -> datetime:
    """Return the database's time: what several processes compare must come from one clock."""
    ((now,),) = fetch("SELECT clock_timestamp()", ())
    assert isinstance(now, datetime)
    return now


@contextmanager
def in_pipeline() -> Iterator[None]:
    """Send what is executed inside together, without waiting for each answer; in an open transaction.

    What a statement has against it is raised at the latest when the block ends, and those after it were not done.
    """
    connection = connections["default"]
    assert connection.in_atomic_block
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


@contextmanager
def as_of_one_moment() -> Iterator[None]:
    """Read everything inside as it stood at the first read; writing is refused.

    Sums over several tables agree only so while others write. In an open transaction that one's rules hold.
    """
    if connections["default"].in_atomic_block:
        yield
        return
    with transaction.atomic(durable=True):
        execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", ())
        yield


def _cursor() -> CursorWrapper:
    """Return the cursor kept for this thread's connection; a new one if that was made anew, or logs its statements."""
    connection = connections["default"]
    if connection.queries_logged:
        return connection.cursor()
    connection.close_if_health_check_failed()  # As Django does for a new cursor; asked once for each request or job.
    made_for, cursor = vars(connection).get(_KEPT, (None, None))
    if cursor is None or made_for is not connection.connection:
        cursor = connection.cursor()
        setattr(connection, _KEPT, (connection.connection, cursor))
    assert isinstance(cursor, CursorWrapper)
    return cursor
