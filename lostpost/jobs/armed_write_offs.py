"""The job of armed write-offs."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from lostpost.armed_write_offs.execute_armed import armed_to_look_at, execute_armed
from lostpost.connectors.carriers.ask_before_write_off import (
    BULK_SECONDS,
    FRESH_IN_BULK,
    AskLimit,
    ask_before_write_off,
)
from lostpost.core.queues import UPKEEP
from lostpost.jobs.batches import ItemByItem

MOST_AT_ONCE = 1_000  # Of each reason to look at them; the others come a minute later.


@app.periodic(cron="* * * * *")
@app.task(name="armed-write-offs.execute", queue=UPKEEP, queueing_lock="armed-write-offs.execute")
def execute_armed_of_all(timestamp: int) -> None:
    """Carry out what is due, and disarm what does not stand any more. Safe to break off and repeat."""
    limit = AskLimit(BULK_SECONDS, FRESH_IN_BULK)

    def ask(shop: UUID, parcels: Collection[str]) -> None:
        ask_before_write_off(seller_id=shop, parcels=parcels, limit=limit)

    with ItemByItem() as batch:
        for seller_id, armed_id in armed_to_look_at(now=timezone.now(), most=MOST_AT_ONCE):
            with batch.item(f"armed write-off {armed_id}"):
                execute_armed(seller_id=seller_id, armed_id=armed_id, clock=timezone.now, ask=ask)
