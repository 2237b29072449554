"""Reads of carriers' feeds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from lostpost.carrier_feeds.models import SilentFeed
from lostpost.eligibility.facts import FeedFact


def silent_feeds_then(then: datetime) -> Mapping[str, FeedFact]:
    """Return the feeds that were known to be silent at an instant, by the carrier's form in which it is compared."""
    rows = SilentFeed.objects.filter(Q(ended_at=None) | Q(ended_at__gt=then), found_at__lte=then)
    return {row.carrier_normalised: _fact(row, then) for row in rows}


def _fact(row: SilentFeed, then: datetime) -> FeedFact:
    known = [lift for lift in row.lifts if datetime.fromisoformat(lift["at"]) <= then]
    if not known:
        return FeedFact(row.carrier, row.since, row.found_at)
    lift = known[-1]
    until = datetime.fromisoformat(lift["until"])
    return FeedFact(row.carrier, row.since, row.found_at, until, lift["by"], lift["reason"])
