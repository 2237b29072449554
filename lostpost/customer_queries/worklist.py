"""The list of a shop's queries: pages of it, counts, and what stands before and after a row.

Every statement reads a bounded part of an index (`customer_query_by_deadline` and its like), so that a page costs the
same in a shop of ten queries and of a hundred thousand. What no index is sorted by is looked for among the next
`LOOKED_AT` rows; where those have too few that fit, the page says so, and the next one goes on behind them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from lostpost.core.clock import EARLIEST, LATEST, rfc3339
from lostpost.core.sql import fetch
from lostpost.customer_queries.list_filters import BUCKETS, ListFilters, State, conditions_of
from lostpost.eligibility.policy import Policy

LOOKED_AT = 2_000  # Rows that a page looks at, at most.
MOST_COUNTED = 1_000  # Rows of each state that counts look at.
_COLUMNS = (
    "id, state, due_at, at_stake_minor, waits_since, eligible_from, claim_until, unanswered_since, refunds_failed,"
    " found_cases_open, partnerservice_answered_at, carrier_normalised, assignee_user_id"
)


class RowKey(NamedTuple):
    """Where a row stands in a list: the value that it is sorted by, and its id where several have the same."""

    value: datetime | int
    id: UUID


@dataclass(frozen=True, slots=True)
class SortOrder:
    """What a list is sorted by, and where that goes down instead of up."""

    column: str
    down: bool = False
    id_down: bool = False

    @property
    def sql(self) -> str:
        """As in ORDER BY."""
        return f"{self.column} {'DESC' if self.down else 'ASC'}, id {'DESC' if self.id_down else 'ASC'}"

    @property
    def reversed(self) -> SortOrder:
        """The other way round."""
        return SortOrder(self.column, not self.down, not self.id_down)

    def behind(self) -> str:
        """Spell the condition of the rows behind a key: the first half ends an index, the second is exact."""
        beyond, id_beyond = "<" if self.down else ">", "<" if self.id_down else ">"
        return (
            f"{self.column} {beyond}= %(value)s AND ({self.column} {beyond} %(value)s OR id {id_beyond} %(beyond_id)s)"
        )

    def sort_key(self, key: RowKey) -> tuple[Any, ...]:
        """Return a key by which Python sorts as the list is sorted."""
        value = key.value.timestamp() if isinstance(key.value, datetime) else key.value
        return (-value if self.down else value, -key.id.int if self.id_down else key.id.int)


ORDERS = {
    "deadline": SortOrder("due_at"),
    "value": SortOrder("at_stake_minor", down=True),
    "age": SortOrder("waits_since"),
    "eligible": SortOrder("eligible_from"),
    "claim": SortOrder("claim_until"),
}
LAST_HANDLED_FIRST = SortOrder("waits_since", down=True, id_down=True)  # No index has another for what is handled.


def order_of(filters: ListFilters) -> SortOrder:
    """Return what a list is sorted by."""
    return LAST_HANDLED_FIRST if filters.state == State.HANDLED else ORDERS[filters.sort]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as somebody sees it now."""

    seller_id: UUID
    filters: ListFilters
    policy: Policy
    now: datetime
    user_id: int | None = None  # Of whoever looks, who is "me" in the filters.

    @property
    def order(self) -> SortOrder:
        """What it is sorted by."""
        return order_of(self.filters)


class KeysPage(NamedTuple):
    """The keys of the next rows of a list; `looked_until`: as far as was looked where that was not to the end."""

    keys: Sequence[RowKey]
    looked_until: RowKey | None = None


def next_keys(listing: Listing, *, behind: RowKey | None, most: int, backwards: bool = False) -> KeysPage:
    """Return the keys of the rows behind one, or from the start, at most so many.

    Args: `backwards`: the rows before it instead, the nearest first.
    """
    order = listing.order.reversed if backwards else listing.order
    looked_at, beyond, parameters = _looked_at(listing, order, behind, "id, ", f"{order.column} AS value")
    rows = fetch(
        f"SELECT value, id FROM ({looked_at}) looked_at WHERE {beyond} ORDER BY {_by_value(order)} LIMIT %(most)s",  # noqa: S608 - from here.
        {**parameters, "most": most},
    )
    keys = [RowKey(*row) for row in rows]
    if len(keys) == most or beyond == "true":
        return KeysPage(keys)
    last = fetch(f"{looked_at} OFFSET {LOOKED_AT - 1}", parameters)
    return KeysPage(keys, RowKey(last[0][1], last[0][0]) if last else None)


