"""Lostpost on a real cluster: distributed empty and full, then used by shops whose rows are on different machines.

`LOSTPOST_TEST_CITUS_URL` names a database on the coordinator, with the extension and at least two workers, and a role
that may make databases on all machines. Nothing in it is changed: the tests make databases of their own, and drop them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.test import Client
from django.utils import timezone
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Member
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.audit.verify import verify
from lostpost.core.cluster import misplaced_tables, placed_tables, silent_workers
from lostpost.core.ownership import OwnedForeignKey, SellerOwned, cross_seller, uuid7
from lostpost.core.placement import Placement, tables_placed
from lostpost.core.sql import fetch
from lostpost.customer_queries.models import CustomerQuery
from lostpost.events.models import Event
from lostpost.management.distribute import foreign_keys
from lostpost.orders.models import Order, ParcelUnit
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.write_off import write_off
from tests.cast import a_member, all_of, silent_parcel, user_of

URL = os.environ.get("TESTS_CITUS_URL", "")
if not URL:
    pytest.skip("LOSTPOST_TEST_CITUS_URL names no cluster", allow_module_level=True)

PAGES = ("", "orders/", "customer-queries/", "silent-parcels/", "finance/statement/", "finance/refunds/", "people/")
Nodes = list[tuple[str, int]]


# The cluster ---------------------------------------------------------------------------------------------------------


def admin(node: tuple[str, int] | None = None, database: str = "") -> psycopg.Connection[Any]:
    """Connect to the coordinator, or to a worker, as the role of the URL."""
    changed: dict[str, Any] = {"dbname": database} if database else {}
    if node:
        changed |= {"host": node[0], "port": node[1]}
    return psycopg.connect(make_conninfo(URL, **changed), autocommit=True)


@dataclass(frozen=True)
class Cluster:
    """The machines, and databases that are made on all of them."""

    coordinator: tuple[str, int]
    workers: Nodes
    prefix: str

    def create(self, name: str, *, template: str = "template1") -> str:
        with admin() as there:
            there.execute(f"CREATE DATABASE {self.prefix}{name} TEMPLATE {template}")
        for worker in self.workers:
            with admin(worker) as there:
                there.execute(f"CREATE DATABASE {self.prefix}{name}")
        return f"{self.prefix}{name}"

    def extend(self, name: str) -> None:
        """Add the extension on every machine."""
        for node in (self.coordinator, *self.workers):
            with admin(node, name) as there:
                there.execute("CREATE EXTENSION citus")

    def join(self, name: str) -> None:
        """Let the coordinator know all machines."""
        with admin(database=name) as there:
            there.execute("SELECT citus_set_coordinator_host(%s, %s)", self.coordinator)
            for worker in self.workers:
                there.execute("SELECT citus_add_node(%s, %s)", worker)

    def drop(self, name: str) -> None:
        for node in (self.coordinator, *self.workers):
            with admin(node) as there:
                there.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def using(database: str) -> Iterator[None]:
    """Let the program use a database of the cluster."""
    chosen: dict[str, Any] = connections.settings["default"]
    parts = conninfo_to_dict(URL)
    before = dict(chosen)
    connections.close_all()
    chosen.update(
        NAME=database,
        HOST=parts.get("host", ""),
        PORT=parts.get("port", ""),
        USER=parts.get("user", ""),
        PASSWORD=parts.get("password", ""),
    )
    try:
        yield
    finally:
        connections.close_all()
        chosen.update(before)


@pytest.fixture(scope="module")
def cluster(django_db_blocker: Any) -> Iterator[Cluster]:
    with admin() as there:
        rows = there.execute("SELECT nodename, nodeport, groupid FROM pg_dist_node ORDER BY groupid").fetchall()
    nodes = [(host, port) for host, port, group in rows if group]
    assert len(nodes) >= 2, "the cluster needs two workers"
    parts = conninfo_to_dict(URL)
    made = Cluster((str(parts["host"]), int(str(parts["port"]))), nodes, f"lostpost_test_{uuid4().hex[:8]}_")
    with django_db_blocker.unblock():
        yield made


@pytest.fixture(scope="module")
def full(cluster: Cluster) -> Iterator[str]:
    """A database with shops that was distributed afterwards; what a shop had is in `before`."""
    name = cluster.create("full")
    try:
        with using(name):
            call_command("migrate", verbosity=0)
            connections.close_all()
            cluster.create("empty", template=name)
            for _shop in range(4):
                member = a_shop()
                write_off(query=silent(member).number, selection=all_of_last(member), by=member, key=a_key(), now=now())
            keys = foreign_keys()
            connections.close_all()
            cluster.extend(name)
            cluster.join(name)
            call_command("distribute", "--shards", "8", stdout=StringIO())
            assert foreign_keys() == keys
            yield name
    finally:
        cluster.drop(name)
        cluster.drop(f"{cluster.prefix}empty")


@pytest.fixture
def anna(full: str) -> Actor:
    return a_shop()


# Scenes --------------------------------------------------------------------------------------------------------------


def now() -> Any:
    return timezone.now()


def a_key() -> str:
    return uuid4().hex


def a_shop() -> Actor:
    code = f"shop-{uuid4().hex[:8]}"
    seller = put_seller(seller=SellerData(code, code, language="en"), now=now())
    return a_member(seller, f"Anna-{code}", Member.Role.OWNER)


def silent(member: Actor, **values: Any) -> CustomerQuery:
    return silent_parcel(member, now=now(), **values)


def all_of_last(member: Actor) -> Any:
    return all_of(CustomerQuery.objects.filter(seller_id=member.seller_id).latest("id"))


def node_of(member: Actor) -> tuple[str, int]:
    """Return the worker on which the rows of a shop are."""
    ((host, port),) = fetch(
        "SELECT nodename, nodeport FROM citus_shards"
        " WHERE shardid = get_shard_id_for_distribution_column(%s, %s::uuid)",
        (Order._meta.db_table, member.seller_id),
    )
    return host, port


def shops_on_two_workers() -> tuple[Actor, Actor]:
    one = a_shop()
    while node_of(other := a_shop()) == node_of(one):
        pass
    return one, other


@contextmanager
def machines_asked() -> Iterator[set[str]]:
    """Collect the workers to which the coordinator sends anything meanwhile, as host:port."""
    asked: set[str] = set()

    def note(diagnostic: Any) -> None:
        if diagnostic.message_detail and diagnostic.message_detail.startswith("on server "):
            asked.add(diagnostic.message_detail.partition("@")[2].split()[0])

    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SET citus.log_remote_commands = on")
        cursor.execute("SET client_min_messages = notice")
    connection.connection.add_notice_handler(note)
    try:
        yield asked
    finally:
        connection.connection.remove_notice_handler(note)
        with connection.cursor() as cursor:
            cursor.execute("RESET citus.log_remote_commands")


def cut_kept_connections(worker: tuple[str, int], database: str) -> int:
    """End the coordinator's connections to a worker, as its restart would; return how many there were."""
    with admin(worker, database) as there:
        row = there.execute(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND application_name LIKE 'citus_internal%'"
        ).fetchone()
    assert row
    return int(row[0])


