"""Background jobs about silent parcels: mark them, work out their silences, and count these for arrival odds."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from lostpost.accounts.policy import current_policy
from lostpost.core.queues import UPKEEP
from lostpost.tracking.mark_silent_parcels import IN_ONE_TRANSACTION, mark_silent_parcels, shops_with_new_silence
from lostpost.tracking.refresh_silences import (
    PARCELS_AT_ONCE,
    counted_silences,
    keep_silence_counts,
    parcels_handed_over,
    refresh_silences,
    silences_to_refresh,
)

logger = logging.getLogger("lostpost.jobs")

MOST_REFRESHED = 20_000  # The others come five minutes later.
REVIEWED_AFTER, DAY = timedelta(days=30), timedelta(days=1)


@app.periodic(cron="2-59/5 * * * *")
@app.task(name="silences.mark-parcels", queue=UPKEEP, queueing_lock="silences.mark-parcels")
def mark_silent_parcels_of_all(timestamp: int) -> None:
    """Mark every five minutes the parcels that fell silent, for the radar, and work out the silences that changed.

    Safe to break off and repeat: what a break leaves out is worked out when the parcel is scanned, or reviewed.
    """
    now, policy, count = timezone.now(), current_policy(), 0
    for seller_id in shops_with_new_silence(policy, now=now):
        while marked := mark_silent_parcels(seller_id=seller_id, policy=policy, now=now):
            refresh_of_shops({seller_id: marked})
            count += len(marked)
            if len(marked) < IN_ONE_TRANSACTION:
                break
    if count:
        logger.info("%s parcels fell silent", count)
    refresh_of_shops(silences_to_refresh(now=now, most=MOST_REFRESHED))


@app.periodic(cron="22 * * * *")
@app.task(name="silences.count", queue=UPKEEP, queueing_lock="silences.count")
def count_silences_of_all(timestamp: int) -> None:
    """Count the silences of all shops each hour, for arrival odds; with a history its export counts them."""
    if settings.HISTORY:
        return
    keep_silence_counts(counts=counted_silences(until=timezone.now()))


@app.periodic(cron="42 2 * * *")
@app.task(name="silences.review", queue=UPKEEP, queueing_lock="silences.review")
def review_silences(timestamp: int) -> None:
    """Work out once more, in full, the silences of the parcels of one day, 30 days ago: scans may have come late."""
    until = timezone.now() - REVIEWED_AFTER
    refresh_of_shops(parcels_handed_over(since=until - DAY, until=until))


def refresh_of_shops(parcels: Mapping[UUID, Sequence[UUID]]) -> None:
    """Work out the silences of parcels of several shops, some at a time."""
    for seller_id, ids in parcels.items():
        for at in range(0, len(ids), PARCELS_AT_ONCE):
            refresh_silences(seller_id=seller_id, parcel_ids=ids[at : at + PARCELS_AT_ONCE])
