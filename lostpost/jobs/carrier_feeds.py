"""The background job that watches whether carriers' scans still reach us."""

from __future__ import annotations

import logging

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from lostpost.accounts.policy import current_policy
from lostpost.carrier_feeds.watch_feeds import watch_feeds
from lostpost.core.queues import UPKEEP
from lostpost.customer_queries.free_days import current_free_days
from lostpost.customer_queries.stakes import forget_stakes_of_carriers
from lostpost.tracking.count_received_scans import count_received_scans

logger = logging.getLogger("lostpost.jobs")


@app.periodic(cron="6-59/10 * * * *")
@app.task(name="carrier-feeds.watch", queue=UPKEEP, queueing_lock="carrier-feeds.watch")
def watch_carrier_feeds(timestamp: int) -> None:
    """Count the scans received, and look every ten minutes which carriers' feeds fell silent or came back.

    Safe to break off and repeat.
    """
    now = timezone.now()
    count_received_scans(now=now)
    holidays = current_free_days(settings.LOSTPOST_MARKETPLACE["country"].upper())
    changes = watch_feeds(zone=current_policy().zone, holidays=holidays, now=now)
    for change in changes:
        silent = change.silent
        if change.came_back:
            logger.warning("scans of %s come again", silent.carrier)
        else:
            logger.error("scans of %s do not reach us since %s", silent.carrier, silent.since.isoformat())
    forget_stakes_of_carriers({change.silent.carrier_normalised for change in changes})
