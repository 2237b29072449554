"""Every table has its place on a cluster, refers only to what is there, and statements ask no more of it than it does.

`tests/citus` shows the same on a real cluster; these hold it in every run.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from lostpost.core.placement import EVERYWHERE, OURS, Placement, placement_of, tables_placed
from lostpost.management.distribute import parents_first
from tests.one_seller import PROJECT, judge

MODELS = list(apps.get_app_config(OURS).get_models())
NEWEST_BEFORE = "0085"  # What came before is there before a database is distributed: new ones begin with it.
MIGRATIONS = sorted(
    path for path in (PROJECT / "lostpost" / "migrations").glob("[0-9]*.py") if path.name[:4] > NEWEST_BEFORE
)
REFERRING = """
    SELECT referring.relname, referred.relname
      FROM pg_constraint key
      JOIN pg_class referring ON referring.oid = key.conrelid
      JOIN pg_class referred ON referred.oid = key.confrelid
     WHERE key.contype = 'f' AND referring.relname LIKE 'lostpost%%'
       AND NOT referring.relispartition AND NOT referred.relispartition
"""


def refused(sql: str) -> str:
    """Return what is wrong with a statement."""
    return "; ".join(judge(sql).problems)


# Tables --------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_table_refers_only_to_tables_on_the_same_machine():
    placed = {table: placement for placement in Placement for table in tables_placed(placement)}
    may_refer_to = {
        Placement.DISTRIBUTED: {Placement.DISTRIBUTED, Placement.REFERENCE},
        Placement.REFERENCE: {Placement.REFERENCE},
        Placement.LOCAL: {Placement.LOCAL},
    }
    with connection.cursor() as cursor:
        cursor.execute(REFERRING)
        references = cursor.fetchall()
    assert len(references) > 60
    for referring, referred in references:
        assert placed[referred] in may_refer_to[placed[referring]], f"{referring} refers to {referred}"


def test_a_row_of_a_seller_is_distributed_unless_it_is_everywhere():
    assert {m._meta.model_name for m in MODELS if placement_of(m) is Placement.REFERENCE} == set(EVERYWHERE)
    for model in MODELS:
        is_sellers = any(field.column == "seller_id" for field in model._meta.concrete_fields)
        if model._meta.model_name not in EVERYWHERE:
            assert placement_of(model) is (Placement.DISTRIBUTED if is_sellers else Placement.LOCAL)
    assert sum(len(tables_placed(placement)) for placement in Placement) == len(MODELS)


@pytest.mark.django_db
def test_tables_are_distributed_after_those_to_which_they_refer():
    places = {table: place for place, table in enumerate(parents_first(tables_placed(Placement.DISTRIBUTED)))}
    with connection.cursor() as cursor:
        cursor.execute(REFERRING)
        for referring, referred in cursor.fetchall():
            if {referring, referred} <= set(places) and referring != referred:
                assert places[referred] < places[referring]


# Statements ----------------------------------------------------------------------------------------------------------


def test_what_citus_refuses_in_a_statement_is_found():
    of_order = "FROM lostpost_order WHERE seller_id = %s"
    assert "subquery stands in COALESCE" in refused(
        f"UPDATE lostpost_order SET number = coalesce((SELECT max(number) {of_order}), '') WHERE seller_id = %s"
    )
    counting = (
        "INSERT INTO lostpost_eventcounter AS it (seller_id, id, last) VALUES (%s, %s, 1) ON CONFLICT (seller_id)"
    )
    assert "not known to be immutable" in refused(f"{counting} DO UPDATE SET last = jsonb_array_length('[]')")
    assert refused(f"{counting} DO UPDATE SET last = it.last + 1") == ""
    nothing = "UPDATE lostpost_order SET number = '' WHERE seller_id = %s AND %s > 0"
    assert "names no column" in refused(
        f"WITH part AS ({nothing}) UPDATE lostpost_sale SET id = id WHERE seller_id = %s"
    )


# Migrations ----------------------------------------------------------------------------------------------------------


def raw_sql_of(path: Path) -> list[str]:
    """Return the SQL that stands in a migration."""
    strings = (node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant))
    return [
        text for text in strings if isinstance(text, str) and re.match(r"\s*(CREATE|UPDATE|INSERT|DELETE|WITH)\b", text)
    ]


def problems_of_migration(sql: str) -> str:
    """Return why SQL of a migration would not run, or not stay distributed, on a cluster."""
    if re.match(r"\s*CREATE (UNLOGGED )?TABLE", sql):
        return "a table made by SQL is on the coordinator alone; make it of its model"
    if re.match(r"\s*CREATE", sql):
        return ""
    return "; ".join(it for it in judge(sql).problems if not it.startswith("nothing says whose"))  # Of all shops.


def test_new_migrations_run_on_a_cluster():
    for path in MIGRATIONS:
        for sql in raw_sql_of(path):
            assert problems_of_migration(sql) == "", f"{path.name}: {sql}"


def test_a_migration_that_would_not_run_on_a_cluster_is_found():
    assert problems_of_migration("CREATE TABLE lostpost_new (id uuid)")
    assert problems_of_migration(
        "UPDATE lostpost_order o SET number = coalesce((SELECT max(code) FROM lostpost_parcel p"
        " WHERE p.seller_id = o.seller_id), '')"
    )
    assert not problems_of_migration("UPDATE lostpost_order SET number = '' WHERE number IS NULL")
