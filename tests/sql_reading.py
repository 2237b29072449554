"""Reading SQL: of every query and subquery in a statement, whose rows of which tables it asks for.

No grammar, only what is needed: the words of a statement, its brackets, its clauses, and the equalities in its
conditions. What it cannot follow counts as not said, so a mistake here shows as a failing test.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any


@dataclass(frozen=True)
class Name:
    """A name in SQL, with what stands before its point."""

    of: str
    name: str


@dataclass(frozen=True)
class Value:
    """A parameter (which one: its place or its name) or something written out."""

    which: int | str | None = None


class Group(list[Any]):
    """What stands in brackets."""

    __hash__ = object.__hash__  # type: ignore[assignment]  # To be looked for in sets of words; never equal to one.


_TOKEN = re.compile(
    r"""
    (?P<space>\s+|--[^\n]*|/\*.*?\*/)
  | (?P<text>'(?:[^']|'')*')
  | (?P<value>%s|%\(\w+\)s|\$\d+|\b\d+(?:\.\d+)?\b)
  | (?P<name>(?:"[^"]+"|[A-Za-z_][\w$]*)(?:\.(?:"[^"]+"|[A-Za-z_][\w$]*|\*))*)
  | (?P<sign>::|<>|!=|<=|>=|->>|->|\|\||@>|<@|%%|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PART = re.compile(r'"[^"]+"|[^.]+')
QUERY = ("select", "with", "insert", "update", "delete", "values")
# Words that end a clause; conditions count in `on` and `where` alone.
_CLAUSES = {
    *("select", "from", "where", "on", "set", "group", "order", "having", "limit", "offset", "returning", "for"),
    *("join", "inner", "left", "right", "full", "cross", "natural", "window", "using", "insert", "update", "delete"),
    *("values", "with", "conflict", "fetch"),
}
_NO_ALIAS = _CLAUSES | {"as", "and", "or", "not", "only", "lateral", "default", "overriding", "do", "nothing", "union"}
_SETS = {"union", "intersect", "except"}
_VOLATILE = {"random", "gen_random_uuid", "clock_timestamp", "nextval", "uuidv7", "uuidv4", "timeofday"}


def read(sql: str) -> list[Any]:
    """Take a statement apart: words in small letters, names, values, and a group for each ( )."""
    stack: list[list[Any]] = [Group()]
    count = 0
    for found in _TOKEN.finditer(sql):
        kind, text = found.lastgroup, found.group()
        if kind == "text":
            stack[-1].append(Value())
        elif kind == "value":
            which: int | str | None = None
            if text == "%s":
                which, count = count, count + 1
            elif text.startswith("%("):
                which = text[2:-2]
            stack[-1].append(Value(which))
        elif kind == "name":
            parts = [part[1:-1] if part[0] == '"' else part.lower() for part in _PART.findall(text)]
            plain = len(parts) == 1 and text[0] != '"'
            stack[-1].append(parts[0] if plain else Name(".".join(parts[:-1]), parts[-1]))
        elif text == "(":
            inner = Group()
            stack[-1].append(inner)
            stack.append(inner)
        elif text == ")":
            stack.pop()
        elif kind == "sign" and text != ";":
            stack[-1].append(text)
    return stack[0]


def name_of(token: Any) -> Name | None:
    """Return a token as a name, qualified or not."""
    if isinstance(token, Name):
        return token
    return Name("", token) if isinstance(token, str) and re.fullmatch(r"[a-z_]\w*", token) else None


def is_query(token: Any) -> bool:
    return isinstance(token, Group) and bool(token) and token[0] in QUERY


# Whose rows ---------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Table:
    """One mention of a seller-owned table; `known` once something says whose rows of it are meant."""

    table: str
    alias: str
    known: bool = False


@dataclass(eq=False)
class Scope:
    """One query or subquery: its tables, and those of the queries around it."""

    outer: Scope | None
    tables: list[Table] = field(default_factory=list)
    derived: set[str] = field(default_factory=set)  # Aliases of subqueries, each judged for itself.

    def find(self, name: Name) -> Table | None:
        """Return the table whose `seller_id` is named; unqualified, it must be the only one here."""
        if not name.of:
            return self.tables[0] if len(self.tables) == 1 else None
        for table in self.tables:
            if table.alias == name.of:
                return table
        return self.outer.find(name) if self.outer else None

    def is_derived(self, alias: str) -> bool:
        return alias in self.derived or bool(self.outer and self.outer.is_derived(alias))


Fact = tuple[Table, "Table | None"]  # This table's seller is a value's, or another table's.


class Reader:
    """Reads one statement, and finds for every seller-owned table in it what says whose rows are meant."""

    def __init__(self, owned: frozenset[str]) -> None:
        self.owned = owned
        self.problems: list[str] = []
        self.sellers: list[int | str] = []
        self.ctes: set[str] = set()
        self.mentioned = False

    def statement(self, tokens: list[Any], outer: Scope | None = None) -> None:
        """Judge a query, and every query within it."""
        start = 0
        for at, token in enumerate([*tokens, "union"]):
            if token in _SETS:
                part = tokens[start:at]
                if part[:1] in (["all"], ["distinct"]):
                    part = part[1:]
                if part:
                    self.one(part, outer)
                start = at + 1

    def one(self, tokens: list[Any], outer: Scope | None) -> None:
        scope = Scope(outer)
        if tokens[0] == "with":
            self.ctes |= {
                name.name for name, nxt in zip(map(name_of, tokens), tokens[1:], strict=False) if name and nxt == "as"
            }
            scope.derived |= self.ctes
        self.find_tables(tokens, scope)
        facts = self.facts_of_clauses(tokens, scope)
        self.insertion(tokens, scope)
        known = True
        while known:
            known = False
            for table, other in facts:
                for one, two in ((table, other), (other, table)):
                    if one and not one.known and (two is None or two.known):
                        one.known = known = True
        for table in scope.tables:
            if not table.known:
                self.problems.append(f"nothing says whose rows of {table.table} are meant")
        self.look_out(tokens, scope)
        self.within(tokens, scope)

    def within(self, tokens: list[Any], scope: Scope) -> None:
        for token in tokens:
            if is_query(token):
                self.statement(token, scope)
            elif isinstance(token, Group):
                self.within(token, scope)

    # Tables

    def find_tables(self, tokens: list[Any], scope: Scope) -> None:
        wanted = in_from = False
        at = 0
        while at < len(tokens):
            token = tokens[at]
            at += 1
            if token in ("from", "join", "into", "update", "using"):
                wanted, in_from = True, token in ("from", "using")
            elif token == "," and in_from:
                wanted = True
            elif token in ("only", "lateral") and wanted:
                continue
            elif wanted:
                wanted = False
                at = self.table(tokens, at - 1, scope)
            elif token in ("where", "set", "group", "order", "limit", "returning", "having", "for"):
                in_from = False
            elif isinstance(token, Group) and not is_query(token):
                self.find_tables(token, scope)

    def table(self, tokens: list[Any], at: int, scope: Scope) -> int:
        """Take in the table, subquery or function that stands here with its alias; return what comes after."""
        token = tokens[at]
        name = name_of(token)
        if name is None and not is_query(token):
            if isinstance(token, Group):
                self.find_tables(["from", *token], scope)
            return at + 1
        at += 1
        if name and at < len(tokens) and isinstance(tokens[at], Group) and not self.is_owned(name):
            at += 1  # The arguments of a function.
        if at < len(tokens) and tokens[at] == "as":
            at += 1
        alias = name_of(tokens[at]) if at < len(tokens) and tokens[at] not in _NO_ALIAS | _SETS else None
        if alias and not alias.of:
            at += 1
        else:
            alias = None
        if name and self.is_owned(name):
            self.mentioned = True
            scope.tables.append(Table(name.name, alias.name if alias else name.name))
        elif (alias and name is None) or (name and name.name in self.ctes):
            scope.derived.add(alias.name if alias else name.name if name else "")
        return at

    def is_owned(self, name: Name) -> bool:
        table = name.name
        return name.name not in self.ctes and (table in self.owned or re.sub(r"_\d{4}_\d\d$", "", table) in self.owned)

    # Conditions

    def facts_of_clauses(self, tokens: list[Any], scope: Scope) -> set[Fact]:
        facts: set[Fact] = set()
        clause, start = "", 0
        for at, token in enumerate([*tokens, "limit"]):
            if isinstance(token, str) and token in _CLAUSES:
                if clause in ("on", "where"):
                    facts |= self.facts(tokens[start:at], scope)
                clause, start = token, at + 1
            elif isinstance(token, Group) and not is_query(token) and clause in ("from", "join"):
                facts |= self.facts_of_clauses(token, scope)
        return facts

    def facts(self, tokens: list[Any], scope: Scope) -> set[Fact]:
        """Return what a condition says of sellers; of alternatives, only what all of them say."""
        branches: list[list[Any]] = [[]]
        for token in tokens:
            if token == "or":
                branches.append([])
            else:
                branches[-1].append(token)
        return set.intersection(*(self.facts_together(branch, scope) for branch in branches))

    def facts_together(self, tokens: list[Any], scope: Scope) -> set[Fact]:
        facts: set[Fact] = set()
        for at, token in enumerate(tokens):
            before = tokens[at - 1] if at else None
            if isinstance(token, Group) and not is_query(token) and before in (None, "and"):
                facts |= self.facts(token, scope)
            if token == "=" and 0 < at < len(tokens) - 1:
                facts |= self.equality(tokens[at - 1], tokens[at + 1], scope)
            if token == "in" and at and before != "not":
                facts |= self.membership(before, tokens[at + 1], scope)
        return facts

    def equality(self, left: Any, right: Any, scope: Scope) -> set[Fact]:
        if isinstance(left, Group) and isinstance(right, Group):
            pairs = zip(_items(left), _items(right), strict=False)
            return set().union(*(self.equality(one[0], two[0], scope) for one, two in pairs if one and two))
        names = [name_of(side) for side in (left, right)]
        tables = [scope.find(name) if name and name.name == "seller_id" else None for name in names]
        if tables[0] and tables[1]:
            return {(tables[0], tables[1])}
        for table, other, other_name in ((tables[0], right, names[1]), (tables[1], left, names[0])):
            if table is None:
                continue
            if isinstance(other, Value):
                self.value(other)
                return {(table, None)}
            if other_name and other_name.name == "seller_id" and scope.is_derived(other_name.of):
                return {(table, None)}
        return set()

    def membership(self, left: Any, right: Any, scope: Scope) -> set[Fact]:
        """Take `x IN (a, b)` as "x = a, or x = b": all of them must be one seller's."""
        if not isinstance(right, Group) or is_query(right):
            return set()
        each = [self.equality(left, item[0], scope) for item in _items(right) if item]
        return set.intersection(*each) if each else set()

    def value(self, token: Value) -> None:
        if token.which is not None:
            self.sellers.append(token.which)

    # Insertions and what else a sharded database refuses

    def insertion(self, tokens: list[Any], scope: Scope) -> None:
        """Judge an INSERT by its column `seller_id` and what is put into it."""
        if "insert" not in tokens:
            return
        into = tokens.index("into", tokens.index("insert"))
        name = name_of(tokens[into + 1])
        if not (name and self.is_owned(name)):
            return
        at = into + 2
        if tokens[at] == "as":
            at += 2
        if not isinstance(tokens[at], Group) or is_query(tokens[at]):
            return  # Without its columns named, nobody can tell.
        columns = [found.name if (found := name_of(item[0])) else "" for item in _items(tokens[at])]
        if "seller_id" not in columns:
            return
        place, rest = columns.index("seller_id"), tokens[at + 1 :]
        target = next(table for table in scope.tables if table.table == name.name)
        if rest and rest[0] == "values":
            rows = [row for row in rest[1:] if isinstance(row, Group)]
            for row in rows[: rest.index("on") if "on" in rest else None]:
                if place < len(_items(row)) and isinstance(_items(row)[place][0], Value):
                    self.value(_items(row)[place][0])
                    target.known = True
        elif rest and rest[0] == "select":
            target.known = self.seller_is_put(rest, place, scope)

    def seller_is_put(self, query: list[Any], place: int, scope: Scope) -> bool:
        """Tell whether an INSERT … SELECT puts a seller that is said into the column at that place."""
        end = query.index("from") if "from" in query else len(query)
        put = _items(query[1:end])
        if put == [["*"]] and "unnest" in query:  # Many rows at once, a list of values for each column.
            put = _items(query[query.index("unnest") + 1])
        if place >= len(put) or not put[place]:
            return False
        found = put[place][0]
        while isinstance(found, Group) and found:
            found = found[0]
        if isinstance(found, Value):
            self.value(found)
            return True
        name = name_of(found)
        return bool(name and name.name == "seller_id" and (scope.find(name) or scope.is_derived(name.of)))

    def look_out(self, tokens: list[Any], scope: Scope) -> None:
        """Note a scalar subquery in a SELECT list, and a volatile function in an UPDATE."""
        if not scope.tables:
            return
        if "update" in tokens and "set" in tokens and (used := _VOLATILE & set(_words(tokens))):
            self.problems.append(f"the UPDATE uses {', '.join(sorted(used))}(), which differs from row to row")
        if tokens[0] == "select":
            end = tokens.index("from") if "from" in tokens else len(tokens)
            for before, token in pairwise(tokens[:end]):
                if is_query(token) and before not in ("exists", "in", "any", "all", "array", "some"):
                    self.problems.append("a scalar subquery stands in the SELECT list")


def _items(tokens: list[Any]) -> list[list[Any]]:
    """Split at commas."""
    items: list[list[Any]] = [[]]
    for token in tokens:
        if token == ",":
            items.append([])
        else:
            items[-1].append(token)
    return items


def _words(tokens: list[Any]) -> Iterable[str]:
    for token in tokens:
        if isinstance(token, Group):
            yield from _words(token)
        elif isinstance(token, str):
            yield token
