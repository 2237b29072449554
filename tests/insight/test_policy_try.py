"""A change of the policy, tried on past write-offs: as they were known then."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from lostpost.accounts.policy import change_policy
from lostpost.eligibility.policy import PolicyValueWrong
from lostpost.insight.policy_try import try_policy
from lostpost.orders.models import Parcel
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, a_scan, all_of, row_counts, silent_parcel

pytestmark = pytest.mark.django_db

WHEN: dict[str, Any] = {"since": NOW - timedelta(days=1), "until": NOW + timedelta(days=1)}


def lost(by, quiet_days, *, status="in_transit", **order):
    """Write a parcel off that was silent for so long."""
    query = silent_parcel(by, quiet_days=quiet_days, status=status, **order)
    write_off(query=query.number, selection=all_of(query), by=by, key=f"key-{query.number}", now=NOW)
    return Parcel.objects.get(order_id=query.order_id)


@pytest.fixture
def parcels(anna, carla):
    """Four silent for 3.5 days, 4.25 days, 9 days, and one for 15 days at a pick-up point; the first came after all."""
    first, *others = lost(anna, 3.5), lost(anna, 4.25, paid_minor=10_00), lost(anna, 9)
    others.append(lost(carla, 15, status="at_pickup_point"))
    later = NOW + timedelta(days=2)
    a_scan(first, days=0, status="delivered", now=later)
    return [first, *others]


def test_what_longer_silence_would_have_prevented_what_came_and_who_would_have_waited(anna, carla, parcels):
    before = row_counts()

    trial = try_policy(values={"quiet_days": 5}, **WHEN)

    assert (trial.parcels, trial.prevented, trial.came, trial.for_good) == (4, 2, 1, 0)
    assert (trial.prevented_minor, trial.came_minor) == ({"EUR": 35_00}, {"EUR": 25_00})
    assert trial.longer_waits == Counter({1: 1})  # 18 hours longer for the second.
    assert try_policy(values={"pickup_days": 21}, **WHEN).longer_waits == Counter({6: 1})
    assert try_policy(values={"quiet_days": 5}, seller_id=carla.seller_id, **WHEN).prevented == 0
    assert row_counts() == before


def test_values_may_be_tried_for_one_carrier_and_shorter_ones_show_nothing(anna, parcels):
    Parcel.objects.filter(id=parcels[1].id).update(carrier="PostNL", carrier_normalised="postnl")  # Known as DPD then.

    assert try_policy(values={"quiet_days": 5}, carrier="dpd", **WHEN).prevented == 2
    assert try_policy(values={"quiet_days": 5}, carrier="PostNL", **WHEN).prevented == 0
    assert try_policy(values={"quiet_days": 1}, **WHEN).prevented == 0
    assert try_policy(values={"quiet_days": 30}, since=WHEN["until"], until=NOW + timedelta(days=9)).parcels == 0


def test_each_decision_keeps_the_rest_of_its_own_version(anna):
    change_policy(values={"order_age_days_max": 6}, reason="test", by="op", now=NOW)
    lost(anna, 3.5, placed_days=5)
    change_policy(values={"order_age_days_max": 90}, reason="test", by="op", now=NOW)
    lost(anna, 3.5, placed_days=70)

    trial = try_policy(values={"quiet_days": 7}, **WHEN)
    older = try_policy(values={"order_age_days_max": 60}, **WHEN)

    assert (trial.prevented, trial.for_good, trial.longer_waits) == (
        2,
        1,
        Counter({4: 1}),
    )  # Too old by then, by its version.
    assert (older.prevented, older.for_good) == (1, 1)


def test_what_its_own_version_would_have_refused_was_decided_otherwise_and_is_left_alone(anna):
    lost(anna, 3.5)
    version = change_policy(values={"quiet_days": 9}, reason="test", by="op", now=NOW).version
    WriteOff.objects.update(policy_version=version)  # As if the desk had decided it.

    trial = try_policy(values={"quiet_days": 20}, **WHEN)

    assert (trial.parcels, trial.prevented) == (1, 0)


@pytest.mark.parametrize(
    ("values", "carrier", "sentence"),
    [
        ({"time_zone": 3}, "", "time_zone cannot be tried; try quiet_days"),
        ({"quiet_days": -1}, "", "quiet_days is -1; it must be a whole number"),
        ({"order_age_days_max": 9}, "DPD", "order_age_days_max is of an order, and cannot be tried for a carrier"),
    ],
)
def test_what_makes_no_policy_is_refused(db, values, carrier, sentence):
    with pytest.raises(PolicyValueWrong, match=sentence):
        try_policy(values=values, carrier=carrier, **WHEN)


def test_the_command_says_it_in_words_and_as_json(anna, parcels, capsys):
    days = ("--since", "2026-03-09", "--until", "2026-03-10")
    call_command("policy", "try", "quiet_days=5", "--json", *days)
    assert (
        json.loads(capsys.readouterr().out)
        == try_policy(
            values={"quiet_days": 5},
            since=NOW.replace(day=8, hour=23),
            until=NOW.replace(day=10, hour=23),
        ).as_json()
    )

    call_command("policy", "try", "quiet_days=5", *days)
    assert "2 of 4 written-off parcels would not have been written off then" in capsys.readouterr().out
    with pytest.raises(CommandError, match="cannot be tried"):
        call_command("policy", "try", "time_zone=UTC", *days)
