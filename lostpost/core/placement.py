"""Where each table is in a database that is distributed over several machines with Citus.

A row of a seller is on the machine of its seller, beside all other rows of that seller. Few tables are copied to every
machine, as rows of all sellers refer to them or pages look through them for a user. All others are on the coordinator.
"""

from __future__ import annotations

import enum

from django.apps import apps
from django.db import models

OURS = "lostpost"
EVERYWHERE = ("seller", "policyversion", "silentfeed", "member")  # Small, seldom changed; referred to first.


class Placement(enum.Enum):
    """How Citus keeps a table."""

    DISTRIBUTED = "distributed"  # By seller_id.
    REFERENCE = "reference"  # Copied to every machine.
    LOCAL = "local"  # On the coordinator alone.


def placement_of(model: type[models.Model]) -> Placement:
    """Return where the table of a model is, or of what it was at a migration."""
    meta = model._meta
    if meta.app_label == OURS and meta.model_name in EVERYWHERE:
        return Placement.REFERENCE
    if any(field.column == "seller_id" for field in meta.concrete_fields):
        return Placement.DISTRIBUTED
    return Placement.LOCAL


def tables_placed(placement: Placement) -> list[str]:
    """Name the tables of Lostpost that are placed so, by name; what is everywhere in the order in which it refers."""
    models = list(apps.get_app_config(OURS).get_models())
    if placement is Placement.REFERENCE:
        return [apps.get_model(OURS, name)._meta.db_table for name in EVERYWHERE]
    return sorted(model._meta.db_table for model in models if placement_of(model) is placement)
