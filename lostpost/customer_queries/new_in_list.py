"""What came into a list of queries since somebody looked at it: counted, while the list itself stands still."""

from __future__ import annotations

from datetime import datetime

from lostpost.core.sql import fetch
from lostpost.customer_queries.list_filters import State, conditions_of
from lostpost.customer_queries.worklist import Listing

MOST_NEW = 99
_ARRIVALS = (
    *("query.opened", "query.reopened", "query.returned", "query.followed-up", "message.received"),
    *("query.put-aside", "query.with-partnerservice"),
)
_MOVED = """
    SELECT * FROM lostpost_customerquery
     WHERE seller_id = %(seller)s AND state = %(state)s AND waits_since > %(since)s
     ORDER BY waits_since DESC, id DESC LIMIT %(most)s
"""
_WROTE = """
    SELECT * FROM lostpost_customerquery
     WHERE seller_id = %(seller)s AND state = 'open' AND unanswered_since > %(since)s
     ORDER BY unanswered_since DESC, id DESC LIMIT %(most)s
"""
_BY_OTHERS = """
    EXISTS (SELECT FROM lostpost_timelineentry entry
             WHERE entry.seller_id = candidate.seller_id AND entry.query_id = candidate.id
               AND entry.at > %(since)s AND entry.kind = ANY(%(arrivals)s))
"""


def new_in_list(listing: Listing, *, since: datetime) -> int:
    """Count the queries that came into a list after an instant, or in which the customer wrote; `MOST_NEW` at most.

    Answers move a query, too, but bring nothing new: its timeline says what did. Handled queries are none to look at.
    """
    state = State(listing.filters.state)
    if state == State.HANDLED:
        return 0
    conditions, parameters = conditions_of(
        listing.filters, policy=listing.policy, user_id=listing.user_id, now=listing.now
    )
    candidates = f"({_MOVED}) UNION ({_WROTE})" if state == State.OPEN else _MOVED
    belongs = " AND ".join([*(each.sql for each in conditions), _BY_OTHERS])
    parameters |= {"seller": listing.seller_id, "state": state.value, "since": since}
    ((count,),) = fetch(
        f"SELECT count(*) FROM (SELECT FROM ({candidates}) candidate WHERE {belongs} LIMIT %(most)s) new_ones",  # noqa: S608
        {**parameters, "most": MOST_NEW, "arrivals": list(_ARRIVALS)},
    )
    return int(count)
