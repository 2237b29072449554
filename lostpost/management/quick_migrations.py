"""Migrations that change a constraint or an index do not make the classes of all models again.

For each such operation, Django makes the class of the model again, and of all models related to it, which here are
nearly all: half of the time of migrating an empty database. Neither operation changes a field or a relation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.db.migrations.state import ProjectState

CHANGES = ("add_constraint", "remove_constraint", "alter_constraint", "add_index", "remove_index", "rename_index")


@contextmanager
def options_changed_in_place() -> Iterator[None]:
    """Let the operations on constraints and indexes change the options of the class that there is.

    The state before the operation shares the class; PostgreSQL's operations take what was before from the state of the
    model, not from its class.
    """
    changes = {name: getattr(ProjectState, name) for name in CHANGES}
    for name, change in changes.items():
        setattr(ProjectState, name, _in_place(change))
    try:
        yield
    finally:
        for name, change in changes.items():
            setattr(ProjectState, name, change)


def _in_place(change: Callable[..., None]) -> Callable[..., None]:
    @wraps(change)
    def changed(state: ProjectState, app_label: str, model_name: str, *args: Any) -> None:
        rendered = state.__dict__.pop("apps", None)  # Without it, there is nothing that Django would make again.
        change(state, app_label, model_name, *args)
        if rendered is None:
            return
        state.__dict__["apps"] = rendered
        options, meta = state.models[app_label, model_name].options, rendered.get_model(app_label, model_name)._meta
        meta.apps = rendered  # A constraint may name a model that came later than the class.
        meta.constraints, meta.indexes = list(options["constraints"]), list(options["indexes"])
        meta.__dict__.pop("total_unique_constraints", None)  # Worked out from the constraints.

    return changed
