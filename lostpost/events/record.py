"""Add events to a shop's feed, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from lostpost.core.ownership import uuid7
from lostpost.core.sql import execute, json_rows

EventData: TypeAlias = tuple[str, Mapping[str, Any]]  # Its type, and what it says.

# For a statement that writes more than events, too: `WITH … , more AS (…)`, with `recording()` among its parameters.
# The counter's row is locked by it until commit: the numbers of two transactions follow each other as they commit, and
# one that is given up gives its numbers back.
RECORDING = """
    counted AS (
        INSERT INTO lostpost_eventcounter AS existing (seller_id, id, last)
        VALUES (%(seller)s, %(counter)s, %(events_count)s)
        ON CONFLICT ON CONSTRAINT event_counter_once_per_shop DO UPDATE SET last = existing.last + EXCLUDED.last
        RETURNING last
    ), recorded AS (
        INSERT INTO lostpost_event (seller_id, sequence, type, at, data)
        SELECT %(seller)s, counted.last - %(events_count)s + event.place, event.type, %(now)s, event.data
          FROM counted
         CROSS JOIN jsonb_to_recordset(%(events)s::jsonb) AS event (place bigint, type text, data jsonb)
    )
"""
# For a statement in a file that finds out itself what to announce: its query `announced` of (type, data) is followed by
# `counted AS (<counting>), recorded AS (<recording>)`. The counter's row is locked only where there is something.
# `seller`, `counter` (a new id) and `now` are among its parameters.
ANNOUNCING = {
    "counting": """
        INSERT INTO lostpost_eventcounter AS existing (seller_id, id, last)
        SELECT %(seller)s, %(counter)s, count(*) FROM announced HAVING count(*) > 0
        ON CONFLICT ON CONSTRAINT event_counter_once_per_shop DO UPDATE SET last = existing.last + EXCLUDED.last
        RETURNING last
    """,
    "recording": """
        INSERT INTO lostpost_event (seller_id, sequence, type, at, data)
        SELECT %(seller)s, counted.last - count(*) OVER () + row_number() OVER (), announced.type, %(now)s,
               announced.data
          FROM counted
         CROSS JOIN announced
    """,
}
_RECORD = f"WITH {RECORDING} SELECT last FROM counted"  # noqa: S608  Of nothing but our own words.


def record_events(seller_id: UUID, events: Sequence[EventData], now: datetime) -> None:
    """Add events to the shop's feed in one statement.

    Its lock is the last of a transaction: after it nothing may be waited for, or two commands wait in a circle. So call
    it when everything else that the command changes is locked.
    """
    if events:
        execute(_RECORD, recording(seller_id, events, now))


def recording(seller_id: UUID, events: Sequence[EventData], now: datetime) -> dict[str, Any]:
    """Return the parameters of RECORDING."""
    rows = [{"place": place, "type": kind, "data": data} for place, (kind, data) in enumerate(events, 1)]
    return {
        "seller": seller_id,
        "counter": uuid7(),
        "events_count": len(rows),
        "events": json_rows(rows),
        "now": now,
    }
