"""Background job of the history in Parquet files."""

from __future__ import annotations

import logging

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from lostpost.core.queues import UPKEEP
from lostpost.tracking.refresh_silences import keep_silence_counts

logger = logging.getLogger("lostpost.jobs")


@app.periodic(cron="17 3 * * *")
@app.task(name="history.export", queue=UPKEEP, queueing_lock="history.export")
def export_each_night(timestamp: int) -> None:
    """Write each night what is new of the history, if the operator wants one, and count the silences in it."""
    if not settings.HISTORY:
        return
    from lostpost.history.export_history import export_history  # What it needs is there only for this.
    from lostpost.history.read_history import counted_silences_in_files

    now = timezone.now()
    files = list(export_history(settings.HISTORY, now=now))
    logger.info("the history has %s new files with %s rows", len(files), sum(file.rows for file in files))
    keep_silence_counts(counts=counted_silences_in_files(settings.HISTORY, until=now))
