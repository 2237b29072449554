"""What the customer query itself has against a write-off, asked again when it is confirmed."""

from __future__ import annotations

from lostpost.eligibility.rules import Refusal

# The states of a customer query in which its seller may act; "handled" is none of them.
OPEN_STATES = frozenset({"open", "waiting_for_customer", "follow_up_later"})
WITH_PARTNERSERVICE = "with_partnerservice"


def query_refusals(*, query_state: str, query_order_number: str, order_number: str) -> tuple[Refusal, ...]:
    """Refuse a query that is not the seller's to act on, or is about another order.

    An unknown state counts as not open.
    """
    found = []
    if query_state == WITH_PARTNERSERVICE:
        found.append(Refusal("query-with-partnerservice"))
    elif query_state not in OPEN_STATES:
        found.append(Refusal("query-not-open"))
    if query_order_number != order_number:
        found.append(Refusal("query-of-other-order"))
    return tuple(found)