# Distributing --------------------------------------------------------------------------------------------------------


def test_what_cannot_work_is_refused_with_what_to_do(cluster):
    name = cluster.create("refused")
    try:
        cluster.extend(name)
        with using(name):
            with pytest.raises(CommandError, match=r"has no workers\. Add each with SELECT citus_add_node"):
                call_command("distribute")
            cluster.join(name)
            with pytest.raises(CommandError, match="Run: lostpost migrate"):
                call_command("distribute")
    finally:
        cluster.drop(name)


def test_an_empty_database_is_distributed_once_and_stays_so_through_migrations(cluster, full):
    name = f"{cluster.prefix}empty"
    cluster.extend(name)
    cluster.join(name)
    with using(name):
        with admin(database=name), pytest.raises(CommandError, match="1 others are connected"):
            call_command("distribute")
        with cross_seller("the operator: rows of all tables"):
            written = StringIO()
            call_command("distribute", "--shards", "4", stdout=written)
            assert "lostpost_order: distributed, 0 rows" in written.getvalue()
            call_command("distribute", stdout=(again := StringIO()))
            assert again.getvalue().startswith("Nothing was to be done.")
            call_command("distribute", "--check", stdout=StringIO())

        migrated()
        placed = placed_tables()
        assert placed["lostpost_made"] == placed["lostpost_order"]
        ((checked,),) = fetch(
            "SELECT count(*) FROM pg_constraint WHERE conrelid = 'lostpost_made'::regclass AND contype IN ('c', 'f')",
            (),
        )
        assert checked == 2
    with using(full):
        assert misplaced_tables() == []


