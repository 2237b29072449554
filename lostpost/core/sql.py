"""Run SQL on the connection itself, for hot paths.

Creating a cursor costs as much processor time as sending a statement (`bench/`), so each connection keeps one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache, lru_cache, partial
from importlib.resources import files
from itertools import dropwhile
from typing import Any, BinaryIO, NamedTuple, TypeAlias

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections, transaction
from django.db.backends.postgresql.psycopg_any import register_tzloader
from django.db.backends.utils import CursorWrapper
from django.db.models import NOT_PROVIDED, Field, Model
from psycopg import ClientCursor, RawCursor
from pydantic_core import to_json

from lostpost.core.clock import utc

Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]
Rows: TypeAlias = list[tuple[Any, ...]]
Statement: TypeAlias = tuple[str, Parameters]
_Cursor: TypeAlias = "CursorWrapper | RawCursor[Any]"

_PLACEHOLDER = re.compile(r"%(?:\((\w+)\)s|s|%)")
_KEPT = "lostpost_cursors"  # On Django's connection, so that they are closed with it.


def fetch(statement: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    """Execute a statement that returns rows, and return them all."""
    rows: Rows = _execute(statement, parameters).fetchall()
    return rows


def fetch_together(*statements: Statement) -> list[Rows]:
    """Execute statements that return rows, sent without waiting for each answer; in an open transaction.

    Each is executed after the one before, and sees what was committed by then, as statements sent one by one do.
    """
    with in_pipeline():
        cursors = [_execute(*statement, place=place) for place, statement in enumerate(statements)]
    return [cursor.fetchall() for cursor in cursors]


def send(statement: str, parameters: Parameters) -> Callable[[], Rows]:
    """Execute a statement inside `in_pipeline`; return what gives its rows once that has ended.

    Reading them inside would wait for the server once more. One statement of a pipeline may be sent so.
    """
    rows: Callable[[], Rows] = _execute(statement, parameters, place=1).fetchall
    return rows


def fetch_first(statement: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    """Execute the first statement of a request, which shows at once whether its connection is of any use.

    So nothing need be sent only to find that out. The first column of its rows must be
    `current_setting('transaction_read_only')`. On a connection that was lost, or is to a server that became a standby,
    it is executed once more, on a new one: it must do no harm twice, and cannot be part of a transaction.
    """
    connection: Any = connections["default"]
    checks = connection.health_check_enabled and not connection.health_check_done and connection.connection is not None
    if not checks or connection.in_atomic_block:
        return fetch(statement, parameters)
    connection.health_check_done = True
    try:
        rows = fetch(statement, parameters)
    except (OperationalError, InterfaceError):
        if not connection.connection.closed:
            raise
    else:
        if not rows or rows[0][0] == "off":
            return rows
    connection.close()
    return fetch(statement, parameters)


def execute(statement: str, parameters: Parameters) -> None:
    """Execute a statement without reading a result."""
    _execute(statement, parameters)


def copy_out(file: BinaryIO, statement: str, parameters: Parameters) -> None:
    r"""Write the rows of a statement to a file as CSV (RFC 4180, NULL as `\N`), without holding them in memory."""
    copying = f"COPY ({statement}) TO STDOUT (FORMAT csv, NULL '\\N')"
    # COPY takes no parameters of the server's.
    with ClientCursor(connections["default"].connection) as cursor, cursor.copy(copying, parameters) as rows:
        for block in rows:
            file.write(block)


class Parts(NamedTuple):
    """Parts of a larger statement: each `name AS (…)`, one or several, with the parameters of all of them."""

    sql: tuple[str, ...]
    parameters: Mapping[str, Any]


def statement_of(*parts: Parts, ending: str) -> Statement:
    """Return one statement of all the parts: it costs less than one for each, and none sees what another changes.

    Parameters of the same name must have the same value. Args: `ending`: what reads the parts, as `SELECT … FROM one`.
    """
    parameters: dict[str, Any] = {}
    for part in parts:
        parameters |= part.parameters
    return _with_parts(tuple(part.sql for part in parts), ending), parameters


@cache
def _with_parts(parts: tuple[tuple[str, ...], ...], ending: str) -> str:
    return f"WITH {', '.join(sql for part in parts for sql in part)} {ending}"


def parts_of_file(statement: str) -> str:
    """Return the parts of a statement from a file, `WITH one AS (…), … SELECT`, for a larger one."""
    return statement.removeprefix("WITH ").rpartition("\nSELECT")[0]


@cache
def sql_file(module: str, name: str, **parts: str) -> str:
    """Read a statement of a module's package from its file `sql/<name>.sql`, without the comment at its head, once.

    Args: `module`: the module's `__name__`. `parts`: SQL for each `<part>` in the file.
    """
    text = files(module.rpartition(".")[0]).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    text = "".join(dropwhile(lambda line: line.startswith("--"), text.splitlines(keepends=True)))
    for part, sql in parts.items():
        text = text.replace(f"<{part}>", sql)
    return text


def insert(model: type[Model], rows: Sequence[Mapping[str, Any]], **same: Any) -> None:
    """Insert rows in one statement; nothing is sent for none.

    Args: `rows`: values by column, the same columns in each. `same`: columns that have one value in all rows.
    """
    if rows:
        execute(insertion(model, tuple(rows[0]), same=tuple(same)), {**same, "rows": json_rows(rows)})


@cache
def insertion(
    model: type[Model],
    columns: tuple[str, ...] = (),
    *,
    same: tuple[str, ...] = (),
    rows: str = "rows",
    **computed: str,
) -> str:
    """Spell an INSERT of any number of rows, with the types of the model's columns; part of a larger statement, too.

    A column that nothing names gets the default of the database or of its field, or NULL; any other must be named.
    What follows it (ON CONFLICT) calls a row that is there already `existing`.

    Args: `columns`: each row has; without any, one row is inserted. `same`: columns with one value in all rows, a
    parameter of the column's name. `rows`: the parameter that has the rows, as `json_rows` writes them. `computed`: SQL
    by column, the same in all rows. Raises: ValueError for a missing column.
    """
    connection = connections["default"]
    quoted, put, typed = [], [], []
    for field in model._meta.concrete_fields:
        if field.column is None:  # A key of several columns, each of which is a field too.
            continue
        name = connection.ops.quote_name(field.column)
        if field.column in columns:
            kind = field.db_type(connection) or ""
            typed.append(f"{name} {'text' if kind.startswith('varchar') else kind}")
        elif field.column not in {*same, *computed} and (field.db_default is not NOT_PROVIDED or field.null):
            continue
        quoted.append(name)
        put.append(name if field.column in columns else computed.get(field.column) or _value(field, same))
    if unknown := {*columns, *same, *computed} - {field.column for field in model._meta.concrete_fields}:
        raise ValueError(f"{model.__name__} has no columns {', '.join(sorted(unknown))}")
    into = f"INSERT INTO {model._meta.db_table} AS existing ({', '.join(quoted)})"
    if not columns:
        return f"{into} VALUES ({', '.join(put)})"
    source = f"jsonb_to_recordset(%({rows})s::jsonb) AS row ({', '.join(typed)})"
    return f"{into} SELECT {', '.join(put)} FROM {source}"  # noqa: S608 - of the model's own names.


def json_rows(rows: Sequence[Mapping[str, Any]]) -> str:
    """Write rows for `insertion`: instants in UTC, ids as text.

    Raises: ValueError for an instant that is naive.
    """
    values = [
        {name: utc(value) if isinstance(value, datetime) else value for name, value in row.items()} for row in rows
    ]
    return to_json(values, fallback=str).decode()


def _value(field: Field[Any, Any], same: tuple[str, ...]) -> str:
    """Spell a column that is the same in all rows: a parameter, or the default of its field."""
    if field.column in same:
        return f"%({field.column})s"
    default = field.get_default() if field.blank or field.has_default() else None
    if isinstance(default, bool | int):
        return str(default).lower()
    if isinstance(default, str):
        return "'{}'".format(default.replace("'", "''").replace("%", "%%"))
    raise ValueError(f"{field.model.__name__}.{field.column} has no default that SQL could be given; name it")


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
    """Read everything inside as of the first read; writing is refused.

    Otherwise sums over several tables may disagree while others write. In an open transaction, its isolation applies.
    """
    if connections["default"].in_atomic_block:
        yield
        return
    with transaction.atomic(durable=True):
        execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", ())
        yield


def _execute(statement: str, parameters: Parameters, *, place: int = 0) -> _Cursor:
    """Execute on psycopg's own cursor, as what Django does around it costs as much again; return the cursor.

    Where statements are logged, Django does it. Args: `place`: 0, or another for each statement of several that are
    sent together.
    """
    connection: Any = connections["default"]
    if connection.force_debug_cursor or settings.DEBUG:
        logged: CursorWrapper = connection.cursor()
        logged.execute(statement, parameters)
        return logged
    cursor = _cursor(connection, place)
    numbered, names = _numbered(statement)
    values = [parameters[name] for name in names] if isinstance(parameters, Mapping) else parameters
    if connection.needs_rollback:
        connection.validate_no_broken_transaction()

    def execute_numbered(*_as_it_was_spelt: Any) -> None:
        with connection.wrap_database_errors:
            cursor.execute(numbered, values)

    executor: Any = execute_numbered
    for wrapper in reversed(connection.execute_wrappers):  # As Django does; in the program there are none.
        executor = partial(wrapper, executor)
    executor(statement, parameters, False, {"connection": connection, "cursor": cursor})
    return cursor


@lru_cache(maxsize=1000)
def _numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """Spell placeholders as the server does, `$1`, and name them in this order. Long ones psycopg does each time."""
    names: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        return f"${names.setdefault(match[1] or str(len(names)), len(names) + 1)}"

    return _PLACEHOLDER.sub(number, statement), tuple(names)


def _cursor(connection: Any, place: int) -> RawCursor[Any]:
    """Return a cursor of this thread's connection; a new one if it was reconnected."""
    if connection.health_check_enabled and not connection.health_check_done:
        connection.close_if_health_check_failed()  # As Django does for a new cursor; once for each request or job.
    cursors_of, cursors = vars(connection).get(_KEPT, (None, []))
    if not cursors or cursors_of is not connection.connection:
        cursors = []
        connection.ensure_connection()
        setattr(connection, _KEPT, (connection.connection, cursors))
    while len(cursors) <= place:
        cursor = RawCursor(connection.connection)
        register_tzloader(connection.timezone, cursor)  # As for Django's own.
        cursors.append(cursor)
    return cursors[place]  # type: ignore[no-any-return]
