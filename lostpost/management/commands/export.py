"""`lostpost export`: write scans, decisions and outcomes as Parquet files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lostpost.core.errors import Refused

NEEDED = "The history needs DuckDB. Install it with: pip install 'lostpost[history]'"


class Command(BaseCommand):
    """Writes what is new, and what of the last months may have changed; safe to break off and repeat."""

    help = "Write the history (scans, parcels, decisions and outcomes, without names) as Parquet files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where to."""
        parser.add_argument("folder", nargs="?", type=Path, help="default: LOSTPOST_HISTORY")

    def handle(self, **options: Any) -> None:
        """Print each file once it is in the list."""
        folder = history_folder(options["folder"])
        from lostpost.history.export_history import export_history

        files = rows = 0
        try:
            for file in export_history(folder, now=timezone.now()):
                files, rows = files + 1, rows + file.rows
                if file.rows:
                    self.stdout.write(f"{file.path}: {file.rows} rows")
        except (Refused, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{rows} rows in {files} new files; all of them are listed in {folder / 'manifest.json'}")


def history_folder(given: Path | None) -> Path:
    """Return the folder of the history. Raises: CommandError where none is named, or nothing can read it."""
    folder: Path | None = given.expanduser().resolve() if given else settings.HISTORY
    if folder is None:
        raise CommandError("Name a folder, or set LOSTPOST_HISTORY.")
    try:
        import duckdb  # noqa: F401  Only whether it is there.
    except ImportError as error:
        raise CommandError(NEEDED) from error
    return folder
