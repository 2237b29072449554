"""Spread the tables over the machines of a Citus cluster, by seller; each step can be done again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from django.core.management.base import CommandError
from django.db import transaction

from lostpost.core.cluster import has_citus, misplaced_tables, placed_tables, silent_workers
from lostpost.core.placement import Placement, tables_placed
from lostpost.core.postgresql.schema import SETTINGS, placing
from lostpost.core.readiness import schema_state
from lostpost.core.sql import execute, fetch

ForeignKey: TypeAlias = tuple[str, str, str]  # Table, name, and what it says.

_NODES = "SELECT nodename || ':' || nodeport, groupid FROM pg_dist_node WHERE isactive AND noderole = 'primary'"
_PREPARED = """
    SELECT node.nodename || ':' || node.nodeport
      FROM run_command_on_all_nodes('SHOW max_prepared_transactions') response
      JOIN pg_dist_node node USING (nodeid)
     WHERE NOT response.success OR response.result = '0'
     ORDER BY 1
"""
_OTHERS = """
    SELECT count(*), string_agg(DISTINCT coalesce(nullif(application_name, ''), usename), ', ')
      FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
       AND application_name NOT LIKE 'citus%%'
"""
_FOREIGN_KEYS = """
    SELECT referring.relname, key.conname, pg_get_constraintdef(key.oid)
      FROM pg_constraint key
      JOIN pg_class referring ON referring.oid = key.conrelid
     WHERE key.contype = 'f' AND NOT referring.relispartition AND referring.relname = ANY(%s)
"""
_REFERENCES = """
    SELECT DISTINCT referring.relname, referred.relname
      FROM pg_constraint key
      JOIN pg_class referring ON referring.oid = key.conrelid
      JOIN pg_class referred ON referred.oid = key.confrelid
     WHERE key.contype = 'f' AND NOT referring.relispartition AND NOT referred.relispartition
       AND referring.oid <> referred.oid
"""


def require_ready() -> None:
    """Raise CommandError unless the database can be distributed now."""
    if not has_citus():
        raise CommandError(
            "The database has no extension Citus. Install it on every machine, put citus into "
            "shared_preload_libraries, and run CREATE EXTENSION citus in this database on each; "
            "docs/scaling.md has the steps."
        )
    groups = [group for _name, group in fetch(_NODES, ())]
    if not any(groups):
        raise CommandError("The cluster has no workers. Add each with SELECT citus_add_node('host', port).")
    if 0 not in groups:
        raise CommandError(
            "The coordinator does not know itself, so tables that are everywhere would not be on it. "
            "Run SELECT citus_set_coordinator_host('host', port)."
        )
    with transaction.atomic():
        if silent := silent_workers():
            raise CommandError(f"{', '.join(silent)} do not respond. All machines are needed for this.")
    if without := [name for (name,) in fetch(_PREPARED, ())]:
        raise CommandError(
            f"{', '.join(without)}: set max_prepared_transactions to at least max_connections, and restart."
        )
    state = schema_state()
    if state.unapplied or state.unknown:
        raise CommandError("The tables are not those of this version. Run: lostpost migrate")
    ((others, names),) = fetch(_OTHERS, ())
    if others:
        raise CommandError(
            f"{others} others are connected ({names}). Stop web and workers first: what they write meanwhile would "
            "wait, or be refused."
        )


def distribute() -> Iterator[str]:
    """Place each table that is not where it belongs, in a transaction of its own; yield what was done, table by table.

    If it is broken off, it goes on where it was. Raises: CommandError if rows or foreign keys were not all taken along.
    """
    for name, value in SETTINGS.items():
        execute(f"SET {name} = '{value}'", ())
    keys = foreign_keys()
    for table in tables_placed(Placement.REFERENCE):
        if table not in placed_tables():
            yield _place(table, Placement.REFERENCE)
    for table in parents_first(tables_placed(Placement.DISTRIBUTED)):
        if table not in placed_tables():
            yield _place(table, Placement.DISTRIBUTED)
    if lost := keys - foreign_keys():
        raise CommandError(f"Foreign keys are missing now: {', '.join(name for _table, name, _text in sorted(lost))}.")
    _forget_local_rows()
    if wrong := misplaced_tables():
        raise CommandError("; ".join(wrong))


def foreign_keys() -> set[ForeignKey]:
    """Return the foreign keys of all tables of Lostpost."""
    tables = [table for placement in Placement for table in tables_placed(placement)]
    return {(table, name, text) for table, name, text in fetch(_FOREIGN_KEYS, (tables,))}


def parents_first(tables: list[str]) -> list[str]:
    """Sort tables so that each stands after those to which it refers."""
    waits_for: dict[str, set[str]] = {table: set() for table in tables}
    for referring, referred in fetch(_REFERENCES, ()):
        if referring in waits_for and referred in waits_for:
            waits_for[referring].add(referred)
    return list(_sorted(waits_for))


def tables_by_placement() -> Mapping[Placement, int]:
    """Count the tables of Lostpost by where they are."""
    placed = placed_tables()
    names = [table for placement in Placement for table in tables_placed(placement)]
    return Counter(placed[name].placement if name in placed else Placement.LOCAL for name in names)


def _sorted(waits_for: dict[str, set[str]]) -> Iterator[str]:
    done: set[str] = set()
    while left := sorted(table for table in waits_for if table not in done):
        free = [table for table in left if waits_for[table] <= done]
        assert free, f"tables refer to each other in a circle: {', '.join(left)}"
        yield from free
        done.update(free)


def _place(table: str, placement: Placement) -> str:
    with transaction.atomic():
        execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE", ())  # What is counted is what is copied.
        before = _rows(table)
        fetch(placing(table, placement), ())
        after = _rows(table)
        if before != after:
            raise CommandError(f"{table} had {before:,} rows and would have {after:,}. It was left as it is.")
    return f"{table}: {placement.value}, {after:,} rows"


def _rows(table: str) -> int:
    ((count,),) = fetch(f"SELECT count(*) FROM {table}", ())  # noqa: S608  The table's own name.
    return int(count)


def _forget_local_rows() -> None:
    """Empty what the coordinator still holds of each table, now that its rows are on the workers; unseen by anybody."""
    for table in reversed([*tables_placed(Placement.REFERENCE), *parents_first(tables_placed(Placement.DISTRIBUTED))]):
        fetch("SELECT truncate_local_data_after_distributing_table(%s::regclass)", (table,))
