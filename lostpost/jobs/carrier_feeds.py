"""The background job that watches whether carriers' scans still reach us."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from lostpost.accounts.policy import current_policy
from lostpost.carrier_feeds.mark_answered import forget_carrier_answers, mark_carrier_answered
from lostpost.carrier_feeds.models import CarrierFeed
from lostpost.carrier_feeds.watch_feeds import watch_feeds
from lostpost.connector_accounts.models import ConnectorAccount
from lostpost.connectors.carriers.carriers_that_answer import carriers_that_answer
from lostpost.core.queues import UPKEEP
from lostpost.customer_queries.free_days import current_free_days
from lostpost.customer_queries.stakes import forget_stakes_of_carriers
from lostpost.tracking.count_received_scans import count_received_scans

logger = logging.getLogger("lostpost.jobs")

EVERY = timedelta(minutes=10)


@app.periodic(cron="6-59/10 * * * *")
@app.task(name="carrier-feeds.watch", queue=UPKEEP, queueing_lock="carrier-feeds.watch")
def watch_carrier_feeds(timestamp: int) -> None:
    """Count the scans received, and look every ten minutes which carriers' feeds fell silent or came back.

    Safe to break off and repeat.
    """
    now = timezone.now()
    count_received_scans(now=now)
    _mark_answers(now)
    holidays = current_free_days(settings.LOSTPOST_MARKETPLACE["country"].upper())
    changes = watch_feeds(zone=current_policy().zone, holidays=holidays, now=now)
    for change in changes:
        silent = change.silent
        if change.came_back:
            logger.warning("scans of %s come again", silent.carrier)
        else:
            logger.error("scans of %s do not reach us since %s", silent.carrier, silent.since.isoformat())
    forget_stakes_of_carriers({change.silent.carrier_normalised for change in changes})


def _mark_answers(now: datetime) -> None:
    """Mark the carriers whose accounts do not fail: they are asked where there is something to ask."""
    answering = carriers_that_answer(ConnectorAccount.objects.all())
    for name, was_answered in CarrierFeed.objects.values_list("carrier_normalised", "answered_at"):
        if answering.get(name):
            mark_carrier_answered(carrier=name, at=now, next_within=EVERY)
        elif was_answered and name not in answering:
            forget_carrier_answers(carrier=name)
