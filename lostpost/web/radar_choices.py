"""What the radar's pages of shops and of the desk offer to choose from."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from lostpost.insight.radar import QUERIES, STATES, RadarFilters
from lostpost.texts.worklist import RADAR_QUERIES


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
