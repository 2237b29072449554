"""Helpers to check files and to read the outcome."""

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
    """Return the problems as the operator reads them, without the folder."""
    return [str(problem).removeprefix(f"{folder}/") for problem in checked(folder).problems.first]


def accepted_lots(files: CheckedFiles) -> list[str]:
    return sorted(lot.name for lot in files.lots)


def left_out_lots(files: CheckedFiles) -> list[str]:
    return sorted(lot.name for lot in files.left_out)


def unreadable(*paths: Path) -> str:
    with pytest.raises(Unreadable) as caught:
        checked(*paths)
    return str(caught.value.problem)
