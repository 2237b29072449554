"""What the radar's pages of shops and of the desk offer to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from lostpost.insight.radar import QUERIES, STATES, RadarFilters, RadarParcel
from lostpost.insight.silence_odds import OfInterest, SilenceOdds, full_days_silent, silence_odds
from lostpost.texts.worklist import RADAR_QUERIES


def odds_of_rows(parcels: Sequence[RadarParcel], now: datetime) -> dict[UUID, SilenceOdds | None]:
    """Return the odds that each parcel still comes, in one statement; None where nobody scans it."""
    wanted = {
        parcel.id: OfInterest(parcel.carrier, parcel.customer_country, full_days_silent(parcel.silent_since, now))
        for parcel in parcels
        if parcel.tracking_number
    }
    odds = silence_odds(wanted.values())
    return {parcel.id: odds.get(wanted[parcel.id]) if parcel.id in wanted else None for parcel in parcels}


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
