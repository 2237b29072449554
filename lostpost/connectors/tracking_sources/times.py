"""When a carrier scanned, as sources write it: the latest time that it can have been.

Sources write local times without an offset, local times labelled as UTC, and midnight where only the day is known.
Silence counts from the latest of these readings, so that no parcel is given up too early.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo

import iso3166

from lostpost.core.clock import EARLIEST, LATEST
from lostpost.eligibility.facts import TimeCertainty

_END_OF_DAY = time(23, 59, 59)


class ReadTime(NamedTuple):
    """An aware instant, with the carrier's own offset where that is known, and how certain it is."""

    at: datetime
    certainty: TimeCertainty


def latest_reading(written: str, *, country: str, zone: ZoneInfo, labels_local_as_utc: bool = False) -> ReadTime | None:
    """Return the latest instant that a time can stand for; None if it is none, or in a year that no parcel saw.

    Args: `country`: of the scan, ISO 3166 (two letters or three), empty where nobody says; then `zone` stands for it.
    `labels_local_as_utc`: the source writes `Z` on everything, local times too.
    """
    try:
        instant = datetime.fromisoformat(written.strip())
    except ValueError:
        return None
    if not EARLIEST.year < instant.year < LATEST.year:
        return None
    offset = instant.utcoffset()
    day_only = instant.time() == time.min
    local = instant.replace(tzinfo=None)
    if day_only:
        local = datetime.combine(local.date(), _END_OF_DAY)
    if offset is not None and not (labels_local_as_utc and not offset):
        certainty = TimeCertainty.DAY_ONLY if day_only else TimeCertainty.EXACT
        return ReadTime(local.replace(tzinfo=instant.tzinfo), certainty)
    zones = zones_of_country(country) or (zone,)
    readings = [local.replace(tzinfo=each, fold=fold) for each in zones for fold in (0, 1)]
    if offset is not None:
        readings.append(local.replace(tzinfo=UTC))
    latest = max(readings, key=lambda reading: reading.astimezone(UTC))
    return ReadTime(latest, TimeCertainty.DAY_ONLY if day_only else TimeCertainty.OFFSET_ASSUMED)


def zones_of_country(country: str) -> tuple[ZoneInfo, ...]:
    """Return the time zones of a country; none where it is not known."""
    code = country.strip().upper()
    if len(code) == 3:
        known = iso3166.countries_by_alpha3.get(code)
        code = known.alpha2 if known else ""
    return tuple(ZoneInfo(name) for name in _zone_names().get(code, ()))


@cache
def _zone_names() -> dict[str, list[str]]:
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    names: dict[str, list[str]] = {}
    for line in table.splitlines():
        if not line.startswith("#"):
            code, _place, name, *_comment = line.split("\t")
            names.setdefault(code, []).append(name)
    return names
