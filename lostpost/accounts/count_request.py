"""Count the requests of an API client, for all web servers together."""

from __future__ import annotations

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
                  CASE WHEN late OR existing.minute = EXCLUDED.minute THEN existing.requests + 1 ELSE 1 END
             FROM (SELECT existing.minute = EXCLUDED.minute + interval '1 minute') AS is_late (late)
       )
    RETURNING requests, ceil(extract(epoch FROM minute + interval '1 minute' - {now}))
"""


class Count(NamedTuple):
    """How many requests came in this minute, and when the next one begins."""

    requests: int
    reset_seconds: int


def count_request(*, client_id: str) -> Count:
    """Count one request; return how many the client has sent in this minute, this one included.

    Call it outside of any transaction, so that the row is locked only for one statement. The count may be lost in a
    crash of the database, which saves disk writes and does no harm.
    """
    first = insertion(RequestCount, same=("client_id",), minute=f"date_trunc('minute', {NOW})", requests="1")
    ((requests, reset_seconds),) = fetch(first + _OR_COUNT.format(now=NOW), {"client_id": client_id})
    return Count(int(requests), int(reset_seconds))
