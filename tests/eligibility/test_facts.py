"""Scans come late, out of order, twice and from the future."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lostpost.core.clock import utc
from lostpost.eligibility.facts import (
    FINAL,
    FUTURE_TOLERANCE,
    ScanFact,
    ScanStatus,
    TimeCertainty,
    UnitFacts,
    facts_as_json,
    facts_from_json,
    newest,
)
from tests.eligibility.strategies import AMSTERDAM, NOW, instants, lost, scans, units

LONG_AGO = NOW - timedelta(days=3650)


@given(observed=st.lists(scans, max_size=8), repeats=st.integers(1, 3), now=instants, data=st.data())
def test_scans_in_any_order_and_repeated_say_the_same(
    observed: list[ScanFact], repeats: int, now: datetime, data: st.DataObject
) -> None:
    assert newest(data.draw(st.permutations(observed * repeats)), now, placed_at=LONG_AGO) == newest(
        observed, now, placed_at=LONG_AGO
    )


def test_of_two_scans_at_one_instant_the_later_in_the_journey_counts() -> None:
    at = NOW - timedelta(days=1)
    for earlier, later in zip(ScanStatus, list(ScanStatus)[1:], strict=False):
        for came_in in ([later, earlier], [earlier, later]):
            assert newest([ScanFact(at, status) for status in came_in], NOW, placed_at=LONG_AGO) == ScanFact(at, later)
        assert earlier.rank < later.rank


def test_scans_that_differ_in_words_alone_give_one_choice_in_any_order() -> None:
    bare = ScanFact(NOW, ScanStatus.IN_TRANSIT)
    for worded in (replace(bare, text="Sorted"), replace(bare, location="Utrecht"), replace(bare, code="S1")):
        for came_in in ([bare, worded], [worded, bare]):
            assert newest(came_in, NOW, placed_at=LONG_AGO) == worded


def test_a_scan_a_quarter_of_an_hour_ahead_counts_and_a_moment_more_does_not() -> None:
    ahead = ScanFact(NOW + FUTURE_TOLERANCE, ScanStatus.DELIVERED)
    too_far = ScanFact(NOW + FUTURE_TOLERANCE + timedelta(microseconds=1), ScanStatus.DELIVERED)
    assert newest([ahead], NOW, placed_at=LONG_AGO) == ahead
    assert newest([too_far], NOW, placed_at=LONG_AGO) is None


@pytest.mark.parametrize("end", [status for status in ScanStatus if status in FINAL])
@pytest.mark.parametrize("after", ScanStatus)
def test_only_a_movement_undoes_the_end_of_a_journey(end: ScanStatus, after: ScanStatus) -> None:
    statuses = [ScanFact(NOW - timedelta(days=5), end), ScanFact(NOW - timedelta(days=4), after)]
    counting = newest(statuses, NOW, placed_at=LONG_AGO)
    assert counting == statuses[0 if after in (ScanStatus.ANNOUNCED, ScanStatus.EXCEPTION) else 1]


@pytest.mark.parametrize(
    ("certainty", "hours_later", "undone"),
    [("day-only", 9, False), ("day-only", 25, True), ("", 9, True), ("sent-by-shop", 80, False)],
)
def test_what_may_have_come_before_an_end_does_not_undo_it(certainty: str, hours_later: int, undone: bool) -> None:
    """A day without a time is read as its end, after the delivery of that day."""
    at = NOW - timedelta(days=5)
    end = ScanFact(at, ScanStatus.DELIVERED)
    moved = ScanFact(at + timedelta(hours=hours_later), ScanStatus.IN_TRANSIT, time_certainty=TimeCertainty(certainty))
    for came_in in ([end, moved], [moved, end]):
        assert newest(came_in, NOW, placed_at=LONG_AGO) == (moved if undone else end)


def test_a_scan_from_before_the_order_says_nothing() -> None:
    placed_at = NOW - timedelta(days=5)
    moment = timedelta(microseconds=1)
    assert newest([ScanFact(placed_at - moment, ScanStatus.DELIVERED)], NOW, placed_at=placed_at) is None
    assert newest([ScanFact(placed_at, ScanStatus.DELIVERED)], NOW, placed_at=placed_at) is not None


def test_there_is_no_newest_of_no_scans() -> None:
    assert newest([], NOW, placed_at=LONG_AGO) is None


def test_scans_are_ordered_by_the_instant_and_not_by_the_clock_on_the_wall() -> None:
    # Given two scans in the hour that comes twice when summer time ends
    first = ScanFact(datetime(2026, 10, 25, 2, 50, tzinfo=AMSTERDAM), ScanStatus.DELIVERED)
    second = ScanFact(datetime(2026, 10, 25, 2, 10, tzinfo=AMSTERDAM, fold=1), ScanStatus.IN_TRANSIT)

    # Then the one after the change is the newest, though its clock shows less
    assert newest([first, second], datetime(2026, 10, 26, tzinfo=UTC), placed_at=LONG_AGO) == second


@pytest.mark.parametrize("newest_is", ["shipped_at", "tracking_number_changed_at", "last_scan"])
def test_the_last_update_is_the_newest_of_hand_over_scan_and_corrected_number(newest_is: str) -> None:
    at: dict[str, Any] = {
        name: NOW - timedelta(days=1 if name == newest_is else 5)
        for name in ("shipped_at", "tracking_number_changed_at", "last_scan")
    }
    facts = lost(**(at | {"last_scan": ScanFact(at["last_scan"], ScanStatus.IN_TRANSIT)}))
    assert facts.parcel is not None
    assert facts.parcel.updated_at == NOW - timedelta(days=1)


@given(facts=units)
def test_the_units_left_are_never_fewer_than_none_nor_more_than_shipped(facts: UnitFacts) -> None:
    assert 0 <= facts.available <= facts.shipped


@given(facts=units)
def test_facts_read_back_are_written_the_same_again(facts: UnitFacts) -> None:
    stored = json.loads(json.dumps(facts_as_json(facts)))
    assert facts_as_json(facts_from_json(stored)) == stored


def test_stored_facts_are_plain_and_their_instants_in_utc() -> None:
    stored = facts_as_json(lost(shipped_at=datetime(2026, 3, 8, 9, 0, tzinfo=AMSTERDAM)))
    assert stored["parcel"]["shipped_at"] == "2026-03-08T08:00:00Z"
    assert stored["parcel"]["shipping_method"] == "own"
    assert facts_as_json(lost(parcel=None))["parcel"] is None


@given(facts=units)
def test_facts_stored_with_a_decision_have_every_value(facts: UnitFacts) -> None:
    # Compared in UTC: an instant in the hour that comes twice is never equal to the same one in another zone.
    again = facts_from_json(facts_as_json(facts))
    assert (again.item, again.ordered, again.shipped, again.written_off, again.returned) == (
        facts.item,
        facts.ordered,
        facts.shipped,
        facts.written_off,
        facts.returned,
    )
    assert again.order_placed_at == utc(facts.order_placed_at)
    if facts.parcel is None or again.parcel is None:
        assert facts.parcel is again.parcel
        return
    assert again.parcel.updated_at == facts.parcel.updated_at
    assert again.parcel.tracking_number == facts.parcel.tracking_number
    assert again.parcel.shipping_method is facts.parcel.shipping_method
    assert (again.parcel.parcel, again.parcel.carrier) == (facts.parcel.parcel, facts.parcel.carrier)
    changed_at = facts.parcel.tracking_number_changed_at
    assert again.parcel.tracking_number_changed_at == (utc(changed_at) if changed_at else None)
    was, now_is = facts.parcel.last_scan, again.parcel.last_scan
    if was is None or now_is is None:
        assert was is now_is
        return
    assert now_is == ScanFact(utc(was.scanned_at), was.status, was.text, was.location, was.code)


def test_an_instant_without_a_zone_is_refused() -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        utc(naive)
    with pytest.raises(ValueError, match="time zone"):
        newest([ScanFact(naive, ScanStatus.DELIVERED)], NOW, placed_at=LONG_AGO)
    with pytest.raises(ValueError, match="time zone"):
        facts_as_json(lost(shipped_at=naive))
