"""The states of a found case: which may follow which, and what its customer query is to count of it."""

from __future__ import annotations

from datetime import datetime

from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import count_found_cases, mark_open
from lostpost.found_parcels.models import FoundCase

State = FoundCase.State

MOVES: dict[State, frozenset[State]] = {
    State.OPEN: frozenset({State.ASKED, State.SETTLED}),
    State.ASKED: frozenset({State.OPEN, State.UNANSWERED, State.SETTLED}),
    State.UNANSWERED: frozenset({State.OPEN, State.ASKED, State.SETTLED}),
    State.SETTLED: frozenset({State.OPEN}),  # Where a restoration was withdrawn.
}
ENDED = frozenset({State.UNANSWERED, State.SETTLED})


def move(case: FoundCase, query: CustomerQuery, to: State, *, now: datetime) -> None:
    """Move a case, whose query the caller has locked, to another state; where it is already, that stays.

    One that is to be decided about makes its query the seller's turn, unless Partnerservice has it: it comes back with
    the case in it.
    """
    if case.state != to:
        _set_state(case, query, to, now=now)
    if to == State.OPEN and query.state != CustomerQuery.State.WITH_PARTNERSERVICE:
        mark_open(query, by=None, now=now)


def _set_state(case: FoundCase, query: CustomerQuery, to: State, *, now: datetime) -> None:
    assert to in MOVES[State(case.state)], f"{case.state} → {to}"
    change = (to == State.OPEN) - (case.state == State.OPEN)
    case.state, case.ended_at = to, now if to in ENDED else None
    FoundCase.objects.filter(seller_id=case.seller_id, id=case.id).update(state=case.state, ended_at=case.ended_at)
    if change:
        count_found_cases(query, change)
