"""What the radar's pages of shops and of the desk offer to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from lostpost.core.text import compact_form
from lostpost.insight.radar import QUERIES, STATES, RadarFilters, RadarParcel
from lostpost.insight.silence_odds import OfInterest, SilenceOdds, full_days_silent, silence_odds
from lostpost.texts.worklist import RADAR_QUERIES


@dataclass(frozen=True, slots=True)
class ListedOdds:
    """The odds of some parcels of a page, and the name of their place below the list."""

    anchor: str
    of: SilenceOdds


def odds_of_rows(parcels: Sequence[RadarParcel], now: datetime) -> dict[UUID, ListedOdds]:
    """Return the odds that parcels still come, in one statement, as far as they are known; many have the same."""
    wanted = {
        parcel.id: OfInterest(parcel.carrier, parcel.customer_country, full_days_silent(parcel.silent_since, now))
        for parcel in parcels
        if parcel.tracking_number
    }
    odds = silence_odds(wanted.values())
    listed: dict[tuple[str, str, int], ListedOdds] = {}
    found = {}
    for parcel_id, interest in wanted.items():
        of = odds.get(interest)
        if of and of.odds.known:
            key = compact_form(of.carrier), of.country, of.odds.silent_days
            found[parcel_id] = listed.setdefault(key, ListedOdds(f"odds-{len(listed) + 1}", of))
    return found


def listed_once(odds: Mapping[UUID, ListedOdds]) -> list[ListedOdds]:
    """Return the odds of a page's parcels, each once, in the order of their places."""
    return list({each.anchor: each for each in odds.values()}.values())


def radar_choices(filters: RadarFilters, **others: str) -> dict[str, Any]:
    """Return the filters with the links to each state. Args: `others`: what else stands in the address."""
    return {
        "filters": filters,
        "states": [
            {"state": state, "url": f"?{urlencode({**filters.values(), **others, 'state': state})}"} for state in STATES
        ],
        "queries": [(query, RADAR_QUERIES[query]) for query in QUERIES],
        "show_all": f"?{urlencode({'state': filters.state, **others})}",
    }
