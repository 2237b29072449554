"""The policy by example: every case of cases.yaml."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from lostpost.eligibility.assess import assess
from lostpost.eligibility.facts import (
    FeedFact,
    OverrideFact,
    ParcelFacts,
    ScanFact,
    ScanStatus,
    ShippingMethod,
    UnitFacts,
    newest,
)
from lostpost.eligibility.policy import Policy

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text("utf-8"))


def instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def quantity(case: dict[str, Any], returned: str, parcel: str, item: str) -> int:
    return sum(row["quantity"] for row in case.get(returned, []) if (row["parcel"], row["item"]) == (parcel, item))


def facts_of(case: dict[str, Any], code: str, item: str, now: datetime) -> UnitFacts:
    parcel = case["parcels"][code]
    scans = [ScanFact(datetime.fromisoformat(at), ScanStatus(status)) for at, status in parcel.get("scans", [])]
    return UnitFacts(
        order_placed_at=datetime.fromisoformat(case["placed_at"]),
        item=item,
        ordered=case["items"][item]["ordered"],
        parcel=ParcelFacts(
            parcel=code,
            shipping_method=ShippingMethod(parcel.get("method", "own")),
            carrier="DPD",
            tracking_number="3SABC" if parcel.get("tracked", True) else None,
            shipped_at=datetime.fromisoformat(parcel["shipped_at"]),
            tracking_number_changed_at=instant(parcel.get("number_changed_at")),
            last_scan=newest(scans, now, placed_at=datetime.fromisoformat(case["placed_at"])),
            silent_feed=feed_of(parcel.get("silent_feed")),
        ),
        shipped=parcel["units"][item],
        written_off=quantity(case, "written_off", code, item),
        returned=quantity(case, "returned", code, item),
        override=override_of(parcel.get("override")),
    )


def feed_of(values: dict[str, Any] | None) -> FeedFact | None:
    if values is None:
        return None
    since, lifted_until = datetime.fromisoformat(values["since"]), instant(values.get("lifted_until"))
    return FeedFact("DPD", since, since, lifted_until)


def override_of(values: dict[str, Any] | None) -> OverrideFact | None:
    if values is None:
        return None
    until = datetime.fromisoformat(values["until"])
    return OverrideFact(
        "1", frozenset(values["codes"]), values["quantity"], until, "The driver says so.", "Pia", "Otto"
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_every_case_of_the_policy_holds(case: dict[str, Any]) -> None:
    now, policy = datetime.fromisoformat(case["now"]), Policy.from_values(case.get("policy", {}))
    assert case["expect"]
    for where, expected in case["expect"].items():
        code, item = where.split("/")
        facts = facts_of(case, code, item, now)
        assessment = assess(facts, policy, now=now)
        assert sorted(refusal.code for refusal in assessment.refusals) == sorted(expected["refuse"])
        assert assessment.eligible_from == instant(expected["from"])
        assert assessment.eligible == (not expected["refuse"])
        assert facts.available == expected["available"]
        assert [refusal.code for refusal in assessment.lifted] == expected.get("lifted", [])
        assert all(check.passed for check in assessment.checks) == (assessment.eligible and not assessment.lifted)
