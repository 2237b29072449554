"""Refusals of a write-off by the state of its customer query."""

from __future__ import annotations

import pytest

from lostpost.eligibility.query import query_refusals


def judged(state: str) -> list[str]:
    return [refusal.code for refusal in query_refusals(query_state=state)]


@pytest.mark.parametrize("state", ["open", "waiting_for_customer", "follow_up_later"])
def test_a_query_that_is_not_handled_allows_the_write_off(state: str) -> None:
    assert judged(state) == []


@pytest.mark.parametrize("state", ["handled", "", "something_new"])
def test_a_query_in_any_other_state_is_not_open(state: str) -> None:
    assert judged(state) == ["query-not-open"]


def test_a_query_with_partnerservice_is_theirs_to_decide() -> None:
    assert judged("with_partnerservice") == ["query-with-partnerservice"]
