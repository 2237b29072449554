"""The periods that sales invoices are about: calendar days in the marketplace's time zone, each in exactly one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lostpost.accounts.invoice_cadence import CadenceFrom, cadence_on
from lostpost.accounts.models import Seller

MONTHLY, TWICE_A_MONTH = Seller.Cadence.MONTHLY.value, Seller.Cadence.TWICE_A_MONTH.value
RESERVE_DAYS = 7  # At the end of a period, where there are two a month: reserved for corrections by the next one.
SECOND_HALF_FROM = 15  # Day of the month.

_NAME = re.compile(r"(\d{4})-(\d\d)(?:-([12]))?", re.ASCII)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A month or a half of one."""

    cadence: str
    from_on: date
    to_on: date  # Its last day.
    cut_off_at: datetime  # What happened before is invoiced; what comes after waits for the next one.
    name: str  # "2026-10", or "2026-10-1" and "2026-10-2".
    ends_at: datetime  # From here on it can be invoiced.


def period_on(day: date, cadence: str, zone: ZoneInfo) -> Period:
    """Return the period that holds the day."""
    first, following = day.replace(day=1), (day.replace(day=28) + 4 * _ONE_DAY).replace(day=1)
    name, reserve = f"{day:%Y-%m}", timedelta(0)
    if cadence == TWICE_A_MONTH:
        half, reserve = first.replace(day=SECOND_HALF_FROM), timedelta(days=RESERVE_DAYS)
        if day < half:
            following, name = half, f"{name}-1"
        else:
            first, name = half, f"{name}-2"
    return Period(
        cadence=cadence,
        from_on=first,
        to_on=following - _ONE_DAY,
        cut_off_at=_begin(following - reserve, zone),
        name=name,
        ends_at=_begin(following, zone),
    )


def period_named(name: str, cadence: str, zone: ZoneInfo) -> Period:
    """Return the period of that name.

    Raises: ValueError with a sentence if it is no name, or one of another cadence.
    """
    day, cadence_of_period = _day_and_cadence(name)
    if cadence_of_period != cadence:
        example = "2026-10" if cadence == MONTHLY else "2026-10-1"
        raise ValueError(f"{name} is no period of a shop that is invoiced {cadence}; write one such as {example}.")
    return period_on(day, cadence, zone)


def cadence_of_name(name: str) -> str:
    """Return the cadence whose periods are named so. Raises: ValueError with a sentence."""
    return _day_and_cadence(name)[1]


def period_of_shop(history: Sequence[CadenceFrom], day: date, zone: ZoneInfo) -> Period:
    """Return the period that holds the day, for a shop with these cadences."""
    return period_on(day, cadence_on(history, day), zone)


def period_before(period: Period, history: Sequence[CadenceFrom], zone: ZoneInfo) -> Period:
    """Return the shop's period that ends where this one begins."""
    return period_of_shop(history, period.from_on - _ONE_DAY, zone)


def held_days(period: Period, before: Period, zone: ZoneInfo, *, first_at: datetime | None) -> tuple[date, date]:
    """Return the first and the last day of what an invoice holds: from the cut-off of the period before to its own.

    Args: `first_at`: when the first of it happened; what was reported late is of earlier days.
    """
    days = [at.astimezone(zone).date() for at in (before.cut_off_at, first_at) if at is not None]
    return min(days), period.cut_off_at.astimezone(zone).date() - _ONE_DAY


def periods_from(history: Sequence[CadenceFrom], day: date, zone: ZoneInfo) -> Iterator[Period]:
    """Return the shop's periods without end, beginning with the one that holds the day."""
    while True:
        period = period_of_shop(history, day, zone)
        yield period
        day = period.to_on + _ONE_DAY


def _day_and_cadence(name: str) -> tuple[date, str]:
    """Return a day of the named period, and the cadence that has it."""
    match = _NAME.fullmatch(name)
    try:
        if match is None or int(match[1]) < 2000:
            raise ValueError(name)
        month = date(int(match[1]), int(match[2]), 1)
    except ValueError:
        raise ValueError(
            f"{name[:20]!r} is no period; write a month such as 2026-10, or a half of one: 2026-10-1 and 2026-10-2."
        ) from None
    if match[3] is None:
        return month, MONTHLY
    return month.replace(day=1 if match[3] == "1" else SECOND_HALF_FROM), TWICE_A_MONTH


def _begin(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a day, in UTC: instants of one zone compare by their clocks otherwise."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
