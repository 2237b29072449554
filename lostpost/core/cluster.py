"""What Citus says about the database: whether it is distributed, which tables are where, which machines respond."""

from __future__ import annotations

from typing import NamedTuple

from lostpost.core.placement import Placement, tables_placed
from lostpost.core.sql import execute, fetch

WORKER_SECONDS = 2  # How long a check waits for a machine; those that are there respond within milliseconds.

_PLACED = """
    SELECT table_class.relname, placed.partmethod, placed.repmodel, placed.colocationid
      FROM pg_dist_partition placed
      JOIN pg_class table_class ON table_class.oid = placed.logicalrelid
     WHERE NOT table_class.relispartition AND table_class.relname LIKE 'lostpost%%'
"""
_SILENT = """
    SELECT node.nodename || ':' || node.nodeport
      FROM run_command_on_workers('SELECT 1') response
      JOIN pg_dist_node node ON node.nodename = response.nodename AND node.nodeport = response.nodeport
     WHERE NOT response.success AND node.isactive
     ORDER BY 1
"""


class PlacedTable(NamedTuple):
    """A table that Citus keeps, and with which others its rows lie together."""

    placement: Placement
    colocation: int


def has_citus() -> bool:
    """Return whether the database has the extension Citus."""
    ((found,),) = fetch("SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL", ())
    return bool(found)


def placed_tables() -> dict[str, PlacedTable]:
    """Return the tables of Lostpost that Citus keeps, by name; none where there is no Citus."""
    if not has_citus():
        return {}
    placed = {}
    for name, method, replication, colocation in fetch(_PLACED, ()):
        if method == "h":
            placed[name] = PlacedTable(Placement.DISTRIBUTED, colocation)
        elif replication == "t":
            placed[name] = PlacedTable(Placement.REFERENCE, colocation)
    return placed


def misplaced_tables() -> list[str]:
    """Name the tables that are not where they belong, with why; none in a database that is not distributed."""
    placed = placed_tables()
    if not placed:
        return []
    wrong = []
    for placement in Placement:
        for name in tables_placed(placement):
            actual = placed[name].placement if name in placed else Placement.LOCAL
            if actual is not placement:
                wrong.append(f"{name} is {actual.value} and belongs {placement.value}")
    together = {table.colocation for table in placed.values() if table.placement is Placement.DISTRIBUTED}
    if len(together) > 1:
        wrong.append(f"rows of one seller do not lie together: {len(together)} groups of tables")
    return wrong


def nodes_counted() -> str:
    """Say how many machines the cluster has."""
    ((workers,),) = fetch("SELECT count(*) FROM pg_dist_node WHERE groupid > 0 AND isactive", ())
    return f"a coordinator and {workers} workers"


def silent_workers() -> list[str]:
    """Name the workers that do not respond, as host:port. Call it in a transaction; it costs a connection to each."""
    execute(f"SET LOCAL citus.node_connection_timeout = '{WORKER_SECONDS}s'", ())
    return [name for (name,) in fetch(_SILENT, ())]
