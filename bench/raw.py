"""The raw limit of a path: the very statements that it sends, with their parameters, sent again by psycopg alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import psycopg
from django.db import connection, transaction

Statement: TypeAlias = tuple[str, Any]


@contextmanager
def captured() -> Iterator[list[Statement]]:
    """Take down the statements that Django's connection is given."""
    statements: list[Statement] = []

    def take_down(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE")):
            statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(take_down):
        yield statements


def statements_of(call: Callable[[], object]) -> list[Statement]:
    """Return what a call would send, and leave nothing of it behind."""
    around = transaction.atomic()
    setattr(around, "_from_testcase", True)  # noqa: B010  # So that a durable command may run inside and be undone.
    with around:
        with captured() as statements:
            call()
        transaction.set_rollback(True)
    return statements


def raw_connection() -> psycopg.Connection:
    """Connect as Django does, without Django."""
    parameters = connection.get_connection_params()
    known = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}
    return psycopg.connect(**known, prepare_threshold=0, autocommit=True)


def send(raw: psycopg.Connection, statements: list[Statement]) -> None:
    """Send the statements one by one in a transaction, prepared, and read what comes back."""
    with raw.transaction(), raw.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
            if cursor.description:
                cursor.fetchall()


def send_in_pipeline(raw: psycopg.Connection, statements: list[Statement]) -> None:
    """Send them without waiting for each answer: what no program that reads before it decides can do."""
    with raw.pipeline(), raw.transaction(), raw.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
