"""The public holidays of a country, on which no clock runs: of a numbered list, or those that come along.

A list that the marketplace put in counts for the years that it has days of; for others those of the `holidays` package
do, which is version 0. A deadline keeps the version by which it was reckoned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import holidays

from lostpost.customer_queries.models import HolidayList

Names = Mapping[str, str]  # Of a day by language; "" is any language's.
_LANGUAGES = {"nl": "nl", "fr": "fr", "de": "de", "en": "en_US"}  # As the package calls them.


@dataclass(frozen=True, slots=True)
class FreeDays:
    """A country's public holidays by one version of their list."""

    country: str  # ISO 3166-1 alpha-2.
    version: int = 0
    listed: Mapping[date, Names] = field(default_factory=dict)

    def __contains__(self, day: object) -> bool:
        """Whether it is one."""
        if not isinstance(day, date):
            return False
        if any(day.year == each.year for each in self.listed):
            return day in self.listed
        return day in _that_come_along(self.country, "")

    def name_on(self, day: date, language: str) -> str:
        """Return what a holiday is called, in the language if it is known in it."""
        if day in self.listed:
            names = self.listed[day]
            return names.get(language) or names.get("") or next(iter(names.values()))
        return str(_that_come_along(self.country, language).get(day, ""))


def current_free_days(country: str) -> FreeDays:
    """Return the holidays of a country by the newest version of their list."""
    newest = HolidayList.objects.filter(country=country).order_by("-version").first()
    return _read(newest) if newest else FreeDays(country)


def free_days_of_versions(country: str, versions: Iterable[int]) -> dict[int, FreeDays]:
    """Return the holidays of a country by each of these versions; one statement, none for what comes along."""
    wanted = set(versions)
    rows = HolidayList.objects.filter(country=country, version__in=wanted) if wanted - {0} else ()
    return {0: FreeDays(country), **{row.version: _read(row) for row in rows}}


def days_that_come_along(country: str, year: int) -> dict[date, dict[str, str]]:
    """Return the package's holidays of a year with their names; none for a country that it does not know."""
    return {
        day: {language: str(_that_come_along(country, language).get(day, "")) for language in _languages_of(country)}
        for day in sorted(day for day in _of_year(country, year))
    }


def _read(row: HolidayList) -> FreeDays:
    listed = {date.fromisoformat(day): names for day, names in row.days.items()}
    return FreeDays(row.country, row.version, listed)


def _of_year(country: str, year: int) -> list[date]:
    try:
        return list(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return []


def _languages_of(country: str) -> list[str]:
    known = holidays.country_holidays(country).supported_languages
    return [ours for ours, theirs in _LANGUAGES.items() if theirs in known] or ["en"]


@cache
def _that_come_along(country: str, language: str) -> Mapping[date, str]:
    """Return the package's holidays of a country; years are computed on demand."""
    try:
        known = holidays.country_holidays(country).supported_languages
        wanted = next((name for name in (_LANGUAGES.get(language), "en_US") if name in known), None)
        return holidays.country_holidays(country, language=wanted)
    except NotImplementedError:
        return {}
