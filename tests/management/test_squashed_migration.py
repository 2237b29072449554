"""A new database gets all tables at once, and ends like those that were migrated one by one; those go on as they are.

`tables_of_0059.txt` holds what the single migrations lead to, a checksum for each table. They do not change any more;
`SEARCH=1` runs them all again, which takes a minute.
"""

import hashlib
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from lostpost.core.readiness import schema_state
from tests.searching import SEARCHING

pytestmark = pytest.mark.django_db

SQUASHED, LAST = ("lostpost", "0001_squashed_0059_set_off"), ("lostpost", "0059_set_off")
TABLES = Path(__file__).with_name("tables_of_0059.txt")

# Columns in the order of their names: a column that was added later stands last, and nobody reads them by place.
CATALOGUE = """
    SELECT relation.relname::text,
           concat_ws(' ', relation.relkind, relation.relpersistence, pg_get_partkeydef(relation.oid),
                     array_to_string(relation.reloptions, ',')),
           ARRAY(SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attcollation,
                                  attstorage, pg_get_expr(adbin, adrelid))
                   FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
                  WHERE attrelid = relation.oid AND attnum > 0 AND NOT attisdropped ORDER BY attname),
           ARRAY(SELECT concat_ws(' ', conname, convalidated, pg_get_constraintdef(oid))
                   FROM pg_constraint WHERE conrelid = relation.oid ORDER BY conname),
           ARRAY(SELECT pg_get_indexdef(indexrelid) || ' ' || array_to_string(index.reloptions, ',', '')
                   FROM pg_index JOIN pg_class index ON index.oid = indexrelid
                  WHERE indrelid = relation.oid ORDER BY index.relname),
           ARRAY(SELECT pg_get_triggerdef(oid) FROM pg_trigger
                  WHERE tgrelid = relation.oid AND NOT tgisinternal ORDER BY tgname),
           ARRAY(SELECT proname::text FROM pg_proc WHERE pronamespace = relation.relnamespace ORDER BY proname)
      FROM pg_class relation
     WHERE relation.relnamespace = current_schema()::regnamespace AND relation.relkind IN ('r', 'p', 'v', 'm', 'S')
     ORDER BY relation.relname
"""


def tables_after(names: list[tuple[str, str]]) -> list[str]:
    """Run migrations in an empty schema; return each table with a checksum of what the database says of it."""
    loader = MigrationLoader(None, replace_migrations=False)
    others = {key for name in names for key in loader.disk_migrations[name].dependencies if key[0] != "lostpost"}
    state = loader.project_state(sorted(others))
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA empty; SET LOCAL search_path = empty, public")
        for name in names:
            with connection.schema_editor(atomic=False) as editor:
                state = loader.disk_migrations[name].apply(state, editor)
        cursor.execute(CATALOGUE)
        return [
            f"{name} {hashlib.sha256(repr(definition).encode()).hexdigest()[:16]}"
            for name, *definition in cursor.fetchall()
        ]


def single_migrations() -> list[tuple[str, str]]:
    loader = MigrationLoader(None, replace_migrations=False)
    return [key for key in loader.graph.forwards_plan(LAST) if key[0] == "lostpost"]


def test_it_replaces_every_single_one():
    assert MigrationLoader(None).disk_migrations[SQUASHED].replaces == single_migrations()


def test_it_says_of_all_models_what_the_single_ones_say():
    loader = MigrationLoader(None, replace_migrations=False)
    at_once, one_by_one = (loader.project_state(name).models for name in (SQUASHED, LAST))

    ours = {key for key in (*at_once, *one_by_one) if key[0] == "lostpost"}
    assert [key for key in sorted(ours) if at_once.get(key) != one_by_one.get(key)] == []


def test_it_makes_the_tables_that_the_single_ones_make():
    assert tables_after([SQUASHED]) == TABLES.read_text().splitlines()


@pytest.mark.skipif(not SEARCHING, reason="the single migrations are old and do not change; SEARCH=1 runs them")
def test_the_single_ones_make_the_tables_that_are_written_down():
    assert tables_after(single_migrations()) == TABLES.read_text().splitlines()


@pytest.mark.parametrize("count", [0, 1, 30, 53])
def test_a_database_goes_on_from_where_it_is(count):
    singles = single_migrations()
    MigrationRecorder.Migration.objects.filter(app="lostpost").delete()
    for app, name in singles[:count]:
        MigrationRecorder(connection).record_applied(app, name)
    executor = MigrationExecutor(connection)

    executor.loader.check_consistent_history(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes("lostpost"))

    names = [(migration.app_label, migration.name) for migration, _ in plan]
    assert [name for name in names if name in {SQUASHED, *singles}] == (singles[count:] if count else [SQUASHED])
    assert names == sorted(names, key={SQUASHED, *singles}.__contains__, reverse=True)  # The later ones come after.
    assert schema_state() == (sorted(f"{app}.{name}" for app, name in names), [])
