"""Count the requests of an API client, for all web servers together."""

from __future__ import annotations

from datetime import datetime

from lostpost.core.sql import fetch

# A server whose clock is behind counts into the minute that the others have reached.
_COUNT = """
    INSERT INTO lostpost_requestcount AS counted (client_id, minute, requests) VALUES (%s, %s, 1)
    ON CONFLICT (client_id) DO UPDATE
       SET requests = CASE WHEN EXCLUDED.minute > counted.minute THEN 1 ELSE counted.requests + 1 END,
           minute = greatest(counted.minute, EXCLUDED.minute)
    RETURNING requests
"""


def count_request(*, client_id: str, now: datetime) -> int:
    """Count one request; return how many the client has sent in this minute, this one with them.

    One statement on one short row, which no other request waits for longer than it takes: call it outside of any
    transaction. The count may be lost in a crash of the database; that is no harm, and spares it the disk.
    """
    ((requests,),) = fetch(_COUNT, (client_id, now.replace(second=0, microsecond=0)))
    return int(requests)
