"""Windows of the policy: by carrier, country and season, and which of several counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lostpost.eligibility.assess import assess
from lostpost.eligibility.facts import ScanFact, ScanStatus
from lostpost.eligibility.policy import Policy, PolicyValueWrong
from lostpost.eligibility.windows import Window
from tests.eligibility.strategies import AMSTERDAM, NOW, lost, units

PEAK = (date(2026, 3, 11), date(2026, 3, 14))
ALL, GERMANY, DPD, BOTH = (
    Window("quiet_days", 11, first_on=PEAK[0], last_on=PEAK[1]),
    Window("quiet_days", 12, country="DE"),
    Window("quiet_days", 13, carrier="D P D"),
    Window("quiet_days", 14, carrier="dpd", country="DE"),
)
DPD_IN_PEAK = replace(DPD, value=15, first_on=PEAK[0], last_on=PEAK[1])


def silent_from(at: datetime, **changes):
    """Give units of a parcel that was scanned last at an instant."""
    return lost(last_scan=ScanFact(at, ScanStatus.IN_TRANSIT), shipped_at=NOW - timedelta(days=30), **changes)


@pytest.mark.parametrize(
    ("windows", "country", "counts"),
    [
        ((ALL, GERMANY, DPD, BOTH), "DE", BOTH),
        ((ALL, GERMANY, DPD, BOTH), "FR", DPD),
        ((ALL, GERMANY), "DE", GERMANY),
        ((ALL, GERMANY), "FR", ALL),
        ((DPD, DPD_IN_PEAK, GERMANY), "DE", DPD_IN_PEAK),
        ((replace(DPD, carrier="GLS"), replace(BOTH, country="FR")), "DE", None),
    ],
)
def test_the_narrowest_window_counts_and_the_answer_says_which(windows, country, counts):
    facts = replace(silent_from(datetime(2026, 3, 12, 12, tzinfo=AMSTERDAM)), country=country)
    answer = assess(facts, Policy(windows=windows), now=NOW)
    assert answer.windows == ({"quiet_days": counts} if counts else {})
    assert answer.policy.quiet_days == (counts.value if counts else 3)
    needed = timedelta(days=answer.policy.quiet_days)
    assert answer.eligible_from == (datetime(2026, 3, 12, 11, tzinfo=NOW.tzinfo) + needed if counts else None)


@pytest.mark.parametrize(
    ("scanned_at", "in_season"),
    [
        ("2026-03-10T23:59:59+01:00", False),
        ("2026-03-11T00:00:00+01:00", True),
        ("2026-03-14T23:59:59+01:00", True),
        ("2026-03-14T23:00:00+00:00", False),
    ],
)
def test_a_season_has_its_first_and_last_day_by_the_marketplaces_calendar(scanned_at, in_season):
    answer = assess(silent_from(datetime.fromisoformat(scanned_at)), Policy(windows=(ALL,)), now=NOW)
    assert answer.policy.quiet_days == (11 if in_season else 3)


def test_each_value_goes_by_the_day_on_which_its_clock_began():
    windows = (
        Window("pickup_days", 30, carrier="DPD"),
        Window("quiet_days_untracked", 20, carrier="DPD"),
        Window("order_age_days_max", 10, first_on=date(2026, 3, 1), last_on=date(2026, 3, 5)),
        Window("allow_after_delivery", True, country="DE"),
    )
    policy = Policy(windows=windows)
    waiting = lost(last_scan=ScanFact(NOW - timedelta(days=20), ScanStatus.AT_PICKUP_POINT))
    untracked = lost(tracking_number=None, last_scan=None)
    delivered = lost(last_scan=ScanFact(NOW - timedelta(days=9), ScanStatus.DELIVERED))
    old = lost(order_placed_at=datetime(2026, 3, 5, 22, tzinfo=AMSTERDAM))
    young = lost(order_placed_at=datetime(2026, 3, 6, 0, tzinfo=AMSTERDAM))
    codes = [
        [refusal.code for refusal in assess(facts, policy, now=NOW).refusals]
        for facts in (waiting, untracked, delivered, replace(delivered, country="DE"), old, young)
    ]
    assert codes == [["awaiting-pickup"], ["recent-update"], ["delivered"], [], ["order-too-old"], []]


@given(units, st.integers(0, 60))
def test_no_day_that_passes_takes_away_what_was_eligible_but_the_orders_age(facts, days):
    policy = Policy(windows=(ALL, DPD, replace(BOTH, value=1), Window("pickup_days", 2, carrier="PostNL")))
    before, after = (assess(facts, policy, now=now) for now in (NOW, NOW + timedelta(days=days)))
    new = {refusal.code for refusal in after.refusals} - {refusal.code for refusal in before.refusals}
    assert new <= {"order-too-old", "feed-silent"}  # A lift ends.


def test_windows_are_written_into_json_and_read_back():
    policy = Policy(windows=(ALL, BOTH, Window("allow_after_delivery", True, country="DE")))
    assert Policy.from_values(policy.values()) == policy
    assert policy.values()["windows"][0] == {
        "name": "quiet_days",
        "value": 11,
        "first_on": "2026-03-11",
        "last_on": "2026-03-14",
    }
    assert policy.bounds("quiet_days", "quiet_days_untracked") == (3, 14)


@pytest.mark.parametrize(
    ("windows", "sentence"),
    [
        ([{"name": "batch_lines_max", "value": 5, "country": "DE"}], "batch_lines_max holds for all parcels"),
        ([{"name": "order_age_days_max", "value": 5, "carrier": "DPD"}], "set it by country or season"),
        ([{"name": "quiet_days", "value": 91, "country": "DE"}], "quiet_days is 91; it must be a whole number"),
        ([{"name": "quiet_days", "value": 5, "country": "UK"}], "country is 'UK'; it must be a code"),
        ([{"name": "quiet_days", "value": 5, "carrier": " "}], "carrier is ' '; it must be a name"),
        ([{"name": "quiet_days", "value": 5}], "is for nothing special"),
        ([{"name": "quiet_days", "value": 5, "first_on": "2026-03-01"}], "a season has a first and a last day"),
        (
            [{"name": "quiet_days", "value": 5, "first_on": "2026-03-02", "last_on": "2026-03-01"}],
            "its last day is before its first",
        ),
        (
            [{"name": "quiet_days", "value": days, "carrier": name} for days, name in ((5, "DPD"), (6, "d.p.d"[::2]))],
            "is there twice",
        ),
        (
            [
                {"name": "quiet_days", "value": 5, "first_on": first, "last_on": "2026-03-09"}
                for first in ("2026-03-01", "2026-03-09")
            ],
            "overlaps another season",
        ),
        ([{"name": "quiet_days", "value": 5, "shop": "lampenhuis"}], "shop is no part of a window"),
        ([{"name": "quiet_days", "value": 5, "country": 5}], "is no window"),
        ("DPD", "it must be a list"),
        ([5], "is no window"),
    ],
)
def test_windows_that_make_no_sense_are_refused_with_a_sentence(windows, sentence):
    with pytest.raises(PolicyValueWrong, match=sentence.replace("(", r"\(")):
        Policy.from_values({"windows": windows})
