"""The schema is ready to be sharded by seller, and every rule of it has a name: over every model and every table.

`makemigrations` writes what the models say; these tests ask PostgreSQL what it really holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from django.db.models.fields.related import ForeignObject

from lostpost.core.ownership import OfItsSeller, OwnedForeignKey, uuid7
from lostpost.tracking.scan_months import ensure_months
from tests.cast import NOW

pytestmark = pytest.mark.django_db

# Small, the same for every seller, and copied to every machine of a cluster. Everything else belongs to a seller.
REFERENCE = {"Seller", "PolicyVersion", "ApiClient", "RequestCount", "AttemptCount", "SecurityEvent"}
REFERENCE |= {"ExchangeRate", "ScanCode", "SilenceCount", "HolidayList"}
REFERENCE |= {"CarrierFeed", "CarrierName", "HourlyScanCount", "SilentFeed"}
# Of nobody yet, or of agents of the marketplace: stays on the machine that the requests come to.
NOBODYS = {"UnmatchedScan", "DeskNoticeChoices", "NoticeMail", "ConnectorAccount"}

MODELS = sorted(apps.get_app_config("lostpost").get_models(), key=lambda model: model.__name__)
OWNED = [model for model in MODELS if model.__name__ not in REFERENCE | NOBODYS]

each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
each_owned = pytest.mark.parametrize("model", OWNED, ids=lambda model: model.__name__)


@dataclass(frozen=True)
class Constraint:
    """A constraint as PostgreSQL knows it."""

    name: str
    kind: str  # p primary key, u unique, f foreign key, c check, n not null, t trigger, x exclusion
    columns: tuple[str, ...]
    to: str
    to_columns: tuple[str, ...]
    deferrable: bool
    on_delete: str  # a no action, r restrict, c cascade, n set null, d set default
    on_update: str
    validated: bool


def constraints(table: str) -> list[Constraint]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.conname, c.contype::text,
                   ARRAY(SELECT attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k (num, place)
                           JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num ORDER BY place),
                   coalesce(c.confrelid::regclass::text, ''),
                   ARRAY(SELECT attname::text FROM unnest(c.confkey) WITH ORDINALITY AS k (num, place)
                           JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num ORDER BY place),
                   c.condeferrable, c.confdeltype::text, c.confupdtype::text, c.convalidated
              FROM pg_constraint c WHERE c.conrelid = %s::regclass
            """,
            (table,),
        )
        return [
            Constraint(name, kind, tuple(columns), to.replace("-", ""), tuple(to_columns), *rest)
            for name, kind, columns, to, to_columns, *rest in cursor.fetchall()
        ]


def fields_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Return the fields that have a column."""
    return [field for field in model._meta.concrete_fields if field.column]


def of_kind(model: type[models.Model], kind: str) -> list[Constraint]:
    return [constraint for constraint in constraints(model._meta.db_table) if constraint.kind == kind]


def relations(model: type[models.Model]) -> Iterator[ForeignObject[Any, Any]]:
    for field in model._meta.get_fields(include_parents=False):
        if isinstance(field, ForeignObject):
            yield field


# The seller in every key -------------------------------------------------------------------------------------------


@each_owned
def test_a_model_enforces_its_seller_in_the_database_once(model):
    """By its own key or that of a parent: a second one would be checked, and would lock the shop, for nothing."""
    own = any(type(constraint) is OfItsSeller for constraint in model._meta.constraints)
    parents = [
        constraint
        for constraint in model._meta.constraints
        if isinstance(constraint, OwnedForeignKey) and not model._meta.get_field(constraint.columns[1]).null
    ]
    assert own is not bool(parents), f"{model.__name__}.Meta.constraints: OfItsSeller, or a parent that is never empty"
    of_seller = [key for key in of_kind(model, "f") if key.columns == ("seller_id",) and key.to == "lostpost_seller"]
    assert len(of_seller) == own
    assert not model._meta.get_field("seller").null


@each_owned
def test_the_primary_key_begins_with_the_seller(model):
    (key,) = of_kind(model, "p")

    assert isinstance(model._meta.pk, models.CompositePrimaryKey)
    assert key.columns[0] == "seller_id"
    assert key.columns == model._meta.pk.columns


@each_owned
def test_unique_constraints_carry_the_seller(model):
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT i.indexrelid::regclass::text,
                   ARRAY(SELECT attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid
                                                              AND a.attnum = ANY (i.indkey::smallint[]))
              FROM pg_index i WHERE i.indrelid = %s::regclass AND i.indisunique
            """,
            (model._meta.db_table,),
        )
        for name, columns in cursor.fetchall():
            assert "seller_id" in columns, f"{name} would have to be held over all sellers"