def rows_counted(listing: Listing, *, before: RowKey | None = None) -> tuple[int, bool]:
    """Count the rows of a list, or those before a key, among the next `LOOKED_AT`; and say whether that is all."""
    order = listing.order.reversed if before else listing.order
    looked_at, beyond, parameters = _looked_at(listing, order, before, "", "id")
    counted = f"SELECT count(*) FILTER (WHERE {beyond}), count(*) FROM ({looked_at}) looked_at"  # noqa: S608
    ((count, looked),) = fetch(counted, parameters)
    return count, looked < LOOKED_AT


def views_counted(
    seller_id: UUID, views: Sequence[ListFilters], *, policy: Policy, user_id: int | None, now: datetime
) -> list[tuple[int, bool]]:
    """Count the queries of several views in one pass over each state's first rows; and say whether that is all of them.

    Handled queries are not counted: they need no work, and they are the most.
    """
    counts, parameters = [], dict[str, Any]({"seller": seller_id})
    for at, view in enumerate(views):
        conditions, values = conditions_of(view, policy=policy, user_id=user_id, now=now)
        sql = " AND ".join([f"state = '{State(view.state).value}'", *(each.sql for each in conditions)])
        for name, value in values.items():
            sql = sql.replace(f"%({name})s", f"%({name}_{at})s")
            parameters[f"{name}_{at}"] = value
        counts.append(f"count(*) FILTER (WHERE {sql})")
    in_hand = [state for state in BUCKETS if state != State.HANDLED]
    counts += [f"count(*) FILTER (WHERE state = '{state.value}')" for state in in_hand]
    looked_at = " UNION ALL ".join(
        f"(SELECT {_COLUMNS} FROM lostpost_customerquery"  # noqa: S608 - the states are ours.
        f" WHERE seller_id = %(seller)s AND state = '{state.value}'"
        f" ORDER BY due_at, id LIMIT {MOST_COUNTED})"
        for state in in_hand
    )
    (row,) = fetch(f"SELECT {', '.join(counts)} FROM ({looked_at}) looked_at", parameters)  # noqa: S608
    whole = {state.value: looked < MOST_COUNTED for state, looked in zip(in_hand, row[len(views) :], strict=True)}
    return [(count, whole.get(view.state, False)) for view, count in zip(views, row, strict=False)]


def row_key_text(key: RowKey) -> str:
    """Return a key as text for an address."""
    return f"{key.value if isinstance(key.value, int) else rfc3339(key.value)}_{key.id}"


def row_key_from_text(text: str, order: SortOrder) -> RowKey | None:
    """Return the key in an address; None, the start, if it is none of a list sorted so."""
    value, _mark, row_id = text.partition("_")
    try:
        if order.column == "at_stake_minor":
            return RowKey(int(value), UUID(row_id)) if len(value) < 19 and value.isascii() else None
        key = RowKey(datetime.fromisoformat(value), UUID(row_id))
    except ValueError:
        return None
    assert isinstance(key.value, datetime)
    return key if key.value.tzinfo and EARLIEST <= key.value < LATEST else None


def _looked_at(
    listing: Listing, order: SortOrder, behind: RowKey | None, first: str, last: str
) -> tuple[str, str, dict[str, Any]]:
    """Spell the rows that are looked at, in order; what of them belongs to the list; and the parameters of both.

    A state is spelled out, since only so an index of the queries in hand is used. Conditions that end the index stand
    inside, others outside the limit.
    """
    conditions, parameters = conditions_of(
        listing.filters, policy=listing.policy, user_id=listing.user_id, now=listing.now
    )
    inside = [f"seller_id = %(seller)s AND state = '{State(listing.filters.state).value}'"]
    inside += [each.sql for each in conditions if each.column == order.column]
    outside = [each.sql for each in conditions if each.column != order.column]
    if behind:
        inside.append(order.behind())
        parameters |= {"value": behind.value, "beyond_id": behind.id}
    columns = f"{first}{last}" + (f", {_COLUMNS.removeprefix('id, ')}" if outside else "")
    sql = (
        f"SELECT {columns} FROM lostpost_customerquery WHERE {' AND '.join(inside)}"  # noqa: S608 - all of it is ours.
        f" ORDER BY {order.sql} LIMIT {LOOKED_AT}"
    )
    return sql, " AND ".join(outside) or "true", {**parameters, "seller": listing.seller_id}


def _by_value(order: SortOrder) -> str:
    return order.sql.replace(order.column, "value", 1)
