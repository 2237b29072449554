"""Look at the feeds of all carriers: which fell silent, and which came back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import floor, log10
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from lostpost.carrier_feeds import feed_rate
from lostpost.carrier_feeds.feed_rate import FeedRate, LocalHours, Shortfall, hour_of
from lostpost.carrier_feeds.models import CarrierFeed, HourlyScanCount, SilentFeed
from lostpost.core.sql import execute

LOOKED_AT_AGAIN_AFTER = timedelta(minutes=5)  # Two looks that are closer are one, when it is to be found twice.
FLOWS_AGAIN = 20  # Scans in a day that end a silence of a carrier whose usual rate nobody knows.
_LEAST_CHANCE = 1e-99  # Nobody needs to be surer.


@dataclass(frozen=True, slots=True)
class FeedChange:
    """A feed that fell silent or, with an end, came back."""

    silent: SilentFeed

    @property
    def came_back(self) -> bool:
        """Whether it did."""
        return self.silent.ended_at is not None


@dataclass(frozen=True, slots=True)
class _Look:
    """One carrier with its counts by hour; `rate` is None while it is learned, or too low to tell anything."""

    feed: CarrierFeed
    counts: Mapping[int, int]
    rate: FeedRate | None
    now: datetime
    open: SilentFeed | None

    def received_in_day(self) -> int:
        last = hour_of(self.now)
        return sum(self.counts.get(hour, 0) for hour in range(last - 23, last + 1))

    def expected_in_day(self) -> float:
        last = hour_of(self.now)
        return sum(self.rate.expected(hour) for hour in range(last - 24, last)) if self.rate else 0.0

    @property
    def without_answer(self) -> bool:
        """Whether a connector asks the carrier and had no good answer for too long, nor did a scan come."""
        feed = self.feed
        if feed.answered_at is None:
            return False
        newest = max(feed.answered_at, feed.received_at) if feed.received_at else feed.answered_at
        return self.now - newest > timedelta(seconds=feed.silent_after_seconds)


@transaction.atomic(durable=True)
def watch_feeds(*, zone: ZoneInfo, holidays: Container[date], now: datetime) -> list[FeedChange]:
    """Look at every carrier's feed; return those that fell silent, or came back, since the look before.

    Far fewer scans than usual count once two looks in a row found them. Safe to repeat at any time.

    Args: `zone`, `holidays`: of the marketplace; by them the usual rate of an hour is known.
    """
    execute("SELECT pg_advisory_xact_lock(hashtextextended('carrier feeds', 0))", ())
    last = hour_of(now)
    first = last - feed_rate.NEEDED_HOURS - feed_rate.WEEK
    hours = LocalHours(first, last, zone, holidays)
    counts, silences = _counts(first, now), _silences(first)
    open_ones = {each.carrier_normalised: each for each in SilentFeed.objects.filter(ended_at=None)}
    changes = []
    for feed in CarrierFeed.objects.select_for_update().order_by("carrier_normalised"):
        name = feed.carrier_normalised
        look = _look(feed, counts[name], hours, silences[name], open_ones.get(name), now)
        if change := _settle(look):
            changes.append(change)
        feed.checked_at = now
        feed.save()
    return changes


def _look(
    feed: CarrierFeed,
    counts: Mapping[int, int],
    hours: LocalHours,
    silences: Sequence[SilentFeed],
    open_one: SilentFeed | None,
    now: datetime,
) -> _Look:
    """Learn what is usual for a carrier, and write that on its row."""
    last = hour_of(now)
    learns_from = hour_of(feed.learns_from) if feed.learns_from else last
    silent = frozenset(
        hour
        for each in silences
        for hour in range(hour_of(each.since), hour_of(each.ended_at or now) + 1)
        if hour >= hours.first
    )
    rate = None
    feed.state, feed.usual_week = CarrierFeed.State.LEARNING, 0
    if last - learns_from >= feed_rate.NEW_HOURS:
        until = last - feed_rate.LOOKED_BACK
        rate = feed_rate.learned_rate(counts, hours, until=until, learns_from=learns_from, silent=silent)
        feed.usual_week = round(rate.week)
        if rate.week < feed_rate.LEAST_OF_WEEK:
            feed.state, rate = CarrierFeed.State.TOO_FEW, None
        elif feed_rate.days_are_short(counts, rate, until=last, learns_from=learns_from, silent=silent):
            feed.state = CarrierFeed.State.FEWER
        else:
            feed.state = CarrierFeed.State.STEADY
    look = _Look(feed, counts, rate, now, open_one)
    feed.expected_day, feed.received_day = round(look.expected_in_day()), look.received_in_day()
    return look


def _settle(look: _Look) -> FeedChange | None:
    """Begin or end the silence of a feed, as what is known of it says."""
    feed, now = look.feed, look.now
    short = feed_rate.shortfall(look.rate, look.counts, now) if look.rate else None
    if look.open:
        feed.suspected_at = None
        if short is None and not look.without_answer and _is_back(look, look.open):
            look.open.ended_at = now
            look.open.save(update_fields=["ended_at"])
            return FeedChange(look.open)
        feed.state = CarrierFeed.State.SILENT
        return None
    if look.without_answer:
        return FeedChange(_begin(look, SilentFeed.Cause.CONNECTOR, feed.answered_at or now, short))
    if short is None:
        feed.suspected_at = None
        return None
    if feed.suspected_at is None:
        feed.suspected_at = now
        return None
    if now - feed.suspected_at < LOOKED_AT_AGAIN_AFTER:
        return None
    return FeedChange(_begin(look, SilentFeed.Cause.RATE, _since(look), short))


def _begin(look: _Look, cause: SilentFeed.Cause, since: datetime, short: Shortfall | None) -> SilentFeed:
    feed = look.feed
    feed.state, feed.suspected_at = CarrierFeed.State.SILENT, None
    return SilentFeed.objects.create(
        carrier_normalised=feed.carrier_normalised,
        carrier=feed.carrier,
        cause=cause,
        since=min(since, look.now),
        found_at=look.now,
        window_hours=short.hours if short else 0,
        expected=round(short.expected) if short else 0,
        received=short.received if short else 0,
        chance_exponent=floor(-log10(max(short.chance, _LEAST_CHANCE))) if short else 0,
    )


def _since(look: _Look) -> datetime:
    """Return since when scans are missing: from the last one on, where none came since; else from an hour on."""
    assert look.rate
    hour = feed_rate.silent_since(look.rate, look.counts, look.now)
    began_at, newest = feed_rate.beginning_of(hour), look.feed.received_at
    if newest and began_at - timedelta(hours=1) <= newest <= began_at + timedelta(hours=2):
        return newest
    return began_at


def _is_back(look: _Look, silent: SilentFeed) -> bool:
    """Tell whether a silent feed came back: the connector has an answer, or scans come as usual."""
    answered_at = look.feed.answered_at
    if silent.cause == SilentFeed.Cause.CONNECTOR and answered_at and answered_at > silent.found_at:
        return True
    if look.rate is None:
        return look.received_in_day() >= FLOWS_AGAIN
    return feed_rate.scans_flow_again(look.rate, look.counts, look.now, since=hour_of(silent.since))


def _counts(first: int, now: datetime) -> Mapping[str, Mapping[int, int]]:
    counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
    rows = HourlyScanCount.objects.filter(hour_at__gte=feed_rate.beginning_of(first), hour_at__lte=now)
    for carrier, hour_at, scans in rows.values_list("carrier_normalised", "hour_at", "scans"):
        counts[carrier][hour_of(hour_at)] = scans
    return counts


def _silences(first: int) -> Mapping[str, Sequence[SilentFeed]]:
    silences: defaultdict[str, list[SilentFeed]] = defaultdict(list)
    since = feed_rate.beginning_of(first)
    for row in SilentFeed.objects.filter(Q(ended_at=None) | Q(ended_at__gte=since)):
        silences[row.carrier_normalised].append(row)
    return silences
