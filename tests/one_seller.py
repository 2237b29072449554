"""The rule that every statement names its one seller, held over everything that the suite runs.

A marketplace that outgrows one machine is sharded by seller (Citus); a statement that does not say whose rows it wants
would then ask every machine. So each statement on seller-owned tables compares `seller_id` with a value, or joins by it
to a table that does; all values are one seller's, within a statement and within a transaction. Reads over all sellers
say so with `cross_seller()`. What a test asks for itself, to see what came of it, is free.

Every connection of the process is watched, those of threads and of the live server too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from lostpost.core.ownership import crossing
from tests.sql_reading import Reader, parsed

PROJECT = Path(__file__).resolve().parent.parent
REPEATING = str(PROJECT / "lostpost" / "core" / "postgresql" / "base.py")  # Every statement passes through it.
OURS, TESTS = str(PROJECT / "lostpost"), str(PROJECT / "tests")


@dataclass(frozen=True)
class Findings:
    """What is wrong with a statement, and which of its parameters say whose rows it is about."""

    problems: tuple[str, ...] = ()
    sellers: tuple[int | str, ...] = ()


@cache
def owned_tables() -> frozenset[str]:
    """Name the tables whose rows belong to a seller: those with the column."""
    models = apps.get_app_config("lostpost").get_models()
    return frozenset(
        model._meta.db_table for model in models if any(field.column == "seller_id" for field in model._meta.fields)
    )


@cache
def judge(sql: str) -> Findings:
    """Find what is wrong with a statement, seen from a database that is sharded by seller."""
    statements, parameters = parsed(sql)
    reader = Reader(owned_tables(), parameters)
    for statement in statements:
        reader.statement(statement)
    return Findings(tuple(dict.fromkeys(reader.problems)), tuple(dict.fromkeys(reader.sellers)))


# Watching -----------------------------------------------------------------------------------------------------------

violations: list[str] = []


class Watch:
    """Sees every statement of one connection, and which sellers the current transaction has touched."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.sellers: set[str] = set()
        self.block: Any = None  # In which the last statement was.
        for end in ("commit", "rollback"):  # No statement of ours says so.
            setattr(connection, end, self.forgetting(getattr(connection, end)))

    def forgetting(self, end: Callable[[], None]) -> Callable[[], None]:
        """Let the end of a transaction forget its sellers: the next one may be another's."""

        def ended() -> None:
            self.sellers.clear()
            end()

        return ended

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not (block := self.transaction()) or block is not self.block:
            self.sellers.clear()
        self.block = block
        if not crossing() and isinstance(sql, str):
            self.look(sql, params if not many else next(iter(params), None))
        return execute(sql, params, many, context)

    def transaction(self) -> Any:
        """Return the block of the program's own that is a transaction, none without; a test's does not count."""
        return next((it for it in self.connection.atomic_blocks if not getattr(it, "_from_testcase", False)), None)

    def look(self, sql: str, params: Any) -> None:
        found = judge(sql)
        given = [params[which] for which in found.sellers] if params else []
        named = {str(seller) for it in given for seller in (it if isinstance(it, list) else [it])}
        self.sellers |= named
        problems = list(found.problems)
        if len(named) > 1:
            problems.append("it names several sellers")
        elif len(self.sellers) > 1:
            problems.append("its transaction touched another seller before")
        if problems and (where := asked_by_us()):
            violations.append(f"{'; '.join(problems)}\n  asked in {where}\n  {' '.join(sql.split())}")
        if not self.transaction():
            self.sellers.clear()


def asked_by_us() -> str:
    """Say which line of the program asked; nothing if it was a test, or the framework by itself."""
    frame = sys._getframe()
    here = frame.f_code.co_filename
    while frame.f_back:
        frame = frame.f_back
        file = frame.f_code.co_filename
        if file in {here, REPEATING}:
            continue
        if file.startswith(OURS):
            return f"{Path(file).relative_to(PROJECT)}:{frame.f_lineno}"
        if file.startswith(TESTS):
            return ""
    return ""


def watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Watch a connection that was just made."""
    if not any(isinstance(wrapper, Watch) for wrapper in connection.execute_wrappers):
        connection.execute_wrappers.append(Watch(connection))


connection_created.connect(watch, dispatch_uid="one-seller")


@contextmanager
def each_statement_names_its_seller() -> Iterator[None]:
    """Fail whoever asks for rows meanwhile without saying whose."""
    violations.clear()
    yield
    found = list(dict.fromkeys(violations))
    violations.clear()
    if found:
        pytest.fail("A statement does not keep to one seller:\n\n" + "\n\n".join(found), pytrace=False)


@pytest.fixture(autouse=True)
def every_statement_names_its_seller() -> Iterator[None]:
    """Fail a test during which the program asked for rows without saying whose."""
    with each_statement_names_its_seller():
        yield
