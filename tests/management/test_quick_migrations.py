"""Constraints and indexes change on the class that there is; tests/repo/test_schema.py asks for each of them."""

from __future__ import annotations

from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from lostpost.management.quick_migrations import options_changed_in_place

POSITIVE = models.CheckConstraint(condition=models.Q(size__gt=0), name="size_positive")
SMALL = models.CheckConstraint(condition=models.Q(size__lt=9), name="size_small")
BY_SIZE = models.Index(fields=["size"], name="by_size")


def boxes() -> ProjectState:
    """Return a state with a model and one that is related to it, both made."""
    state = ProjectState()
    key = models.AutoField(primary_key=True)
    state.add_model(ModelState("yard", "Box", [("id", key), ("size", models.IntegerField())]))
    box = models.ForeignKey("yard.Box", models.CASCADE)
    state.add_model(ModelState("yard", "Label", [("id", models.AutoField(primary_key=True)), ("box", box)]))
    assert state.apps.ready
    return state


def test_a_constraint_and_an_index_come_and_go_and_no_class_is_made_again():
    state = boxes().clone()  # As Django does before each operation: its classes know the registry before it.
    before = dict(state.apps.all_models["yard"])
    with options_changed_in_place():
        state.add_constraint("yard", "box", POSITIVE)
        state.add_constraint("yard", "box", SMALL)
        state.add_index("yard", "box", BY_SIZE)
        state.remove_constraint("yard", "box", "size_positive")
    made, later = state.apps.get_model("yard", "Box"), state.clone()

    assert state.apps.all_models["yard"] == before
    assert (made._meta.constraints, made._meta.indexes) == ([SMALL], [BY_SIZE])
    assert (state.models["yard", "box"].options["constraints"], made._meta.apps) == ([SMALL], state.apps)
    assert later.models["yard", "box"].options["indexes"] == [BY_SIZE]


def test_the_classes_made_from_the_state_later_have_the_same():
    state = boxes()
    with options_changed_in_place():
        state.add_constraint("yard", "box", SMALL)
        state.add_index("yard", "box", BY_SIZE)
    del state.__dict__["apps"]
    made = state.apps.get_model("yard", "Box")
    assert (made._meta.constraints, made._meta.indexes) == ([SMALL], [BY_SIZE])


def test_outside_of_a_migration_django_does_as_ever():
    state = boxes()
    before = state.apps.get_model("yard", "Box")
    with options_changed_in_place():
        pass
    state.add_constraint("yard", "box", SMALL)
    assert state.apps.get_model("yard", "Box") is not before
