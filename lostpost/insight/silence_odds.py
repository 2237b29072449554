"""The odds that a silent parcel still comes, from the marketplace's own scans, by carrier and destination."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Sum

from lostpost.core.sql import fetch
from lostpost.core.text import compact_form
from lostpost.insight.arrival_odds import ArrivalOdds, SilentFor, arrival_odds
from lostpost.tracking.models import SilenceCount

_COUNTED = """
    SELECT carrier_normalised, CASE WHEN country = ANY(%(countries)s) THEN country ELSE '' END AS destination,
           silent_days, end_days, outcome, sum(parcels)::bigint
      FROM lostpost_silencecount
     WHERE carrier_normalised = ANY(%(carriers)s) AND silent_days >= %(days)s
     GROUP BY carrier_normalised, destination, silent_days, end_days, outcome
"""


class OfInterest(NamedTuple):
    """A silent parcel, as far as its odds go; `country`: empty for those of all destinations."""

    carrier: str
    country: str
    silent_days: int


@dataclass(frozen=True, slots=True)
class SilenceOdds:
    """The odds of a parcel, and whose they are: its carrier's to its country, or, where those are too few, to all."""

    carrier: str
    country: str  # Empty: of all destinations.
    odds: ArrivalOdds


def full_days_silent(silent_since: datetime, now: datetime) -> int:
    """Return how many full days a parcel has been silent; a day at least, as nothing shorter is counted."""
    return max(1, (now - silent_since) // timedelta(days=1))


def carriers_counted() -> list[str]:
    """Return the carriers of which anything was counted, as they are compared, the largest first."""
    rows = SilenceCount.objects.exclude(carrier_normalised="").values_list("carrier_normalised", flat=True)
    return list(rows.annotate(counted=Sum("parcels")).order_by("-counted", "carrier_normalised"))


def odds_values(of: SilenceOdds) -> dict[str, Any]:
    """Return odds as JSON values: as the API and the command give them."""
    odds = of.odds
    last = odds.last if odds.known else None
    return {
        "carrier": of.carrier,
        "country": of.country or None,
        "silent_days": odds.silent_days,
        "known": odds.known,
        "parcels": odds.parcels,
        "came": odds.came,
        "returned": odds.returned,
        "within_days": last.day if last else None,
        "share": last.share if last else None,
        "low": last.low if last else None,
        "high": last.high if last else None,
        "half_days": odds.half_days,
    }


def silence_odds(wanted: Iterable[OfInterest]) -> dict[OfInterest, SilenceOdds]:
    """Return the odds of parcels, by their destination where there are enough of it: one statement for all of them."""
    parcels = sorted({parcel for parcel in wanted if parcel.carrier})
    if not parcels:
        return {}
    parameters = {
        "carriers": sorted({compact_form(parcel.carrier) for parcel in parcels}),
        "countries": sorted({parcel.country for parcel in parcels if parcel.country}),
        "days": min(parcel.silent_days for parcel in parcels),
    }
    counts: dict[tuple[str, str], list[SilentFor]] = defaultdict(list)
    for carrier, country, *row in fetch(_COUNTED, parameters):
        counts[carrier, country].append(SilentFor(*row))
    return {parcel: _odds(parcel, counts) for parcel in parcels}


def _odds(parcel: OfInterest, counts: Mapping[tuple[str, str], Sequence[SilentFor]]) -> SilenceOdds:
    carrier = compact_form(parcel.carrier)
    to_country = arrival_odds(counts.get((carrier, parcel.country), ()), silent_days=parcel.silent_days)
    if parcel.country and to_country.known:
        return SilenceOdds(parcel.carrier, parcel.country, to_country)
    of_carrier = (count for (of, _country), some in counts.items() if of == carrier for count in some)
    return SilenceOdds(parcel.carrier, "", arrival_odds(of_carrier, silent_days=parcel.silent_days))
