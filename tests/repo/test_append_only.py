"""Tables of which no code changes or deletes a row are named as append-only, so that the database holds it."""

from __future__ import annotations

import re

from django.apps import apps

from lostpost.management.application_role import APPEND_ONLY
from tests.repo.test_layers import FILES, SQL_FILES

SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in [*FILES, *SQL_FILES] if "migrations" not in path.parts)
CHANGED_OTHERWISE = {  # By statements in which no name of the table or the model stands.
    "Seller": "a row that is there is updated by the insertion of put_seller",
    "AnswerDay": "a counter of a day",
    "WriteOffDay": "a counter of a day",
    "ClosingBalance": "added up again: a conflict that updates, spelled beside its insertion",
    "NoticeChoices": "saved by its own command",
    "DeskNoticeChoices": "saved by its own command",
    "WriteOffBatch": "saved by its own commands",
    "CarrierName": "the operator may change what a name means: update_or_create",
    "ScanCode": "the operator may change what a code means: update_or_create",
    "SilentFeed": "lifted and ended by its own commands",
}


def changed_in(source: str) -> set[str]:
    """Name what code updates or deletes rows of: tables by their names in SQL, models by their managers."""
    by_sql = re.findall(r"\b(?:UPDATE|DELETE FROM)\s+(\w+)", source)
    by_manager = [
        match[1]
        for match in re.finditer(r"\b(\w+)\.objects\b", source)
        if re.search(r"\.(update|delete)\(", "\n".join(source[match.end() :][:2000].split("\n")[:5]))
    ]
    by_insertion = [
        match[1]
        for match in re.finditer(r"insertion\((\w+)\b", source)
        if "DO UPDATE" in source[match.end() : match.end() + 609]
    ]
    return {*by_sql, *by_manager, *by_insertion}


def test_what_nothing_changes_is_held_by_the_database():
    models = {model.__name__: model for model in apps.get_app_config("lostpost").get_models()}
    changed = changed_in(SOURCE)
    unchanged = {name for name, model in models.items() if not changed & {name, model._meta.db_table}}
    named = {model.__name__ for model in APPEND_ONLY}

    assert unchanged - named == set(CHANGED_OTHERWISE), "name them in APPEND_ONLY, or say how their rows change"
    assert "lostpost_order" in changed
    assert not changed_in("Order.objects.filter()")
    assert changed_in("Order.objects\n.filter(a=1)\n.delete()\nDELETE FROM b\ninsertion(C, DO UPDATE)") == {
        "Order",
        "b",
        "C",
    }
