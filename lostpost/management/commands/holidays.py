"""`lostpost holidays`: a country's public holidays, on which no clock runs: shown, taken from a year or a file."""

import csv
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lostpost.core.errors import Rejected
from lostpost.core.text import strip_unstorable
from lostpost.customer_queries.free_days import FreeDays, current_free_days, days_that_come_along
from lostpost.customer_queries.models import HolidayList
from lostpost.customer_queries.put_holidays import put_holidays

LARGEST_FILE = 1024 * 1024
_YEARS = range(2000, 2100)


class Command(BaseCommand):
    """Without an option, the country's holidays of this year and the next are shown."""

    help = "Show or change a country's public holidays, on which no clock of customer queries runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the country, and where its days come from."""
        parser.add_argument("country", help="two letters, such as NL")
        ways = parser.add_mutually_exclusive_group()
        ways.add_argument(
            "--take", nargs="+", type=int, metavar="YEAR", help="freeze the days of these years that come along"
        )
        ways.add_argument("--file", type=Path, help="CSV without a heading: 2026-04-06,Easter Monday; whole years")
        parser.add_argument("--by", default="the operator", help="who decides; stands beside the list")

    def handle(self, *, country: str, take: list[int] | None, file: Path | None, by: str, **options: Any) -> None:
        """Put a list in, or show the newest."""
        country = country.upper()
        if len(country) != 2 or not country.isascii() or not country.isalpha():
            raise CommandError(f"“{country}” is no country; write its two letters, such as NL.")
        if not (take or file):
            self.show(current_free_days(country))
            return
        try:
            days, source = _of_file(file) if file else _of_years(country, take or [])
            row = put_holidays(country=country, days=days, source=source, by=strip_unstorable(by), now=timezone.now())
        except (Rejected, OSError) as problem:
            raise CommandError(f"{problem}\nThe list stays as it is.") from None
        self.stdout.write(f"List {row.version} of {country} counts from now on: {len(row.days)} days.")
        self.stdout.write("Deadlines that customers were given before stay as they are.")

    def show(self, free_days: FreeDays) -> None:
        """Print the days of this year and the next, with the version of the list."""
        row = HolidayList.objects.filter(country=free_days.country, version=free_days.version).first()
        if row:
            self.stdout.write(f"List {row.version} of {row.country}, {row.decided_at:%Y-%m-%d} ({row.decided_by})")
            self.stdout.write(f"  from {row.source}")
        else:
            self.stdout.write("Nobody has put in a list: those days count that come along.")
        year = timezone.localdate().year
        for each in (year, year + 1):
            listed = {day: free_days.name_on(day, "en") for day in free_days.listed if day.year == each}
            along = {day: names["en"] for day, names in days_that_come_along(free_days.country, each).items()}
            for day, name in sorted((listed or along).items()):
                self.stdout.write(f"  {day:%a %Y-%m-%d} {name}")


def _of_years(country: str, years: list[int]) -> tuple[dict[date, dict[str, str]], str]:
    if wrong := [year for year in years if year not in _YEARS]:
        raise CommandError(f"{wrong[0]} is no year of a list; give years from {_YEARS[0]} to {_YEARS[-1]}.")
    days = {day: names for year in years for day, names in days_that_come_along(country, year).items()}
    return days, "those that come along"


def _of_file(file: Path) -> tuple[Mapping[date, dict[str, str]], str]:
    if file.stat().st_size > LARGEST_FILE:
        raise CommandError(f"{file.name} is larger than 1 MiB; no list of holidays is.")
    days: dict[date, dict[str, str]] = {}
    try:
        rows = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise CommandError(f"{file.name} is no CSV in UTF-8: {problem}") from None
    for number, row in enumerate(rows, start=1):
        try:
            day, name = date.fromisoformat(row[0].strip()), strip_unstorable(row[1].strip())
        except (IndexError, ValueError):
            raise CommandError(
                f"{file.name}, line {number}: write the day and its name, 2026-04-06,Easter Monday."
            ) from None
        if day in days:
            raise CommandError(f"{file.name}, line {number}: {day} stands there twice.")
        days[day] = {"": name}
    return days, file.name
