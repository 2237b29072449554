"""Background jobs about found parcels."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from lostpost.core.queues import WATCH
from lostpost.found_parcels.look_at_scans import look_at_scans
from lostpost.tracking.newest_scan import SCANNED_AFTER_WRITE_OFF

logger = logging.getLogger("lostpost.jobs")


@app.task(name=SCANNED_AFTER_WRITE_OFF, queue=WATCH, retry=RetryStrategy(max_attempts=20, exponential_wait=2))
def look_at_scans_job(seller: str, parcels: Sequence[str]) -> None:
    """Look whether parcels that were written off were found. Safe to break off and repeat."""
    for parcel in parcels:
        for case in look_at_scans(seller_id=UUID(seller), parcel_id=UUID(parcel), now=timezone.now()):
            logger.info("found parcel %s: its carrier scanned it", case.number)
