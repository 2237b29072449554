"""Querysets that pages read each time: spelled as SQL once, as spelling costs the program more than all the rest."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.db import connections
from django.db.models import Lookup, QuerySet, UUIDField

from lostpost.core.sql import fetch

Row = TypeVar("Row")

# Values that stand for parameters while the SQL is spelled: none that anybody would write into a queryset.
_STAND_INS: dict[type, Callable[[int], Any]] = {
    UUID: lambda place: UUID(f"5ca1ab1e-0000-4000-8000-{place:012}"),
    str: lambda place: f"stands for parameter {place}",
    int: lambda place: 1_607_000_000 + place,
    datetime: lambda place: datetime(1907, 6, 1, 0, 0, 0, 160_700 + place, tzinfo=UTC),
    list: lambda place: [UUID(f"5ca1ab1e-0000-4000-8000-{place:012}")],
}


@UUIDField.register_lookup
class AnyOf(Lookup):
    """Whether an id is among those of a list, sent as one value: `order_id__any=ids` where `__in` would spell each."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Spell it."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*params, self.rhs)


class _Parameter(NamedTuple):
    name: str
    wrapped: Callable[[Any], Any]  # As Django hands it to psycopg: an integer says its size.


class _Spelled(NamedTuple):
    sql: str
    values: list[Any]  # A _Parameter where the caller gives the value.
    rows: QuerySet[Any, Any]
    compiler: Any


class KeptQuery(Generic[Row]):
    """A queryset with parameters: called with their values, it returns the rows.

    It has one shape: what does not depend on a value alone (None, whether a filter is there) cannot be a parameter, and
    nothing can be prefetched. Args: `build`: returns the queryset for the parameters. `kinds`: the type of each: UUID,
    str, int, datetime or, of ids that are looked up by `any`, list.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], **kinds: type) -> None:
        self.build, self.kinds = build, kinds

    def __call__(self, **values: Any) -> list[Row]:
        """Return the rows. Raises: TypeError for a value that is none of its parameter's kind."""
        spelled = self._spelled
        for name, kind in self.kinds.items():
            if not isinstance(values[name], kind):
                raise TypeError(f"{name} must be {kind.__name__}, not {values[name]!r}")
        chunk = fetch(
            spelled.sql, [it.wrapped(values[it.name]) if isinstance(it, _Parameter) else it for it in spelled.values]
        )
        rows: Any = spelled.rows.all()
        compiler = copy.copy(spelled.compiler)
        compiler.connection = connections["default"]
        compiler.execute_sql = lambda *_args, **_kwargs: [chunk]
        rows.query.get_compiler = lambda *_args, **_kwargs: compiler
        return list(rows._iterable_class(rows))  # noqa: SLF001  What evaluates every queryset.

    @cached_property
    def _spelled(self) -> _Spelled:
        stand_ins = {name: _STAND_INS[kind](place) for place, (name, kind) in enumerate(self.kinds.items())}
        rows: Any = self.build(**stand_ins)
        assert not rows._prefetch_related_lookups, "nothing can be prefetched"  # noqa: SLF001
        compiler = rows.query.get_compiler("default")
        sql, params = compiler.as_sql()
        values = [_parameter(value, stand_ins) for value in params]
        used = {value.name for value in values if isinstance(value, _Parameter)}
        assert used == set(self.kinds), f"{sorted(set(self.kinds) - used)} stand nowhere in the statement"
        return _Spelled(sql, values, rows, compiler)


def _parameter(value: Any, stand_ins: Mapping[str, Any]) -> Any:
    """Return the parameter that a value of the spelled SQL stands for; itself if none."""
    for name, stand_in in stand_ins.items():
        if isinstance(value, type(stand_in)) and value == stand_in:
            kind = type(value)
            return _Parameter(name, kind if kind.__module__.startswith("psycopg") else _as_it_is)
    return value


def _as_it_is(value: Any) -> Any:
    return value
