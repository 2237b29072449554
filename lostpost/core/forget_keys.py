"""Delete idempotency keys that are older than the promised time."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from lostpost.core.sql import fetch

KEPT_DAYS = 90  # As the API promises: docs/integrating.md.
BATCH = 1_000

# Ids are ordered by time, so the primary key finds a shop's oldest keys without another index; younger keys among them
# are kept.
_FORGET = """
    DELETE FROM lostpost_idempotencykey
     WHERE seller_id = %(seller)s AND used_at < %(before)s
       AND id IN (
           SELECT id FROM lostpost_idempotencykey WHERE seller_id = %(seller)s ORDER BY id LIMIT %(batch)s
       )
    RETURNING id
"""


def forget_keys(*, seller_id: UUID, now: datetime, batch: int = BATCH) -> int:
    """Delete a shop's keys older than 90 days; return how many. A repeat with one then counts as a new request.

    In batches that commit one by one, so that locks are short: call it outside of any transaction.
    """
    before, count = now - timedelta(days=KEPT_DAYS), 0
    while True:
        deleted_count = len(fetch(_FORGET, {"seller": seller_id, "before": before, "batch": batch}))
        count += deleted_count
        if deleted_count < batch:
            return count
