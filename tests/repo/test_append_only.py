"""Tables of which no code changes or deletes a row are named as append-only, so that the database holds it."""

from __future__ import annotations

import re

from django.apps import apps
from django.db.models import Model

from lostpost.management.application_role import APPEND_ONLY
from tests.repo.test_layers import FILES, SQL_FILES

SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in [*FILES, *SQL_FILES] if "migrations" not in path.parts)
CHANGED_OTHERWISE = {  # By statements in which no name of the table or the model stands.
    "Seller": "a row that is there is updated by the insertion of put_seller",
    "AnswerDay": "a counter of a day",
    "WriteOffDay": "a counter of a day",
    "NoticeChoices": "saved by its own command",
    "DeskNoticeChoices": "saved by its own command",
    "WriteOffBatch": "saved by its own commands",
    "ScanCode": "the operator may change what a code means: update_or_create",
}


def is_changed(model: type[Model], source: str = SOURCE) -> bool:
    """Whether code updates or deletes rows of a table, by its name in SQL or by the model's manager."""
    table, name = model._meta.db_table, model.__name__
    by_sql = rf"(UPDATE|DELETE FROM)\s+{table}\b"
    by_manager = rf"\b{name}\.objects\b[^\n]*(\n[^\n]*){{0,4}}?\.(update|delete)\("
    by_insertion = rf"insertion\({name}\b(.|\n){{0,600}}?DO UPDATE"
    return any(re.search(pattern, source) for pattern in (by_sql, by_manager, by_insertion))


def test_what_nothing_changes_is_held_by_the_database():
    models = {model.__name__: model for model in apps.get_app_config("lostpost").get_models()}
    unchanged = {name for name, model in models.items() if not is_changed(model)}
    named = {model.__name__ for model in APPEND_ONLY}

    assert unchanged - named == set(CHANGED_OTHERWISE), "name them in APPEND_ONLY, or say how their rows change"
    assert is_changed(models["Order"])
    assert not is_changed(models["Order"], source="Order.objects.filter()")
