"""Each rule at its edges, and what holds for all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lostpost.eligibility.assess import (
    CHECK_CODES,
    Assessment,
    AvailableFact,
    CarrierStatusFact,
    Check,
    OrderAgeFact,
    ShippedFact,
    ShippingMethodFact,
    SilentFact,
    assess,
)
from lostpost.eligibility.facts import ScanFact, ScanStatus, ShippingMethod, UnitFacts, facts_as_json, facts_from_json
from lostpost.eligibility.policy import Policy
from lostpost.eligibility.rules import CAUTION_CODES, REFUSAL_CODES, RULES, Refusal, age_days
from tests.eligibility.strategies import AMSTERDAM, NOW, instants, lost, policies, units

# Every reason that sellers, integrators and translators have been told of. A code is for ever: add, never change.
DOCUMENTED = {
    "not-shipped": "ship",
    "logistics-via-platform": "partnerservice",
    "shipping-via-platform": "partnerservice",
    "label-via-platform": "partnerservice",
    "shipping-method-unknown": "partnerservice",
    "fully-written-off": "none",
    "returned": "return",
    "recent-update": "wait",
    "feed-silent": "wait",
    "order-too-old": "partnerservice",
    "delivered": "partnerservice",
    "returned-to-sender": "return",
    "awaiting-pickup": "wait",
    "query-not-open": "none",
    "query-with-partnerservice": "none",
    "query-of-other-order": "none",
}
DEFAULTS = Policy()
SECOND = timedelta(seconds=1)


def codes(assessment: Assessment) -> list[str]:
    return [refusal.code for refusal in assessment.refusals]


def judged(facts: UnitFacts, policy: Policy = DEFAULTS, now: datetime = NOW) -> list[str]:
    return codes(assess(facts, policy, now=now))


def last_seen(at: datetime, status: ScanStatus = ScanStatus.IN_TRANSIT) -> UnitFacts:
    return lost(
        order_placed_at=at - timedelta(days=3),
        shipped_at=at - timedelta(days=2),
        last_scan=ScanFact(at, status),
    )


def check(facts: UnitFacts, code: str) -> Check:
    return next(check for check in assess(facts, DEFAULTS, now=NOW).checks if check.code == code)


# --- what was shipped, and what is left of it


def test_an_item_in_no_parcel_is_not_shipped_and_nothing_else() -> None:
    assessment = assess(lost(parcel=None, shipped=0, order_placed_at=NOW - timedelta(days=90)), DEFAULTS, now=NOW)
    assert assessment.refusals == (Refusal("not-shipped", next_step="ship"),)
    assert (assessment.eligible, assessment.eligible_from, assessment.cautions) == (False, None, ())
    assert [(check.code, check.passed, check.fact) for check in assessment.checks] == [
        ("shipped", False, ShippedFact(None, 0, 2))
    ]


def test_an_item_with_no_unit_in_the_parcel_is_not_shipped() -> None:
    assert judged(lost(shipped=0)) == ["not-shipped"]


@pytest.mark.parametrize(
    ("written_off", "returned", "reasons"),
    [
        (0, 0, []),
        (1, 0, []),
        (0, 1, []),
        (2, 0, ["fully-written-off"]),
        (0, 2, ["returned"]),
        (1, 1, ["fully-written-off", "returned"]),
        (2, 2, ["fully-written-off", "returned"]),
    ],
)
def test_reasons_say_where_the_units_went(written_off: int, returned: int, reasons: list[str]) -> None:
    assert judged(lost(written_off=written_off, returned=returned)) == reasons


def test_a_fully_written_off_unit_has_no_waiting_reason() -> None:
    unavailable = replace(last_seen(NOW - timedelta(hours=1)), written_off=2)
    assessment = assess(unavailable, DEFAULTS, now=NOW)
    assert codes(assessment) == ["fully-written-off"]
    assert (assessment.eligible_from, assessment.cautions) == (None, ())
    assert not check(unavailable, "silent").passed


# --- silence


def test_exactly_72_hours_are_enough_and_a_moment_less_is_not() -> None:
    facts = last_seen(NOW - timedelta(hours=72))
    assert assess(facts, DEFAULTS, now=NOW).eligible
    assert not assess(facts, DEFAULTS, now=NOW).only_for_now
    assessment = assess(facts, DEFAULTS, now=NOW - timedelta(microseconds=1))
    assert assessment.refusals == (Refusal("recent-update", eligible_from=NOW, next_step="wait"),)
    assert assessment.only_for_now


@pytest.mark.parametrize(
    ("scanned_at", "free_from"),
    [
        # Summer time begins on 29 March 2026: the clock shows one hour more after 72 hours.
        (datetime(2026, 3, 27, 12, tzinfo=AMSTERDAM), datetime(2026, 3, 30, 13, tzinfo=AMSTERDAM)),
        # It ends on 25 October 2026: one hour less.
        (datetime(2026, 10, 23, 12, tzinfo=AMSTERDAM), datetime(2026, 10, 26, 11, tzinfo=AMSTERDAM)),
    ],
)
def test_three_days_are_72_hours_over_both_changes_of_the_clock(scanned_at: datetime, free_from: datetime) -> None:
    facts = last_seen(scanned_at)
    assert judged(facts, now=free_from) == []
    for now in (free_from - SECOND, free_from.astimezone(UTC) - SECOND):
        assessment = assess(facts, DEFAULTS, now=now)
        assert codes(assessment) == ["recent-update"]
        assert assessment.eligible_from == free_from.astimezone(UTC)


def test_an_untracked_parcel_has_its_own_wait() -> None:
    policy = Policy(quiet_days=3, quiet_days_untracked=10)
    handed_over = {"shipped_at": NOW - timedelta(days=5), "last_scan": None}
    assert judged(lost(**handed_over), policy) == []
    assert judged(lost(tracking_number=None, **handed_over), policy) == ["recent-update"]
    assert judged(lost(tracking_number="", **handed_over), policy) == ["recent-update"]


def test_a_parcel_waits_14_times_24_hours_at_a_pick_up_point_over_the_change_of_the_clock() -> None:
    facts = last_seen(datetime(2026, 3, 20, 12, tzinfo=AMSTERDAM), ScanStatus.AT_PICKUP_POINT)
    free_from = datetime(2026, 4, 3, 13, tzinfo=AMSTERDAM)
    assert judged(facts, now=free_from) == []
    assessment = assess(facts, DEFAULTS, now=free_from - SECOND)
    assert assessment.refusals == (
        Refusal("awaiting-pickup", eligible_from=free_from.astimezone(UTC), next_step="wait"),
    )


def test_the_latest_of_several_waits_is_when_it_becomes_eligible() -> None:
    at = NOW - timedelta(days=1)
    assessment = assess(last_seen(at, ScanStatus.AT_PICKUP_POINT), DEFAULTS, now=NOW)
    assert codes(assessment) == ["recent-update", "awaiting-pickup"]
    assert assessment.eligible_from == at + timedelta(days=14)
    assert assessment.only_for_now


# --- age


def test_day_60_is_in_time_until_midnight_of_the_marketplace() -> None:
    # Given an order placed a minute before midnight in Amsterdam
    placed_at = datetime(2026, 1, 10, 23, 59, tzinfo=AMSTERDAM)
    facts = lost(order_placed_at=placed_at, shipped_at=placed_at, last_scan=None)
    midnight = datetime(2026, 3, 12, tzinfo=AMSTERDAM)

    # Then its sixtieth day ends there, wherever the caller's clock stands
    assert judged(facts, now=midnight.astimezone(UTC) - SECOND) == []
    assert judged(facts, now=midnight.astimezone(UTC)) == ["order-too-old"]
    assert judged(facts, now=midnight.astimezone(ZoneInfo("Asia/Tokyo"))) == ["order-too-old"]
    assert judged(facts, Policy(time_zone="America/New_York"), now=midnight) == []


@pytest.mark.parametrize(
    ("placed_on", "day_60"), [(date(2026, 2, 10), date(2026, 4, 11)), (date(2026, 9, 1), date(2026, 10, 31))]
)
def test_days_are_counted_by_the_calendar_over_both_changes_of_the_clock(placed_on: date, day_60: date) -> None:
    placed_at = datetime.combine(placed_on, time(0, 30), AMSTERDAM)
    late = datetime.combine(day_60, time(23, 59, 59), AMSTERDAM)
    assert age_days(placed_at, late, AMSTERDAM) == 60
    assert age_days(placed_at, (late.astimezone(UTC) + SECOND), AMSTERDAM) == 61
    assert age_days(placed_at, placed_at, AMSTERDAM) == 0


def test_an_age_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        age_days(NOW.replace(tzinfo=None), NOW, AMSTERDAM)
    with pytest.raises(ValueError, match="time zone"):
        age_days(NOW, NOW.replace(tzinfo=None), AMSTERDAM)


def test_an_order_that_is_too_old_is_for_partnerservice() -> None:
    assessment = assess(lost(order_placed_at=NOW - timedelta(days=61)), DEFAULTS, now=NOW)
    assert assessment.refusals == (Refusal("order-too-old", partnerservice=True, next_step="partnerservice"),)
    assert not assessment.only_for_now


# --- shipping method and what the carrier says


@pytest.mark.parametrize("method", ShippingMethod)
def test_only_the_own_shipping_method_is_the_sellers_to_write_off(method: ShippingMethod) -> None:
    codes_of = {ShippingMethod.OWN: [], ShippingMethod.UNKNOWN: ["shipping-method-unknown"]}
    expected = codes_of.get(method, [method.value.replace("_", "-")])
    facts = lost(shipping_method=method)
    assert judged(facts) == expected
    assert check(facts, "own-shipping").passed == (not expected)


@pytest.mark.parametrize("status", ScanStatus)
def test_every_status_has_its_answer_after_a_long_silence(status: ScanStatus) -> None:
    expected = {
        ScanStatus.DELIVERED: ["delivered"],
        ScanStatus.PICKED_UP: ["delivered"],
        ScanStatus.DELIVERED_AT_NEIGHBOURS: ["delivered"],
        ScanStatus.RETURNING: ["returned-to-sender"],
        ScanStatus.RETURNED: ["returned-to-sender"],
    }.get(status, [])
    facts = last_seen(NOW - timedelta(days=20), status)
    assert judged(facts) == expected
    assert check(facts, "carrier-status").passed == (not expected)


def test_a_marketplace_that_allows_it_after_delivery_still_wants_returns_registered() -> None:
    policy = Policy(allow_after_delivery=True)
    at = NOW - timedelta(days=20)
    assert judged(last_seen(at, ScanStatus.PICKED_UP), policy) == []
    assert judged(last_seen(at, ScanStatus.RETURNED), policy) == ["returned-to-sender"]


# --- cautions


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"last_scan": None}, ["announced-only"]),
        ({"last_scan": ScanFact(NOW - timedelta(days=11), ScanStatus.ANNOUNCED)}, ["announced-only"]),
        ({"tracking_number": None, "last_scan": None}, ["untracked"]),
    ],
)
def test_a_parcel_the_carrier_never_had_or_cannot_follow_is_warned_of_and_not_refused(
    changes: dict[str, Any], expected: list[str]
) -> None:
    assessment = assess(lost(**changes), DEFAULTS, now=NOW)
    assert assessment.eligible
    assert [caution.code for caution in assessment.cautions] == expected


# --- the working, as pages show it


def test_every_check_comes_with_the_fact_behind_it() -> None:
    scan = ScanFact(NOW - timedelta(days=3, hours=4), ScanStatus.IN_TRANSIT, "Sorted", "Utrecht")
    shipped_at, placed_at = NOW - timedelta(days=5), datetime(2026, 3, 12, 10, tzinfo=UTC)
    facts = lost(order_placed_at=placed_at, shipped_at=shipped_at, last_scan=scan, ordered=4, shipped=3, written_off=1)
    assessment = assess(facts, DEFAULTS, now=NOW)
    assert [check.code for check in assessment.checks] == list(CHECK_CODES)
    assert all(check.passed for check in assessment.checks)
    assert [check.fact for check in assessment.checks] == [
        ShippedFact(shipped_at, 3, 4),
        ShippingMethodFact(ShippingMethod.OWN, "DPD"),
        SilentFact(
            updated_at=scan.scanned_at,
            silent=timedelta(days=3, hours=4),
            needed=timedelta(days=3),
            free_from=scan.scanned_at + timedelta(days=3),
            scan=scan,
            tracked=True,
        ),
        OrderAgeFact(placed_at, 8, 60, date(2026, 5, 11)),
        CarrierStatusFact(scan, None),
        AvailableFact(available=2, shipped=3, written_off=1, returned=0),
    ]


def test_a_failed_check_has_its_end() -> None:
    at = NOW - timedelta(days=1)
    facts = last_seen(at, ScanStatus.AT_PICKUP_POINT)
    silent, waiting = check(facts, "silent"), check(facts, "carrier-status")
    assert isinstance(silent.fact, SilentFact)
    assert isinstance(waiting.fact, CarrierStatusFact)
    assert (silent.passed, silent.fact.free_from) == (False, at + timedelta(days=3))
    assert (waiting.passed, waiting.fact.free_from) == (False, at + timedelta(days=14))


def test_a_last_update_that_was_no_scan_shows_none() -> None:
    corrected = lost(tracking_number_changed_at=NOW - timedelta(days=4))
    silent, carrier = check(corrected, "silent").fact, check(corrected, "carrier-status").fact
    assert isinstance(silent, SilentFact)
    assert isinstance(carrier, CarrierStatusFact)
    assert silent.scan is None
    assert carrier.scan is not None


def test_a_carrier_whose_clock_runs_ahead_makes_no_negative_silence() -> None:
    silent = check(last_seen(NOW + timedelta(minutes=10)), "silent").fact
    assert isinstance(silent, SilentFact)
    assert silent.silent == timedelta(0)


# --- what holds for all facts


@given(facts=units, policy=policies, now=instants, longer=st.timedeltas(timedelta(0), timedelta(days=400)))
def test_more_silence_never_hurts(facts: UnitFacts, policy: Policy, now: datetime, longer: timedelta) -> None:
    before, after = assess(facts, policy, now=now), assess(facts, policy, now=now.astimezone(UTC) + longer)
    assert set(codes(after)) - {"order-too-old"} <= set(codes(before))


@given(facts=units, policy=policies, now=instants)
def test_once_the_moment_comes_only_what_does_not_pass_by_itself_is_left(
    facts: UnitFacts, policy: Policy, now: datetime
) -> None:
    assessment = assess(facts, policy, now=now)
    if assessment.eligible_from is None:
        assert not assessment.only_for_now
        return
    lasting = {refusal.code for refusal in assessment.refusals if refusal.eligible_from is None}
    assert assessment.eligible_from > now.astimezone(UTC)
    then = set(codes(assess(facts, policy, now=assessment.eligible_from)))
    assert then - {"order-too-old"} == lasting - {"order-too-old"}
    just_before = assess(facts, policy, now=assessment.eligible_from - timedelta(microseconds=1))
    assert just_before.eligible_from == assessment.eligible_from


@given(facts=units, policy=policies, now=instants)
def test_every_reason_is_a_documented_one_with_its_next_step_and_in_order(
    facts: UnitFacts, policy: Policy, now: datetime
) -> None:
    assessment = assess(facts, policy, now=now)
    for refusal in assessment.refusals:
        assert refusal.next_step == DOCUMENTED[refusal.code]
        assert refusal.partnerservice == (refusal.next_step == "partnerservice")
        assert (refusal.eligible_from is not None) == (refusal.next_step == "wait")
    assert codes(assessment) == sorted(set(codes(assessment)), key=REFUSAL_CODES.index)
    assert {caution.code for caution in assessment.cautions} <= set(CAUTION_CODES)


@given(facts=units, policy=policies, now=instants)
def test_units_are_eligible_when_every_check_passes_and_only_then(
    facts: UnitFacts, policy: Policy, now: datetime
) -> None:
    assessment = assess(facts, policy, now=now)
    assert assessment.eligible == all(check.passed for check in assessment.checks)
    assert [check.code for check in assessment.checks] in (["shipped"], list(CHECK_CODES))
    assert not assessment.eligible or facts.available > 0


@given(facts=units, policy=policies, now=instants)
def test_stored_facts_lead_to_the_same_decision(facts: UnitFacts, policy: Policy, now: datetime) -> None:
    again = facts_from_json(facts_as_json(facts))
    assert assess(again, policy, now=now).refusals == assess(facts, policy, now=now).refusals


def test_the_codes_are_the_documented_ones_and_each_rule_is_named_after_its_reason() -> None:
    assert list(REFUSAL_CODES) == list(DOCUMENTED)
    assert [rule.__name__.replace("_", "-") for rule in RULES] == list(REFUSAL_CODES)[: len(RULES)]