@each_owned
def test_a_relation_carries_the_seller_and_is_held_by_the_database_at_once(model):
    keys = of_kind(model, "f")
    for key in keys:
        assert key.to.startswith("lostpost_"), f"{key.name} points to {key.to}, which stays on one machine"
        assert key.columns[0] == "seller_id", f"{key.name} does not carry the seller"
        assert key.to_columns[0] == ("id" if key.to == "lostpost_seller" else "seller_id"), key.name
        assert not key.deferrable, f"{key.name} is deferrable: a sharded table cannot have it"
        assert (key.on_delete, key.on_update) == ("a", "a"), f"{key.name} changes rows by itself"
        assert key.validated, key.name
    for field in relations(model):
        if field.name == "seller":
            continue
        to = field.related_model._meta.db_table
        assert field.remote_field.on_delete is models.PROTECT, f"{field} must be PROTECT"
        assert field.from_fields[0] == "seller_id", field
        assert field.to_fields[0] == "seller_id", field
        columns, to_columns = tuple(field.from_fields), tuple(field.to_fields)
        assert [key for key in keys if (key.columns, key.to, key.to_columns) == (columns, to, to_columns)], (
            f"{field} is held by the database only with an OwnedForeignKey in Meta.constraints"
        )


@each_owned
def test_no_relation_uses_djangos_own_foreign_key(model):
    for field in model._meta.get_fields(include_parents=False):
        assert not isinstance(field, models.ManyToManyField), f"{field} would need a table without a seller"
        if isinstance(field, models.ForeignKey):
            assert field.name == "seller", f"{field} must be `owned`: a plain foreign key does not carry the seller"
            assert not getattr(field, "db_constraint", True), f"{field} would be deferrable; OfItsSeller holds it"


@each_owned
def test_a_column_named_after_another_table_is_held(model):
    """Find a relation that somebody forgot to declare: an id of something that nothing in the database holds."""
    held = {column for key in of_kind(model, "f") for column in key.columns}
    pointing = {field.column for field in fields_of(model) if str(field.column).endswith("_id")}
    # Of another database table in a cluster (logins stay on one machine), or of one of several tables.
    users = {column for column in pointing if str(column).endswith("user_id")}
    # And `message_id` is what an e-mail calls itself, `last_message_id` is of a row made after its own.
    free = {*users, "by_client_id", "source_id", "about_id", "made_id", "message_id", "last_message_id"}

    assert pointing - held <= free


@each_owned
def test_identifiers_are_generated_by_the_program(model):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute a LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)"
            " WHERE a.attrelid = %s::regclass AND a.attnum > 0"
            "   AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) ~* 'nextval|random|uuid')",
            (model._meta.db_table,),
        )
        assert cursor.fetchall() == [], "made by the database, it would differ from machine to machine"
    if any(field.name == "id" for field in model._meta.fields):
        assert model._meta.get_field("id").default is uuid7


@each_model
def test_no_trigger_works_behind_the_program(model):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", (model._meta.db_table,)
        )
        assert cursor.fetchall() == []


