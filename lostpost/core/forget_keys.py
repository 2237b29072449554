"""Forget the idempotency keys that are older than is promised."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from lostpost.core.sql import fetch

KEPT_DAYS = 90  # The API promises it: docs/integrating.md.
BATCH = 1_000

# Ids are made with the keys and in the order of time, so the primary key finds a shop's oldest without another index;
# what stands among the oldest and is younger stays.
_FORGET = """
    DELETE FROM lostpost_idempotencykey
     WHERE seller_id = %(seller)s AND used_at < %(before)s
       AND id IN (
           SELECT id FROM lostpost_idempotencykey WHERE seller_id = %(seller)s ORDER BY id LIMIT %(batch)s
       )
    RETURNING id
"""


def forget_keys(*, seller_id: UUID, now: datetime, batch: int = BATCH) -> int:
    """Delete a shop's keys of more than 90 days ago; return how many. What was sent with one is then judged anew.

    In batches that commit one by one, so that nobody waits for the whole: call it outside of any transaction.
    """
    before, count = now - timedelta(days=KEPT_DAYS), 0
    while True:
        deleted_count = len(fetch(_FORGET, {"seller": seller_id, "before": before, "batch": batch}))
        count += deleted_count
        if deleted_count < batch:
            return count
