"""Count the requests of an API client, for all web servers together."""

from __future__ import annotations

import math
import time
from threading import Lock
from typing import NamedTuple

from lostpost.accounts.models import RequestCount
from lostpost.core.sql import fetch, insertion

NOW = "now()"  # The database's clock: web servers' clocks may differ, and one of them must not lock a client out.

# A statement that waited for another may come a moment late: it counts into the minute that was reached. A minute that
# lies further ahead is one that a wrong clock wrote, and gives way.
_OR_COUNT = """
    ON CONFLICT (client_id) DO UPDATE
       SET (minute, requests) = (
           SELECT CASE WHEN late THEN existing.minute ELSE EXCLUDED.minute END,
                  CASE WHEN late OR existing.minute = EXCLUDED.minute THEN existing.requests ELSE 0 END
                  + EXCLUDED.requests
             FROM (SELECT existing.minute = EXCLUDED.minute + interval '1 minute') AS is_late (late)
       )
    RETURNING requests, extract(epoch FROM minute + interval '1 minute' - {now})::float
"""


class Count(NamedTuple):
    """How many requests came in this minute, and when the next one begins."""

    requests: int
    reset_seconds: int


class _Counted(NamedTuple):
    """Requests that were counted ahead: numbers up to `last`, of which `left` were not given out yet."""

    last: int
    left: int
    ends_at: float  # By the monotonic clock.


_ahead: dict[str, list[_Counted]] = {}  # By client; several where threads counted at the same moment.
_lock = Lock()
_CLIENTS_MAX = 1000  # More than these are looked through for minutes that are over.


def count_request(*, client_id: str, ahead: int = 1) -> Count:
    """Count one request; return how many the client has sent in this minute, this one included.

    Call it outside of any transaction, so that the row is locked only for one statement. The count may be lost in a
    crash of the database, which saves disk writes and does no harm.

    Args: `ahead`: how many are counted at once. This process gives out the others by itself in that minute, so that the
    requests of a client do not all wait for one row; those that it does not give out are lost to the client.
    """
    with _lock:
        for counted in _ahead.pop(client_id, ()):
            if time.monotonic() < counted.ends_at:
                _ahead.setdefault(client_id, []).append(counted)
        if client_id in _ahead:
            return _give_out(client_id, _ahead[client_id].pop())
    first = insertion(RequestCount, same=("client_id", "requests"), minute=f"date_trunc('minute', {NOW})")
    ((last, seconds),) = fetch(first + _OR_COUNT.format(now=NOW), {"client_id": client_id, "requests": ahead})
    with _lock:
        return _give_out(client_id, _Counted(int(last), ahead, time.monotonic() + seconds))


def _give_out(client_id: str, counted: _Counted) -> Count:
    """Give out the lowest number, and keep the others. Called under the lock."""
    left, now = counted.left - 1, time.monotonic()
    others = _ahead.pop(client_id, [])
    if left:
        others.append(counted._replace(left=left))
    if others:
        _ahead[client_id] = others
    if len(_ahead) > _CLIENTS_MAX:
        for over in [client for client, kept in _ahead.items() if all(it.ends_at < now for it in kept)]:
            del _ahead[over]
    return Count(counted.last - left, math.ceil(max(counted.ends_at - now, 0)))
