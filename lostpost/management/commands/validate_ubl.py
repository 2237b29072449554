"""`lostpost validate-ubl`: hold UBL documents against the official rules, and against those of a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Exit status 0 if each document breaks no fatal rule, 1 if one does, 2 if one or the rules cannot be read."""

    help = "Validate UBL invoices and credit notes: the OASIS schemas, EN 16931, and with --rules a folder of others."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the documents, and a folder."""
        parser.add_argument("file", nargs="+", type=Path, metavar="FILE", help="a UBL 2.1 invoice or credit note")
        parser.add_argument(
            "--rules",
            type=Path,
            metavar="FOLDER",
            help="further rules: Schematron (.sch), or compiled into a style sheet that reports in SVRL (.xslt)",
        )

    def handle(self, *, file: list[Path], rules: Path | None, **options: Any) -> None:
        """Write a line for each rule that is broken."""
        from lostpost.connectors.ubl_rules.validate import validate_ubl  # What it needs is there only for this.

        invalid = 0
        for path in file:
            try:
                findings = validate_ubl(path.read_bytes(), rules)
            except (OSError, ValueError) as error:
                raise CommandError(f"{path} {getattr(error, 'strerror', None) or error}", returncode=2) from None
            for each in findings:
                level = "error" if each.is_fatal else "warning"
                self.stdout.write(f"{path}: {level}: {each.rule_set} {each.rule}: {each.text} ({each.location})")
            fatal = sum(each.is_fatal for each in findings)
            self.stdout.write(f"{path}: " + (f"invalid, {fatal} errors" if fatal else "valid"))
            invalid += bool(fatal)
        if invalid:
            raise CommandError(f"{invalid} of {len(file)} documents are invalid.")
