"""Refusals of a write-off by the state of its customer query."""

from __future__ import annotations

from lostpost.eligibility.rules import Refusal

# The states of a customer query in which its seller may act; "handled" is none of them.
OPEN_STATES = frozenset({"open", "waiting_for_customer", "follow_up_later"})
WITH_PARTNERSERVICE = "with_partnerservice"


def query_refusals(*, query_state: str) -> tuple[Refusal, ...]:
    """Refuse a query that is not the seller's to act on. An unknown state counts as not open.

    A query about another order than the selected units is refused by `writeoffs.selection`, which knows the units.
    """
    if query_state == WITH_PARTNERSERVICE:
        return (Refusal("query-with-partnerservice"),)
    return () if query_state in OPEN_STATES else (Refusal("query-not-open"),)