def test_no_table_of_a_seller_depends_on_a_login():
    """Logins, sessions and jobs stay on one machine: their tables know nothing of ours, and ours nothing of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
        )
        pairs = cursor.fetchall()
    crossing = [(here, there) for here, there in pairs if here.startswith("lostpost_") != there.startswith("lostpost_")]
    assert crossing == []


def test_a_month_of_scans_has_the_constraints_of_the_table():
    ensure_months({NOW.date().replace(day=1)})

    keys = {(key.kind, key.columns, key.to) for key in constraints("lostpost_scan") if key.kind in "pfc"}
    month = {(key.kind, key.columns, key.to) for key in constraints("lostpost_scan_2026_03") if key.kind in "pfc"}
    assert month == keys


# Rules with names --------------------------------------------------------------------------------------------------


@each_model
def test_every_constraint_name_is_a_sentence(model):
    declared = {constraint.name for constraint in model._meta.constraints}
    for name in declared:
        assert re.fullmatch(r"[a-z]+(_[a-z0-9]+){2,}", name), f"{name} is no sentence"
        assert len(name) <= 63, f"PostgreSQL would cut {name} short"
    for constraint in constraints(model._meta.db_table):
        if constraint.kind in "pn" or constraint.name in declared:
            continue
        (column,) = constraint.columns
        field = next(field for field in fields_of(model) if field.column == column)
        assert isinstance(field, models.PositiveIntegerField), f"{constraint.name} is a rule that no model names"


@each_model
def test_every_rule_that_a_model_names_is_in_the_database(model):
    held = {constraint.name for constraint in constraints(model._meta.db_table)}
    with connection.cursor() as cursor:  # A partial unique constraint is an index.
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = %s", (model._meta.db_table,))
        held |= {name for (name,) in cursor.fetchall()}
    for constraint in model._meta.constraints:
        assert constraint.name in held
    for index in model._meta.indexes:
        assert index.name in held


@each_owned
def test_states_and_kinds_are_held_by_the_database(model):
    """A field with choices is checked: what no code can name must not stand in a row."""
    checked = {column for constraint in of_kind(model, "c") for column in constraint.columns}
    for field in fields_of(model):
        if field.choices:
            assert field.column in checked, f"{field} may hold anything"


@each_owned
def test_money_is_whole_minor_units_with_a_currency_in_reach(model):
    for field in fields_of(model):
        if field.name != "exchange_rate":  # A ratio, and no money.
            assert not isinstance(field, models.FloatField | models.DecimalField), (
                f"{field} is no integer of minor units"
            )
        if field.name.endswith("_minor"):
            assert isinstance(field, models.BigIntegerField), field
            assert not field.null, field
            checked = {column for constraint in of_kind(model, "c") for column in constraint.columns}
            assert field.column in checked, f"{field} may be negative"


@each_model
def test_instants_are_aware(model):
    for field in fields_of(model):
        if field.name.endswith("_at"):
            assert isinstance(field, models.DateTimeField), field
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND atttypid = 'timestamp'::regtype",
            (model._meta.db_table,),
        )
        assert cursor.fetchall() == []


def test_the_tables_match_the_models():
    call_command("makemigrations", "--check", "--dry-run", "lostpost", stdout=StringIO())


def test_a_model_without_a_seller_would_be_found():
    """The rules above look at the app's whole list of models, so a new one cannot pass them by."""
    assert {model._meta.app_label for model in MODELS} == {"lostpost"}
    without = {model.__name__ for model in MODELS if "seller" not in {f.name for f in model._meta.fields}}
    assert without == REFERENCE | NOBODYS
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class"
            " WHERE relkind IN ('r', 'p') AND relname LIKE 'lostpost%%' AND NOT relispartition"
        )
        tables = {name for (name,) in cursor.fetchall()}
    assert tables == {model._meta.db_table for model in MODELS}


def test_another_sellers_row_cannot_be_referenced():
    """What the database itself says, without the program: see `tests/races` and `tests/writeoffs` for the rest."""
    keys = [
        constraint
        for model in OWNED
        for constraint in model._meta.constraints
        if isinstance(constraint, OwnedForeignKey)
    ]
    assert len(keys) >= 20
    for key in keys:
        assert key.columns[0] == "seller_id"
        assert key.to_columns == ("seller_id", "id")
