"""Django's schema editor, for a database that is distributed with Citus: what migrations change stays distributed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.postgresql.schema import DatabaseSchemaEditor

from lostpost.core.ownership import OfItsSeller
from lostpost.core.placement import Placement, placement_of

# Any table that is distributed, so that rows of one seller lie together; none for the first.
_TOGETHER = "coalesce((SELECT min(logicalrelid::text) FROM pg_dist_partition WHERE partmethod = 'h'), 'none')"
# Of one table after the other: several connections to one machine would wait for each other within a transaction. And
# a table that refers to one that is everywhere stays an ordinary one until it is distributed.
SETTINGS = {
    "citus.multi_shard_modify_mode": "sequential",
    "citus.enable_local_reference_table_foreign_keys": "off",
}


class DistributedSchemaEditor(DatabaseSchemaEditor):
    """Distributes new tables, and spells changes as Citus takes them."""

    def __enter__(self) -> DistributedSchemaEditor:
        """Begin, with the session's settings for changes of tables."""
        super().__enter__()
        for name, value in SETTINGS.items():
            self.execute(f"SET {name} = '{value}'")
        return self

    def create_model(self, model: type[models.Model]) -> None:
        """Create a table, place it where it belongs, and only then let it refer to others, as they are placed."""
        placement = placement_of(model)
        options = model._meta
        declared = list(options.constraints)
        if placement is not Placement.LOCAL:
            options.constraints = [each for each in declared if not isinstance(each, OfItsSeller)]
        try:
            super().create_model(model)
        finally:
            options.constraints = declared
        if placement is Placement.LOCAL:
            return
        self.execute(placing(options.db_table, placement))
        for constraint in declared:
            if isinstance(constraint, OfItsSeller):
                self.add_constraint(model, constraint)

    def add_field(self, model: type[models.Model], field: models.Field[Any, Any]) -> None:
        """Add a column, and then its check, which Citus does not take in one statement."""
        check = field.db_check(self.connection)
        if not check or placement_of(model) is Placement.LOCAL:
            super().add_field(model, field)
            return
        field.db_check = lambda connection: None  # type: ignore[method-assign]
        try:
            super().add_field(model, field)
        finally:
            del field.db_check
        name = self.quote_name(f"{model._meta.db_table}_{field.column}_check")  # As PostgreSQL itself names it.
        self.execute(f"ALTER TABLE {self.quote_name(model._meta.db_table)} ADD CONSTRAINT {name} CHECK ({check})")


def placing(table: str, placement: Placement) -> str:
    """Spell the statement that places a table and the rows in it, on every machine or beside those of their sellers."""
    if placement is Placement.REFERENCE:
        return f"SELECT create_reference_table('{table}')"
    return f"SELECT create_distributed_table('{table}', 'seller_id', colocate_with => {_TOGETHER})"
