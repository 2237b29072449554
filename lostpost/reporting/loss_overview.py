"""What is lost of what sellers send, by month, carrier, destination and article, beside the rate of all of it.

Parcels are counted by their hand-over, so that those lost are among those sent; of the newest more may be lost yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import sqrt
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from lostpost.core.money import Money
from lostpost.core.ownership import cross_seller
from lostpost.core.sql import fetch, sql_file

MOST_GROUPS = 15  # Of carriers, destinations and articles: those with the most lost.
SILENT_MOST_DAYS = 61  # Of silence that are looked at; older orders are Partnerservice's.
STEPS = (3, 4, 5, 6, 7, 10, 14, 21, 30, 45, SILENT_MOST_DAYS)  # Days of silence at which the next count begins.
_Z = 1.96  # Of a range that holds the true share 95 times in 100.

_PARTS = {"shop": {"of_shop": "parcel.seller_id = %(seller)s"}, "all": {"of_shop": "true"}}
_RATES = {of: sql_file(__name__, "loss_rates", **parts) for of, parts in _PARTS.items()}
_AMOUNTS = {
    "shop": sql_file(__name__, "loss_amounts", of_shop="write_off.seller_id = %(seller)s"),
    "all": sql_file(__name__, "loss_amounts", of_shop="true"),
}
_SILENCES = {
    "shop": sql_file(__name__, "silences_now", of_shop="seller_id = %(seller)s"),
    "all": sql_file(__name__, "silences_now", of_shop="true"),
}
_ARTICLES = sql_file(__name__, "losses_by_article")


@dataclass(frozen=True, slots=True)
class LossShare:
    """Parcels that were sent and those of them of which anything was written off, with what that came to."""

    name: str  # Of a carrier, a country (ISO 3166), an article; empty where it has none, and of all.
    sent: int
    lost: int
    month: date | None = None  # The first day of that of the hand-over.
    amounts: Sequence[Money] = field(default=())  # By currency; none of articles.

    @property
    def share(self) -> float:
        """Which share of them was lost; 0 where none was sent."""
        return self.lost / self.sent if self.sent else 0.0

    @property
    def likely(self) -> tuple[float, float]:
        """Between what the true share likely is (95 %, Wilson's interval, right for small numbers too)."""
        if not self.sent:
            return 0.0, 1.0
        n, share = self.sent, self.share
        middle, scale = share + _Z**2 / (2 * n), 1 + _Z**2 / n
        reach = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
        return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)

    def differs_from(self, base: LossShare) -> int:
        """Return 1 where it is higher than another share and chance does not explain that, -1 where lower, else 0."""
        low, high = self.likely
        return (low > base.share) - (high < base.share)


@dataclass(frozen=True, slots=True)
class LossOverview:
    """Shares of lost parcels since a moment."""

    all: LossShare
    months: list[LossShare]  # Each since the first with a parcel, those without one too.
    carriers: list[LossShare]
    countries: list[LossShare]


@dataclass(frozen=True, slots=True)
class SilentCount:
    """How many parcels have been silent for so many full days, the first and the last of them counted in."""

    from_days: int
    to_days: int
    parcels: int


def first_month(now: datetime, zone: ZoneInfo, *, months: int) -> datetime:
    """Return when the first of the last months begins, the present one counted in."""
    today = now.astimezone(zone)
    at = today.year * 12 + today.month - months
    return datetime(at // 12, at % 12 + 1, 1, tzinfo=zone)


def loss_overview(*, since: datetime, now: datetime, zone: ZoneInfo, seller_id: UUID | None = None) -> LossOverview:
    """Return the losses of a shop, or of all shops, of parcels handed over since then: two statements.

    Args: `since`: the begin of a month of the zone.
    """
    of, parameters = _whose(seller_id)
    parameters |= {"since": since, "zone": zone.key}
    with nullcontext() if seller_id else cross_seller("losses by month, carrier and destination of all shops"):
        counted, added = fetch(_RATES[of], parameters), fetch(_AMOUNTS[of], parameters)
    amounts: dict[tuple[str, Any], list[Money]] = defaultdict(list)
    for by, month, carrier, country, currency, minor in added:
        amounts[by, _key(by, month, carrier, country)].append(Money(minor, currency))
    groups: dict[str, dict[Any, LossShare]] = defaultdict(dict)
    for by, month, carrier, name, country, sent, lost in counted:
        key = _key(by, month, carrier, country)
        shown = {"carrier": name, "country": country}.get(by) or ""
        groups[by][key] = LossShare(shown, sent, lost, month, amounts[by, key])
    return LossOverview(
        groups["all"].get(None) or LossShare("", 0, 0),
        _each_month(groups["month"], since.astimezone(zone).date(), now.astimezone(zone).date()),
        _most_lost(groups["carrier"]),
        _most_lost(groups["country"]),
    )


def losses_by_article(seller_id: UUID, *, since: datetime) -> list[LossShare]:
    """Return the articles of a shop of which the most parcels were lost."""
    rows = fetch(_ARTICLES, {"seller": seller_id, "since": since, "most": MOST_GROUPS})
    return [LossShare(title, sent, lost) for title, sent, lost in rows]


def silences_now(*, now: datetime, seller_id: UUID | None = None) -> list[SilentCount]:
    """Return how many parcels of a shop, or of all, are silent now, by days of silence."""
    of, parameters = _whose(seller_id)
    parameters |= {"now": now, "silent_from": now - timedelta(days=SILENT_MOST_DAYS)}
    with nullcontext() if seller_id else cross_seller("silent parcels of all shops, counted"):
        counted = fetch(_SILENCES[of], parameters)
    return [
        SilentCount(start, end - 1, sum(parcels for days, parcels in counted if start <= days < end))
        for start, end in pairwise(STEPS)
    ]


def _whose(seller_id: UUID | None) -> tuple[str, dict[str, Any]]:
    return ("shop", {"seller": seller_id}) if seller_id else ("all", {})


def _key(by: str, month: date, carrier: str, country: str) -> date | str | None:
    keys: dict[str, date | str] = {"month": month, "carrier": carrier, "country": country}
    return keys.get(by)


def _each_month(groups: Mapping[date, LossShare], first: date, last: date) -> list[LossShare]:
    """Return every month from the first day to the last, in order, from the first in which anything was sent."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    months = [date(first.year + at // 12, at % 12 + 1, 1) for at in range(first.month - 1, first.month - 1 + count)]
    begun = min(groups, default=first)
    return [groups.get(month) or LossShare("", 0, 0, month) for month in months if month >= begun]


def _most_lost(groups: Mapping[Any, LossShare]) -> list[LossShare]:
    """Return the groups with the most lost; where as many were lost, those of which the fewest were sent first."""
    return sorted(groups.values(), key=lambda it: (-it.lost, it.sent, it.name))[:MOST_GROUPS]
