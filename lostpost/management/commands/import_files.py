"""`lostpost import`: put in orders, parcels, returns and scans from CSV files."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lostpost.accounts.policy import current_policy
from lostpost.core.readiness import waiting_migrations
from lostpost.imports.check import CheckedFiles, check_files
from lostpost.imports.problem import Unreadable
from lostpost.imports.put_files import put_files
from lostpost.imports.report import left_out_lines, problem_lines, summary_lines
from lostpost.imports.shift import days_until_today

KINDS = "orders.csv, parcels.csv, returns.csv, scans.csv, sellers.csv"


class Command(BaseCommand):
    """Exit status 0 if everything was imported or existed already, 1 if anything was left out."""

    help = (
        "Check CSV files, and put in what is right. Doing it again changes nothing. docs/importing.md has the columns."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Show the command's name: a module cannot be called `import`."""
        return super().create_parser(prog_name, "import", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the files."""
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="PATH", help=f"a folder with {KINDS} (not all are needed), or a file"
        )
        parser.add_argument("--shift-to-now", action="store_true", help="move all by whole days: the newest is today")
        parser.add_argument("--dry-run", action="store_true", help="check the files and stop there")

    def handle(self, *, paths: list[Path], shift_to_now: bool, dry_run: bool, **options: Any) -> None:
        """Check, import, report."""
        if unapplied := waiting_migrations():
            raise CommandError(f"{len(unapplied)} migrations are waiting, {unapplied[0]} first. Run: lostpost migrate")
        now = timezone.now()
        try:
            checked = check_files(paths, now=now)
        except Unreadable as error:
            self.print_problems([str(error.problem), "Nothing went in: the files belong together."])
            sys.exit(1)
        self.print_problems([*problem_lines(checked.problems), *left_out_lines(checked.left_out)])
        if dry_run:
            self.print_dry_run(checked)
        else:
            days = days_until_today(checked, now=now, zone=current_policy().zone) if shift_to_now else 0
            if shift_to_now:
                self.stdout.write(f"Everything is moved by {days:,} days.")
            result = put_files(checked, days=days, now=now)
            self.print_problems([*problem_lines(result.problems), *left_out_lines(result.left_out)])
            for line in summary_lines(result.counts, [*checked.left_out, *result.left_out]):
                self.stdout.write(line)
            checked.problems.count += result.problems.count
        if checked.problems:
            sys.exit(1)

    def print_problems(self, lines: Iterable[str]) -> None:
        """Write to the operator what is wrong."""
        for line in lines:
            self.stderr.write(line)

    def print_dry_run(self, checked: CheckedFiles) -> None:
        """Report what would have been imported."""
        may = sum(lot.bundle.order is not None for lot in checked.lots)
        may_not = sum(lot.bundle.order is not None for lot in checked.left_out)
        self.stdout.write(f"{may:,} order{'s' * (may != 1)} may go in, {may_not:,} may not. Nothing was put in.")