def migrated() -> None:
    """Make a table of a seller and add a counted column to another, as a migration does."""
    key = models.CompositePrimaryKey("seller_id", "id", blank=True, editable=False, primary_key=True, serialize=False)
    seller = models.ForeignKey("lostpost.Seller", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    columns = [
        ("pk", key),
        ("id", models.UUIDField(default=uuid7, editable=False)),
        ("seller", seller),
        ("order_id", models.UUIDField()),
    ]
    constraint = OwnedForeignKey("order_id", to="Order", name="made_of_an_order_of_its_seller")
    operations: list[Operation] = [
        migrations.CreateModel("Made", columns, {"constraints": [constraint]}, bases=(SellerOwned,)),
        migrations.AddField("made", "weight", models.PositiveIntegerField(default=0)),
        migrations.AddField("order", "weight", models.PositiveIntegerField(default=0)),
        migrations.AddIndex("made", models.Index(fields=["seller", "weight"], name="made_by_weight")),
    ]
    state = MigrationLoader(connection).project_state()
    with connection.schema_editor(atomic=True) as editor:
        for operation in operations:
            after = state.clone()
            operation.state_forwards("lostpost", after)
            operation.database_forwards("lostpost", editor, state, after)
            state = after


def test_a_full_database_keeps_its_rows_and_its_books(full):
    assert misplaced_tables() == []
    placed = [table.placement for table in placed_tables().values()]
    assert placed.count(Placement.DISTRIBUTED) == len(tables_placed(Placement.DISTRIBUTED))
    with cross_seller("what was there before"):
        shops = [it.seller for it in WriteOff.objects.select_related("seller").order_by("confirmed_at")[:4]]
    assert len({shop.id for shop in shops}) == 4
    assert [list(verify(shop)) for shop in shops] == [[]] * 4


# Using it ------------------------------------------------------------------------------------------------------------


def test_a_confirmation_counts_everything(full):
    for member in shops_on_two_workers():
        query = silent(member, quantity=2, paid_minor=50_00, delivery_costs_minor=4_95)
        selection = all_of(query)
        recorded = write_off(query=query.number, selection=selection, by=member, key=a_key(), now=now())

        assert recorded.refund_minor == 54_95
        (unit,) = ParcelUnit.objects.filter(seller_id=member.seller_id)
        assert (unit.quantity_written_off, unit.given_back_minor) == (2, 50_00)
        numbers = list(Event.objects.filter(seller_id=member.seller_id).order_by("sequence"))
        assert [event.sequence for event in numbers] == list(range(1, len(numbers) + 1))
        assert list(verify(member.seller)) == []


def test_pages_of_a_shop_ask_its_machine_alone(full):
    for member in shops_on_two_workers():
        silent(member)
        client = Client()
        client.force_login(user_of(member))
        client.get(f"/shops/{member.seller.code}/")
        for page in PAGES:
            with machines_asked() as asked:
                answer = client.get(f"/shops/{member.seller.code}/{page}")
            assert answer.status_code == 200, page
            assert asked <= {"{}:{}".format(*node_of(member))}, page


def test_concurrent_retries_are_one_write_off(anna):
    from tests.races.together import done, together

    query = silent(anna, quantity=3, paid_minor=75_00)
    selection, key = all_of(query), a_key()

    ran = together(
        *[lambda: write_off(query=query.number, selection=selection, by=anna, key=key, now=now())] * 6,
        *[lambda: write_off(query=query.number, selection=selection, by=anna, key=a_key(), now=now())] * 2,
    )

    assert 1 <= len({recorded.id for recorded in done(ran)}) <= 1
    assert WriteOff.objects.filter(seller_id=anna.seller_id).count() == 1
    assert list(verify(anna.seller)) == []


def test_a_first_statement_on_a_lost_connection_is_sent_again(full, anna):
    query = silent(anna)
    selection, key = all_of(query), a_key()
    assert Order.objects.filter(seller_id=anna.seller_id).count() == 1

    assert cut_kept_connections(node_of(anna), full)
    assert Order.objects.filter(seller_id=anna.seller_id).count() == 1  # By itself.

    assert cut_kept_connections(node_of(anna), full)
    first = write_off(query=query.number, selection=selection, by=anna, key=key, now=now())  # First of a transaction.
    assert write_off(query=query.number, selection=selection, by=anna, key=key, now=now()) == first
    assert list(verify(anna.seller)) == []


def test_every_worker_responds(full):
    from django.db import transaction

    with transaction.atomic():
        assert silent_workers() == []
