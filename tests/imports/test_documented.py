"""docs/importing.md agrees with the program: its columns, and its example."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lostpost.imports.check import check_files
from lostpost.imports.columns import FORMATS, Format
from tests.imports.writing import order_of

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "importing.md"


def documented(kind: Format) -> dict[str, bool]:
    """Read the columns of a kind from its table, and whether each is required."""
    section = DOCUMENT.read_text(encoding="utf-8").split(f"### {kind.name}.csv")[1].split("\n#")[0]
    columns = {}
    for line in section.splitlines():
        cell = line.split("|")[1] if line.startswith("| ") else ""
        for star, name in re.findall(r"(\*?)`(\w+)`", cell):
            columns[name] = not star
    return columns


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_the_columns_are_documented_as_they_are(kind):
    assert documented(kind) == {column.name: column.default is None for column in kind.columns}


def test_the_example_is_right(tmp_path):
    examples = re.findall(r"```csv\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    for name, text in zip(("orders", "parcels", "scans"), examples, strict=True):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")

    checked = check_files([tmp_path], now=datetime(2026, 3, 10, 12, tzinfo=UTC))

    assert not checked.problems
    (lot,) = checked.lots
    assert len(order_of(lot).items) == 2
    assert len(lot.bundle.scans) == 1
