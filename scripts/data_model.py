"""Write docs/data-model.md from the models: what is kept, and what belongs to what."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lostpost.config.settings")
os.environ.setdefault("LOSTPOST_SECRET_KEY", "not-needed-to-read-models")
WRITTEN = Path(__file__).resolve().parent.parent / "docs" / "data-model.md"
HEAD = """# Data model

Made from the models by `make data-model`; a test holds it. Every row of a seller carries the seller's id, and every
relation between such rows carries it too, so that no row can point into another shop and the tables can be distributed
by seller.

"""


def document() -> str:
    """Spell the page: a picture of the relations, then a table of each package's models."""
    django.setup()
    from django.apps import apps
    from django.db.models import Model

    from lostpost.core.ownership import OwnedForeignKey

    models: list[type[Model]] = sorted(apps.get_app_config("lostpost").get_models(), key=lambda model: model.__name__)
    packages: dict[str, list[type[Model]]] = defaultdict(list)
    relations = []
    for model in models:
        packages[model.__module__.split(".")[1]].append(model)
        for constraint in model._meta.constraints:
            if isinstance(constraint, OwnedForeignKey):
                one = "|o" if model._meta.get_field(constraint.columns[1]).null else "||"
                name = constraint.columns[1].removesuffix("_id")
                relations.append(f"    {model.__name__} }}o--{one} {constraint.to} : {name}")
    picture = "\n".join(["```mermaid", "erDiagram", *sorted(relations), "```"])
    tables = []
    for package in sorted(packages):
        tables.append(f"## {package}\n\n| model | what | columns |\n|---|---|---|")
        for model in packages[package]:
            what = (model.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ").replace("    ", "")
            columns = ", ".join(f"`{field.column}`" for field in model._meta.concrete_fields if field.column)
            tables[-1] += f"\n| `{model.__name__}` | {what} | {columns} |"
    return HEAD + picture + "\n\n" + "\n\n".join(tables) + "\n"


if __name__ == "__main__":
    WRITTEN.write_text(document(), encoding="utf-8")
    print(f"Wrote {WRITTEN.relative_to(WRITTEN.parent.parent)}.")
