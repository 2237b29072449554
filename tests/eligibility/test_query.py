"""What a customer query has against a write-off."""

from __future__ import annotations

import pytest

from lostpost.eligibility.query import query_refusals
from lostpost.eligibility.rules import REFUSAL_CODES


def judged(state: str, about: str = "2398447100") -> list[str]:
    found = query_refusals(query_state=state, query_order_number=about, order_number="2398447100")
    return [refusal.code for refusal in found]


@pytest.mark.parametrize("state", ["open", "waiting_for_customer", "follow_up_later"])
def test_a_query_that_is_not_handled_allows_the_write_off(state: str) -> None:
    assert judged(state) == []


@pytest.mark.parametrize("state", ["handled", "", "something_new"])
def test_a_query_in_any_other_state_is_not_open(state: str) -> None:
    assert judged(state) == ["query-not-open"]


def test_a_query_with_partnerservice_is_theirs_to_decide() -> None:
    assert judged("with_partnerservice") == ["query-with-partnerservice"]


def test_a_query_of_another_order_is_refused_beside_its_state() -> None:
    assert judged("open", about="1") == ["query-of-other-order"]
    assert judged("handled", about="1") == ["query-not-open", "query-of-other-order"]
    assert judged("with_partnerservice", about="1") == ["query-with-partnerservice", "query-of-other-order"]
    assert set(judged("handled", about="1")) <= set(REFUSAL_CODES)
