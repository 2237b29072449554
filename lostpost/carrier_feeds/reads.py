"""Reads of carriers' feeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from lostpost.carrier_feeds.models import CarrierFeed, SilentFeed
from lostpost.eligibility.facts import FeedFact


@dataclass(frozen=True, slots=True)
class ShownFeed:
    """A carrier's feed as pages and programs get it; `silent`: its silence, while that goes on."""

    feed: CarrierFeed
    silent: SilentFeed | None


def carrier_feeds() -> list[ShownFeed]:
    """Return the feeds of all carriers, those first that need somebody, then the largest."""
    silent = {row.carrier_normalised: row for row in SilentFeed.objects.filter(ended_at=None)}
    places = {state: place for place, state in enumerate(CarrierFeed.State.values)}
    feeds = CarrierFeed.objects.exclude(checked_at=None)
    shown = [ShownFeed(feed, silent.get(feed.carrier_normalised)) for feed in feeds]
    return sorted(
        shown, key=lambda each: (each.silent is None, places[each.feed.state], -each.feed.usual_week, each.feed.carrier)
    )


def silent_feeds() -> list[SilentFeed]:
    """Return the silences that go on, the oldest first."""
    return list(SilentFeed.objects.filter(ended_at=None).order_by("since"))


def past_silences(*, most: int) -> list[SilentFeed]:
    """Return silences that ended, the newest first."""
    return list(SilentFeed.objects.exclude(ended_at=None).order_by("-found_at")[:most])


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
