"""The policy's values are validated, and all problems reported."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from lostpost.eligibility.policy import Policy, PolicyValueWrong
from tests.eligibility.strategies import policies


@given(policy=policies)
def test_a_policy_stored_as_values_is_the_same_policy(policy: Policy) -> None:
    stored = json.loads(json.dumps(policy.values()))
    assert Policy.from_values(stored, version=policy.version) == policy


def test_what_is_not_among_the_values_has_its_default() -> None:
    assert Policy.from_values({}) == Policy()
    assert Policy.from_values({"quiet_days": 7}, 4) == Policy(version=4, quiet_days=7)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("quiet_days", -1, "quiet_days is -1; it must be a whole number from 0 to 90."),
        ("quiet_days", 91, "quiet_days is 91; it must be a whole number from 0 to 90."),
        ("quiet_days", 3.0, "quiet_days is 3.0; it must be a whole number from 0 to 90."),
        ("quiet_days", "3", "quiet_days is '3'; it must be a whole number from 0 to 90."),
        ("quiet_days", True, "quiet_days is True; it must be a whole number from 0 to 90."),
        ("quiet_days_untracked", None, "quiet_days_untracked is None; it must be a whole number from 0 to 90."),
        ("order_age_days_max", 0, "order_age_days_max is 0; it must be a whole number from 1 to 3650."),
        ("allow_after_delivery", 1, "allow_after_delivery is 1; it must be true or false."),
        ("pickup_days", 91, "pickup_days is 91; it must be a whole number from 0 to 90."),
        ("time_zone", "Europe/Utrecht", "time_zone is 'Europe/Utrecht'; it must be a zone of the time-zone database"),
        ("time_zone", "Europe", "time_zone is 'Europe'; it must be a zone of the time-zone database"),
        ("time_zone", "../etc/passwd", "time_zone is '../etc/passwd'; it must be a zone of the time-zone database"),
        ("time_zone", "", "time_zone is ''; it must be a zone of the time-zone database"),
        ("time_zone", "\0", "it must be a zone of the time-zone database"),
        ("time_zone", 1, "time_zone is 1; it must be a zone of the time-zone database"),
        ("refund_delivery_costs", "always", "is 'always'; it must be one of whole-order, never."),
        ("refund_delivery_costs", [], "is []; it must be one of whole-order, never."),
        ("commission_vat_rate_bp", 10_001, "is 10001; it must be a whole number from 0 to 10000."),
        ("carrier_claim_days", "DPD 30", "it must name carriers and days, such as DPD: 30, PostNL: 30."),
        ("carrier_claim_days", "DPD: 30, d p d: 9", "it must name carriers and days, such as DPD: 30, PostNL: 30."),
        ("carrier_claim_days", {"DPD": 30}, "it must name carriers and days, such as DPD: 30, PostNL: 30."),
        ("quite_days", 3, "'quite_days' is not a value of the policy; did you mean quiet_days?"),
        ("version", 3, "'version' is not a value of the policy; the values are quiet_days,"),
        ("quiet_days", "x" * 10_000, "quiet_days is 'xxx"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(key: str, value: object, sentence: str) -> None:
    with pytest.raises(PolicyValueWrong) as refused:
        Policy.from_values({key: value})
    assert len(refused.value.problems) == 1
    assert sentence in refused.value.problems[0]
    assert len(refused.value.problems[0]) < 100 + len(", ".join(Policy().values()))


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(ValueError, match="quiet_days") as refused:
        Policy.from_values({"quiet_days": -1, "pickup_days": "a", "colour": "red"}, version=-1)
    assert isinstance(refused.value, PolicyValueWrong)
    assert len(refused.value.problems) == 4
    assert all(problem in str(refused.value) for problem in refused.value.problems)
