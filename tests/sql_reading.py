"""Reading SQL with PostgreSQL's own parser: of every query in a statement, whose rows of which tables it asks for.

What it cannot follow counts as not said, so a mistake here shows as a failing test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pglast import ast, enums, parse_sql

Parameter: TypeAlias = int | str  # Its place among the values, or its name.
Node: TypeAlias = Any  # Of pglast, whose types say of every part that it may be missing.

_PLACEHOLDER = re.compile(r"--[^\n]*|'(?:[^']|'')*'|%(?:s|\((\w+)\)s|%)")
_PARTITION = re.compile(r"_\d{4}_\d\d$")
# What an UPDATE may use on a sharded table, of what PostgreSQL calls immutable, and of aggregates in its subqueries.
_IMMUTABLE = {"jsonb_set", "jsonb_extract_path", "lower", "upper", "abs", "md5", "timezone", "make_interval"}
_VOLATILE = {"random", "gen_random_uuid", "clock_timestamp", "nextval", "uuidv7", "uuidv4", "timeofday"}


def parsed(sql: str) -> tuple[list[Node], list[Parameter]]:
    """Parse statements written for psycopg; return them, and which parameter each $1, $2, … in them stands for."""
    parameters: list[Parameter] = []

    def numbered(placeholder: re.Match[str]) -> str:
        if placeholder[0].startswith("--"):
            return ""
        if placeholder[0] == "%%" or placeholder[0][0] == "'":
            return placeholder[0].replace("%%", "%")
        parameters.append(placeholder[1] or len(parameters))
        return f"${len(parameters)}"

    return [raw.stmt for raw in parse_sql(_PLACEHOLDER.sub(numbered, sql))], parameters


def tables_of(statement: Node) -> set[str]:
    """Name the tables that a statement reads or writes, without its own WITH queries."""
    own = {node.ctename for node in nodes(statement) if isinstance(node, ast.CommonTableExpr)}
    return {node.relname for node in nodes(statement) if isinstance(node, ast.RangeVar)} - own


def nodes(node: object, *, but: tuple[type, ...] = ()) -> Iterator[Node]:
    """Walk over a node and all within it; what is of the types in `but` is given and not entered."""
    if isinstance(node, tuple | list):
        for each in node:
            yield from nodes(each, but=but)
    if isinstance(node, ast.Node):
        yield node
        if not isinstance(node, but):
            for name in node:
                yield from nodes(getattr(node, name), but=but)


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

    def find(self, alias: str) -> Table | None:
        """Return the table of this alias; without one, it must be the only table here."""
        if not alias:
            return self.tables[0] if len(self.tables) == 1 else None
        here = next((table for table in self.tables if table.alias == alias), None)
        return here or (self.outer.find(alias) if self.outer else None)

    def is_derived(self, alias: str) -> bool:
        return alias in self.derived or bool(self.outer and self.outer.is_derived(alias))


Fact: TypeAlias = tuple[Table, Table | None]  # This table's seller is a value's, or another table's.
_QUERIES = (ast.SelectStmt, ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt)


class Reader:
    """Reads one statement, and finds for every seller-owned table in it what says whose rows are meant."""

    def __init__(self, owned: frozenset[str], parameters: Sequence[Parameter]) -> None:
        self.owned = owned
        self.parameters = parameters
        self.problems: list[str] = []
        self.sellers: list[Parameter] = []
        self.ctes: set[str] = set()

    def statement(self, statement: Node) -> None:
        """Judge a statement; one that neither reads nor changes rows is none of ours."""
        if isinstance(statement, ast.ExplainStmt | ast.DeclareCursorStmt):
            statement = statement.query
        if isinstance(statement, _QUERIES):
            self.query(statement, None)

    def query(self, query: Node, outer: Scope | None) -> None:
        """Judge a query, and every query within it."""
        scope = Scope(outer)
        ctes = query.withClause.ctes if query.withClause else ()
        self.ctes |= {cte.ctename for cte in ctes}
        scope.derived |= self.ctes
        for cte in ctes:
            self.query(cte.ctequery, scope)
        if isinstance(query, ast.SelectStmt) and query.larg:
            self.query(query.larg, scope)
            self.query(query.rarg, scope)
            return
        facts = self.facts_of_tables(query, scope)
        facts |= self.facts(getattr(query, "whereClause", None), scope)
        if isinstance(query, ast.InsertStmt):
            self.insertion(query, scope)
        _spread(facts)
        for table in scope.tables:
            if not table.known:
                self.problems.append(f"nothing says whose rows of {table.table} are meant")
        if scope.tables:
            self.what_sharding_refuses(query)
        for node in nodes(_without_ctes(query), but=_QUERIES):
            if isinstance(node, _QUERIES):
                self.query(node, scope)

    # Tables

    def facts_of_tables(self, query: Node, scope: Scope) -> set[Fact]:
        """Note the tables of a query, and return what the conditions of its joins say."""
        relation = getattr(query, "relation", None)
        sources = getattr(query, "fromClause", None) or getattr(query, "usingClause", None) or ()
        return set().union(*(self.source(each, scope) for each in (relation, *sources) if each))

    def source(self, source: Node, scope: Scope) -> set[Fact]:
        alias = source.alias.aliasname if getattr(source, "alias", None) else ""
        if isinstance(source, ast.JoinExpr):
            both = self.source(source.larg, scope) | self.source(source.rarg, scope)
            return both | self.facts(source.quals, scope)
        if isinstance(source, ast.RangeSubselect) and alias:
            scope.derived.add(alias)
        if isinstance(source, ast.RangeVar):
            if self.is_owned(source.relname):
                scope.tables.append(Table(source.relname, alias or source.relname))
            elif source.relname in self.ctes:
                scope.derived.add(alias or source.relname)
        return set()

    def is_owned(self, table: str) -> bool:
        return table not in self.ctes and (table in self.owned or _PARTITION.sub("", table) in self.owned)

    # Conditions

    def facts(self, condition: Node, scope: Scope) -> set[Fact]:
        """Return what a condition says of sellers; of alternatives, only what all of them say."""
        if isinstance(condition, ast.BoolExpr) and condition.boolop != enums.BoolExprType.NOT_EXPR:
            each = [self.facts(part, scope) for part in condition.args]
            together = condition.boolop == enums.BoolExprType.AND_EXPR
            return set().union(*each) if together else set.intersection(*each)
        if not isinstance(condition, ast.A_Expr) or condition.name[-1].sval != "=":
            return set()
        if condition.kind == enums.A_Expr_Kind.AEXPR_OP:
            return self.equality(condition.lexpr, condition.rexpr, scope)
        if condition.kind == enums.A_Expr_Kind.AEXPR_IN:  # x = a, or x = b: all of them must be one seller's.
            return set.intersection(*(self.equality(condition.lexpr, each, scope) for each in condition.rexpr))
        return set()

    def equality(self, left: Node, right: Node, scope: Scope) -> set[Fact]:
        if isinstance(left, ast.RowExpr) and isinstance(right, ast.RowExpr):
            return set().union(*(self.equality(*pair, scope) for pair in zip(left.args, right.args, strict=True)))
        aliases = [_seller_column(side) for side in (left, right)]
        tables = [None if alias is None else scope.find(alias) for alias in aliases]
        if tables[0] and tables[1]:
            return {(tables[0], tables[1])}
        for table, other in ((tables[0], right), (tables[1], left)):
            if table and (self.is_value(other) or _is_seller_of_derived(other, scope)):
                return {(table, None)}
        return set()

    def is_value(self, node: Node) -> bool:
        """Tell whether it is a value, and note which parameter it is."""
        node = _uncast(node)
        if isinstance(node, ast.ParamRef):
            self.sellers.append(self.parameters[node.number - 1])
        return isinstance(node, ast.ParamRef | ast.A_Const)

    # Insertions and what else a sharded database refuses

    def insertion(self, query: Node, scope: Scope) -> None:
        """Judge an INSERT by its column `seller_id` and what is put into it."""
        columns = [column.name for column in query.cols or ()]
        if not scope.tables or "seller_id" not in columns:
            return
        place, select = columns.index("seller_id"), query.selectStmt
        if select.valuesLists:
            values = [self.is_value(row[place]) for row in select.valuesLists]
            scope.tables[0].known = all(values)
            return
        known = []
        for branch in _branches(select):
            inner = Scope(scope, derived=set(self.ctes))
            self.facts_of_tables(branch, inner)
            if (put := _put(branch, place)) is not None:
                column = _seller_column(put)
                comes_along = column is not None and bool(inner.find(column) or inner.is_derived(column))
                known.append(self.is_value(put) or comes_along)
        if known:
            scope.tables[0].known = all(known)

    def what_sharding_refuses(self, query: Node) -> None:
        """Note what Citus does not take, or would do on every machine."""
        conflict = getattr(query, "onConflictClause", None)
        updates = isinstance(query, ast.UpdateStmt) or (conflict and conflict.targetList)
        if updates and (used := _VOLATILE & _functions(query)):
            self.problems.append(f"the UPDATE uses {', '.join(sorted(used))}(), which differs from row to row")
        if conflict and (used := _functions(conflict) - _IMMUTABLE):
            self.problems.append(f"ON CONFLICT uses {', '.join(sorted(used))}(), which is not known to be immutable")
        if isinstance(query, ast.SelectStmt):
            listed = [node for node in nodes(query.targetList, but=(ast.SubLink,)) if isinstance(node, ast.SubLink)]
            if any(node.subLinkType == enums.SubLinkType.EXPR_SUBLINK and self.reads_owned(node) for node in listed):
                self.problems.append("a scalar subquery stands in the SELECT list")
        elif any(_has_subquery(node) for node in nodes(_without_ctes(query)) if isinstance(node, ast.CoalesceExpr)):
            self.problems.append("a subquery stands in COALESCE")
        if isinstance(query, ast.UpdateStmt | ast.DeleteStmt) and any(
            not any(isinstance(each, ast.ColumnRef | ast.SubLink) for each in nodes(condition))
            for condition in _conditions(query.whereClause)
        ):
            self.problems.append("a condition names no column: where it is false, Citus does nothing of all the parts")

    def reads_owned(self, node: Node) -> bool:
        """Tell whether a seller-owned table is read in it; each machine has all rows of the others."""
        return any(isinstance(each, ast.RangeVar) and each.relname in self.owned for each in nodes(node))


def _conditions(condition: Node) -> list[Node]:
    """Return those that must all be true."""
    if isinstance(condition, ast.BoolExpr) and condition.boolop == enums.BoolExprType.AND_EXPR:
        return [each for part in condition.args for each in _conditions(part)]
    return [condition] if condition else []


def _functions(node: Node) -> set[str]:
    return {each.funcname[-1].sval for each in nodes(node) if isinstance(each, ast.FuncCall)}


def _has_subquery(node: Node) -> bool:
    return any(isinstance(each, ast.SubLink) for each in nodes(node))


def _spread(facts: set[Fact]) -> None:
    """Let what is known of one table make known those whose sellers are equal to it."""
    known = True
    while known:
        known = False
        for table, other in facts:
            for one, two in ((table, other), (other, table)):
                if one and not one.known and (two is None or two.known):
                    one.known = known = True


def _without_ctes(query: Node) -> list[object]:
    return [getattr(query, name) for name in query if name != "withClause"]


def _uncast(node: Node) -> Node:
    while isinstance(node, ast.TypeCast):
        node = node.arg
    return node


def _seller_column(node: Node) -> str | None:
    """Return the alias before `seller_id`, "" without one; None if it is anything else."""
    if not isinstance(node, ast.ColumnRef):
        return None
    names = [part.sval for part in node.fields if isinstance(part, ast.String)]
    return ".".join(names[:-1]) if names and names[-1] == "seller_id" else None


def _is_seller_of_derived(node: Node, scope: Scope) -> bool:
    alias = _seller_column(node)
    return alias is not None and scope.is_derived(alias)


def _branches(select: Node) -> list[Node]:
    """Return the SELECTs of a UNION, or the one that it is."""
    return [*_branches(select.larg), *_branches(select.rarg)] if select.larg else [select]


def _put(select: Node, place: int) -> Node:
    """Return what an INSERT … SELECT puts into the column at that place."""
    put = [target.val for target in select.targetList]
    if len(put) == 1 and isinstance(put[0], ast.ColumnRef) and isinstance(put[0].fields[-1], ast.A_Star):
        source = select.fromClause[0] if select.fromClause else None
        if not isinstance(source, ast.RangeFunction) or source.functions[0][0].funcname[-1].sval != "unnest":
            return None
        put = list(source.functions[0][0].args)  # Many rows at once, a list of values for each column.
    return _uncast(put[place]) if place < len(put) else None
