"""Check files as the command does, and read what came of it as the operator does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lostpost.imports.check import CheckedFiles, check_files
from lostpost.imports.problem import Unreadable

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def checked(*paths: Path) -> CheckedFiles:
    return check_files(paths, now=NOW)


def problems(folder: Path) -> list[str]:
    """Tell the problems as the operator reads them, with the folder left out."""
    return [str(problem).removeprefix(f"{folder}/") for problem in checked(folder).problems.first]


def goes_in(found: CheckedFiles) -> list[str]:
    return sorted(lot.name for lot in found.lots)


def stays_out(found: CheckedFiles) -> list[str]:
    return sorted(lot.name for lot in found.left_out)


def unreadable(*paths: Path) -> str:
    with pytest.raises(Unreadable) as caught:
        checked(*paths)
    return str(caught.value.problem)
