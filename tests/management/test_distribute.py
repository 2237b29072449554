"""`lostpost distribute` where there is no cluster; tests/citus shows it on one."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.db.backends.postgresql.schema import DatabaseSchemaEditor

from lostpost.core.cluster import misplaced_tables, placed_tables
from lostpost.core.postgresql.base import DatabaseWrapper
from lostpost.core.postgresql.schema import DistributedSchemaEditor
from lostpost.orders.models import Order

pytestmark = pytest.mark.django_db


def test_without_the_extension_it_says_what_to_do():
    with pytest.raises(CommandError, match=r"no extension Citus\. Install it on every machine"):
        call_command("distribute")


def test_check_says_that_a_database_on_one_machine_is_not_distributed(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("distribute", "--check")
    assert ended.value.code == 1
    assert capsys.readouterr().out == "The database is not distributed.\n"
    assert (placed_tables(), misplaced_tables()) == ({}, [])


def test_shards_have_bounds():
    with pytest.raises(CommandError, match="--shards: 0 is not between 1 and 10000"):
        call_command("distribute", "--shards", "0")


def test_migrations_of_one_machine_are_djangos():
    assert type(connection.schema_editor(collect_sql=True)) is DatabaseSchemaEditor


def test_a_cluster_gets_a_table_before_its_keys_and_a_column_before_its_check(monkeypatch):
    monkeypatch.setattr(DatabaseWrapper, "is_distributed", lambda self: True)
    editor = connection.schema_editor(collect_sql=True)
    assert isinstance(editor, DistributedSchemaEditor)

    with editor:
        editor.create_model(Order)
        field = models.PositiveIntegerField(default=0)
        field.set_attributes_from_name("weight")
        field.model = Order
        editor.add_field(Order, field)

    sql = [line for line in editor.collected_sql if not line.startswith("--")]
    assert sql[0] == "SET citus.multi_shard_modify_mode = 'sequential';"
    (created,) = [place for place, line in enumerate(sql) if line.startswith('CREATE TABLE "lostpost_order"')]
    assert "FOREIGN KEY" not in sql[created]
    assert "create_distributed_table('lostpost_order', 'seller_id'" in sql[created + 1]
    assert "FOREIGN KEY" in sql[created + 2]
    (added,) = [place for place, line in enumerate(sql) if "ADD COLUMN" in line]
    assert "CHECK" not in sql[added]
    assert 'ALTER TABLE "lostpost_order" ADD CONSTRAINT "lostpost_order_weight_check" CHECK ("weight" >= 0);' in sql
