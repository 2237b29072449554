"""Feeds of carriers that fall silent, are lifted and come back: what that does to parcels, decisions and the radar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lostpost.accounts.models import Seller
from lostpost.accounts.security_log import SecurityEvent
from lostpost.carrier_feeds.feed_rate import beginning_of, hour_of
from lostpost.carrier_feeds.lift_silent_feed import LiftTooLong, LiftWithoutReason, NoSilentFeed, lift_silent_feed
from lostpost.carrier_feeds.mark_answered import forget_carrier_answers, mark_carrier_answered
from lostpost.carrier_feeds.models import CarrierFeed, HourlyScanCount, SilentFeed
from lostpost.carrier_feeds.watch_feeds import watch_feeds
from lostpost.customer_queries.models import CustomerQuery
from lostpost.eligibility.facts import facts_from_json
from lostpost.eligibility.policy import Policy
from lostpost.insight.radar import RadarFilters
from lostpost.insight.radar_page import radar_page
from lostpost.insight.radar_report import whole_radar, whole_radar_then
from lostpost.insight.silent_parcels import oldest_silent_parcels
from lostpost.jobs.carrier_feeds import watch_carrier_feeds
from lostpost.orders.data import ScanData
from lostpost.tracking.count_received_scans import count_received_scans
from lostpost.tracking.enter_scan import enter_scan
from lostpost.tracking.mark_silent_parcels import mark_silent_parcels
from lostpost.tracking.unmatched_scans import UnmatchedData, keep_unmatched_scans
from lostpost.writeoffs.assess_order import assess_order
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from lostpost.writeoffs.selection import NotEligible
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_parcel, a_query, a_scan, all_of, an_order, row_counts, silent_parcel

pytestmark = pytest.mark.django_db

HOUR, TEN_MINUTES = timedelta(hours=1), timedelta(minutes=10)
POLICY = Policy()
LAST = hour_of(NOW)


def a_feed(carrier: str = "DPD", *, an_hour: int = 20, weeks: int = 11, until: int = LAST - 6) -> None:
    """Let so many scans of a carrier have been received in each hour, until one from which on none came."""
    first = LAST - weeks * 7 * 24
    HourlyScanCount.objects.bulk_create(
        HourlyScanCount(carrier_normalised=carrier.lower(), hour_at=beginning_of(hour), scans=an_hour)
        for hour in range(first, until)
    )
    CarrierFeed.objects.create(
        carrier_normalised=carrier.lower(),
        carrier=carrier,
        received_at=beginning_of(until) - timedelta(minutes=3),
        learns_from=beginning_of(first),
    )


def looks(now: datetime = NOW, count: int = 2) -> None:
    """Look so often, every ten minutes, for the last time at `now`."""
    for look in range(count):
        watch_feeds(zone=POLICY.zone, holidays=(), now=now - (count - 1 - look) * TEN_MINUTES)


def state(carrier: str = "dpd") -> CarrierFeed.State:
    return CarrierFeed.State(CarrierFeed.objects.get(carrier_normalised=carrier).state)


def refusals(query: CustomerQuery, now: datetime = NOW) -> list[str]:
    return [refusal.code for unit in assess_order(query.order, now=now).units for refusal in unit.assessment.refusals]


def confirm(query: CustomerQuery, by: Any, now: datetime = NOW) -> WriteOff:
    return write_off(query=query.number, selection=all_of(query), by=by, key=f"confirm-{now}", now=now)


def listed(states: str, now: datetime = NOW) -> list[str]:
    return [row.parcel for row in radar_page(POLICY, RadarFilters(state=states), now=now, size=10).rows]


# Silence ------------------------------------------------------------------------------------------------------------


def test_two_looks_in_a_row_find_a_silent_feed_and_it_says_since_when_and_how_sure(anna):
    query = silent_parcel(anna)
    a_feed()
    looks(NOW - TEN_MINUTES, count=1)
    assert (state(), refusals(query)) == ("steady", [])
    looks(count=1)
    assert (state(), refusals(query)) == ("silent", ["feed-silent"])
    silent = SilentFeed.objects.get()
    assert silent.since == beginning_of(LAST - 6) - timedelta(minutes=3), "the last scan that was received"
    assert (silent.cause, silent.found_at, silent.ended_at) == ("rate", NOW, None)
    assert (silent.received, silent.expected >= 60, silent.chance_exponent >= 5) == (0, True, True)


def test_one_look_repeated_at_once_is_one_look(anna):
    a_feed()
    for _look in range(3):
        looks(count=1)
    assert not SilentFeed.objects.exists()


def test_a_write_off_is_refused_while_the_feed_is_silent_and_leaves_no_trace(anna):
    query = silent_parcel(anna)
    a_feed()
    looks()
    before = row_counts()
    with pytest.raises(NotEligible) as refused:
        confirm(query, anna)
    assert [refusal.code for each in refused.value.refused for refusal in each.refusals] == ["feed-silent"]
    assert row_counts() == before


def test_only_parcels_that_this_carrier_scans_are_stopped(anna):
    a_feed()
    looks()
    other = a_parcel(an_order(anna.seller), carrier="PostNL")
    untracked = a_parcel(an_order(anna.seller), tracking_number="")
    stopped = a_parcel(an_order(anna.seller), carrier="d p d")
    answers = {parcel.code: refusals(a_query(parcel.order, anna)) for parcel in (other, untracked, stopped)}
    assert answers == {other.code: [], untracked.code: [], stopped.code: ["feed-silent"]}


def test_the_radar_pauses_what_is_silent_and_the_worklist_leaves_it_out(anna):
    parcel = a_parcel(an_order(anna.seller))
    a_scan(parcel, days=8)
    recent = a_parcel(an_order(anna.seller))
    a_scan(recent, days=2)
    mark_silent_parcels(seller_id=anna.seller_id, policy=POLICY, now=NOW)
    assert (listed("eligible"), listed("paused")) == ([parcel.code], [])
    assert [row.id for row in oldest_silent_parcels(anna.seller_id, POLICY, now=NOW)] == [parcel.id]
    a_feed()
    looks()
    assert (listed("eligible"), listed("not-yet"), listed("paused")) == ([], [], [recent.code, parcel.code])
    assert oldest_silent_parcels(anna.seller_id, POLICY, now=NOW) == []
    rows = {row.parcel: row for row in whole_radar(POLICY, now=NOW)}
    assert rows[parcel.code].paused_since == SilentFeed.objects.get().since
    assert rows[recent.code].eligible_from == NOW + timedelta(days=1), "but for the feed"


def test_the_radar_of_an_earlier_instant_knows_what_was_known_then(anna):
    parcel = a_parcel(an_order(anna.seller, placed_days=20), shipped_days=15)
    a_feed()
    looks()
    lift_silent_feed(carrier="DPD", reason="A strike", until=NOW + 2 * HOUR, by="Otto", now=NOW + HOUR)
    SilentFeed.objects.update(ended_at=NOW + 5 * HOUR)
    states = [
        row.state
        for hours in (-1, 0, 1, 2, 4, 5)
        for row in whole_radar_then(POLICY, then=NOW + hours * HOUR)
        if row.parcel == parcel.code
    ]
    assert states == ["eligible", "paused", "eligible", "paused", "paused", "eligible"]


# Lifts --------------------------------------------------------------------------------------------------------------


def test_a_lift_lets_write_offs_through_until_it_ends_and_the_decision_keeps_it(anna):
    first, second = silent_parcel(anna), silent_parcel(anna)
    a_feed()
    looks()
    until = NOW + HOUR
    lift_silent_feed(carrier="dpd", reason=" The carrier is on strike. ", until=until, by="Otto", now=NOW)

    written_off = confirm(first, anna)

    (line,) = WriteOffLine.objects.filter(seller_id=anna.seller_id, write_off_id=written_off.id)
    parcel = facts_from_json(line.facts).parcel
    assert parcel
    assert parcel.silent_feed
    assert (parcel.silent_feed.carrier, parcel.silent_feed.since) == ("DPD", SilentFeed.objects.get().since)
    assert (parcel.silent_feed.lifted_by, parcel.silent_feed.lift_reason) == ("Otto", "The carrier is on strike.")
    assert SecurityEvent.objects.filter(event="silent-feed.lifted", about__contains="on strike").exists()
    assert refusals(second, until - timedelta(seconds=1)) == []
    assert refusals(second, until) == ["feed-silent"]


@pytest.mark.parametrize(
    ("carrier", "reason", "until", "refusal"),
    [
        ("DPD", " ", NOW + HOUR, LiftWithoutReason),
        ("DPD", "A strike", NOW, LiftTooLong),
        ("DPD", "A strike", NOW + timedelta(days=31), LiftTooLong),
        ("PostNL", "A strike", NOW + HOUR, NoSilentFeed),
    ],
)
def test_a_lift_needs_a_silent_feed_a_reason_and_an_end(carrier, reason, until, refusal):
    a_feed()
    looks()
    with pytest.raises(refusal):
        lift_silent_feed(carrier=carrier, reason=reason, until=until, by="Otto", now=NOW)
    assert SilentFeed.objects.get().lifts == []


# Back ---------------------------------------------------------------------------------------------------------------


def test_a_feed_comes_back_by_itself_once_scans_come_as_usual(anna):
    query = silent_parcel(anna)
    a_feed()
    looks()
    back = [(LAST + 1, 200), (LAST + 2, 22), (LAST + 3, 20)]
    for hour, scans in back[:1]:
        HourlyScanCount.objects.create(carrier_normalised="dpd", hour_at=beginning_of(hour), scans=scans)
    later = beginning_of(LAST + 2)
    looks(later)
    assert refusals(query, later) == ["feed-silent"], "what had piled up is being delivered"
    for hour, scans in back[1:]:
        HourlyScanCount.objects.create(carrier_normalised="dpd", hour_at=beginning_of(hour), scans=scans)
    later = beginning_of(LAST + 4)
    looks(later, count=1)
    assert (state(), refusals(query, later)) == ("steady", [])
    assert SilentFeed.objects.get().ended_at == later
    looks(later + 9 * HOUR)
    assert state() == "silent", "a second silence is another one"
    assert SilentFeed.objects.count() == 2


def test_what_is_usual_is_not_learned_from_a_silence(anna):
    a_feed(until=LAST - 15 * 24)
    SilentFeed.objects.create(
        carrier_normalised="dpd",
        carrier="DPD",
        cause="rate",
        since=beginning_of(LAST - 15 * 24),
        found_at=beginning_of(LAST - 15 * 24 + 3),
        window_hours=2,
        expected=40,
        received=0,
        chance_exponent=9,
    )
    looks()
    feed = CarrierFeed.objects.get()
    assert (feed.state, feed.usual_week) == ("silent", 20 * 7 * 24)


# Too new, too few ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("an_hour", "weeks", "expected"), [(20, 2, "learning"), (1, 11, "too-few")])
def test_a_new_carrier_and_one_with_few_scans_have_no_guard(anna, an_hour, weeks, expected):
    query = silent_parcel(anna)
    a_feed(an_hour=an_hour, weeks=weeks, until=LAST - 30)
    looks()
    assert (state(), refusals(query)) == (expected, [])


# Connectors ---------------------------------------------------------------------------------------------------------


def test_a_connector_without_a_good_answer_is_a_silent_feed_until_it_has_one(anna):
    query = silent_parcel(anna)
    for days in (1, 2):  # An older answer changes nothing.
        mark_carrier_answered(carrier="DPD", at=NOW - timedelta(days=days), next_within=8 * HOUR)
    looks(NOW - TEN_MINUTES, count=1)
    assert refusals(query) == []
    looks(NOW + TEN_MINUTES, count=1)
    silent = SilentFeed.objects.get()
    assert (silent.cause, silent.since) == ("connector", NOW - timedelta(days=1))
    assert refusals(query) == ["feed-silent"]
    mark_carrier_answered(carrier="dpd", at=NOW + HOUR, next_within=8 * HOUR)
    looks(NOW + HOUR, count=1)
    assert refusals(query) == []


def test_a_connector_that_was_disconnected_is_not_waited_for(anna):
    mark_carrier_answered(carrier="DPD", at=NOW - timedelta(days=1), next_within=TEN_MINUTES)
    forget_carrier_answers(carrier="DPD")
    looks()
    assert not SilentFeed.objects.exists()


def test_scans_that_come_another_way_stand_for_an_answer(anna):
    a_feed(until=LAST)
    CarrierFeed.objects.update(received_at=NOW - TEN_MINUTES)
    mark_carrier_answered(carrier="DPD", at=NOW - timedelta(days=1), next_within=TEN_MINUTES)
    looks()
    assert state() == "steady"


# Counting -----------------------------------------------------------------------------------------------------------


def test_scans_are_counted_by_the_hour_in_which_they_were_received(anna, carla):
    moment = datetime(2026, 3, 10, 9, 40, tzinfo=UTC)
    for member in (anna, carla):
        parcel = a_parcel(an_order(member.seller, now=moment), now=moment)
        a_scan(parcel, days=5, now=moment)
        a_scan(parcel, days=4, now=moment - HOUR)
    seller = Seller.objects.get(id=anna.seller_id)
    by_hand = ScanData(parcel=a_parcel(an_order(anna.seller)).code, scanned_at=moment, status="exception")
    enter_scan(seller=seller, scan=by_hand, by=anna, now=moment)
    waiting = ScanData("", moment - HOUR, "in_transit")
    unmatched = UnmatchedData(waiting, carrier="PostNL", tracking_number="3SXYZ")
    keep_unmatched_scans(scans=[unmatched], now=moment)
    for _again in range(2):
        count_received_scans(now=moment + TEN_MINUTES)
    counts = HourlyScanCount.objects.order_by("carrier_normalised", "hour_at")
    assert list(counts.values_list("carrier_normalised", "hour_at", "scans")) == [
        ("dpd", moment.replace(hour=8, minute=0), 2),
        ("dpd", moment.replace(minute=0), 2),
        ("postnl", moment.replace(minute=0), 1),
    ]
    feed = CarrierFeed.objects.get(carrier_normalised="dpd")
    assert (feed.carrier, feed.received_at, feed.learns_from) == ("DPD", moment, moment.replace(hour=8, minute=0))


def test_the_job_counts_looks_and_has_what_is_at_stake_assessed_again(anna, monkeypatch):
    query = silent_parcel(anna)
    CustomerQuery.objects.update(carrier_normalised="dpd", stakes_assessed_at=NOW)
    a_feed()
    for minutes in (0, 10):
        monkeypatch.setattr("lostpost.jobs.carrier_feeds.timezone.now", lambda m=minutes: NOW + timedelta(minutes=m))
        watch_carrier_feeds(timestamp=0)
    query.refresh_from_db()
    assert (state(), query.stakes_assessed_at) == ("silent", None)
    assert refusals(query) == ["feed-silent"]
