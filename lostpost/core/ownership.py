"""Rows that belong to a seller: their key, their relations, and the rare reads over all sellers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias
from uuid import UUID

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BaseConstraint
from django.db.models.fields.related import ForeignObject
from uuid_utils.compat import uuid7 as _uuid7

Model: TypeAlias = type[models.Model] | None
Editor: TypeAlias = BaseDatabaseSchemaEditor | None

_crossing: ContextVar[str] = ContextVar("cross_seller", default="")


def uuid7() -> UUID:
    """Make a time-ordered identifier (RFC 9562), so that new rows lie together in every index."""
    return _uuid7()


class SellerOwned(models.Model):
    """A row of one seller. Its key and all its relations carry the seller, so no row can point at another seller's."""

    pk = models.CompositePrimaryKey("seller_id", "id")
    id = models.UUIDField(default=uuid7, editable=False)  # Made by the app: time-ordered, same on every database.
    seller = models.ForeignKey("lostpost.Seller", models.PROTECT, related_name="+", db_constraint=False, db_index=False)

    class Meta:
        abstract = True


def owned(column: str, to: str, *, related_name: str = "+", null: bool = False) -> ForeignObject[Any, Any]:
    """Relate a row to another row of the same seller by `column`; `OwnedForeignKey` makes the database hold it.

    Args: `null`: the column may be empty; a row without the other one is then found all the same.
    """
    return ForeignObject(
        f"lostpost.{to}",
        on_delete=models.PROTECT,
        from_fields=("seller_id", column),
        to_fields=("seller_id", "id"),
        related_name=related_name,
        null=null,
    )


class OfItsSeller(BaseConstraint):
    """A foreign key from a seller-owned row to its seller, checked at once (Citus knows no deferred ones)."""

    columns: tuple[str, ...] = ("seller_id",)
    to = "Seller"
    to_columns: tuple[str, ...] = ("id",)

    def __init__(self, *, name: str) -> None:
        super().__init__(name=name)

    def constraint_sql(self, model: Model, schema_editor: Editor) -> str:
        """Spell the constraint for a CREATE TABLE or ALTER TABLE."""
        assert model is not None
        assert schema_editor is not None
        quote = schema_editor.connection.ops.quote_name
        target = model._meta.apps.get_model("lostpost", self.to)._meta.db_table
        columns = ", ".join(quote(column) for column in self.columns)
        to_columns = ", ".join(quote(column) for column in self.to_columns)
        return f"CONSTRAINT {quote(self.name)} FOREIGN KEY ({columns}) REFERENCES {quote(target)} ({to_columns})"

    def create_sql(self, model: Model, schema_editor: Editor) -> str:
        """Spell the ALTER TABLE that adds the constraint."""
        assert model is not None
        assert schema_editor is not None
        table = schema_editor.connection.ops.quote_name(model._meta.db_table)
        return f"ALTER TABLE {table} ADD {self.constraint_sql(model, schema_editor)}"

    def remove_sql(self, model: Model, schema_editor: Editor) -> str:
        """Spell the ALTER TABLE that drops the constraint."""
        assert model is not None
        assert schema_editor is not None
        quote = schema_editor.connection.ops.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Leave the check to the database: it is the last judge, and the only one that sees other rows."""

    def __eq__(self, other: object) -> bool:
        if isinstance(other, OfItsSeller):
            return self.deconstruct() == other.deconstruct()
        return NotImplemented

    __hash__ = BaseConstraint.__hash__


class OwnedForeignKey(OfItsSeller):
    """A composite foreign key (seller_id, `column`) to another seller-owned table, checked at once."""

    to_columns = ("seller_id", "id")

    def __init__(self, column: str, *, to: str, name: str) -> None:
        super().__init__(name=name)
        self.columns = ("seller_id", column)
        self.to = to

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """Say how a migration builds this constraint again."""
        path, _, kwargs = super().deconstruct()
        return path, (self.columns[1],), {**kwargs, "to": self.to}


@contextmanager
def cross_seller(reason: str) -> Iterator[None]:
    """Mark a read over all sellers, with the reason: rare, named, and never inside a command."""
    mark = _crossing.set(reason)
    try:
        yield
    finally:
        _crossing.reset(mark)


def crossing() -> str:
    """Return why the current statements may read over all sellers; empty where they may not."""
    return _crossing.get()
