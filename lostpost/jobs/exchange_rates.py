"""The job that fetches exchange rates."""

from __future__ import annotations

import logging

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from lostpost.accounts.policy import current_policy
from lostpost.connectors.ecb.rates_file import RatesUnavailable, fetch_rates
from lostpost.core.queues import UPKEEP
from lostpost.invoicing.exchange_rates import put_exchange_rates

logger = logging.getLogger("lostpost.jobs")

FETCH_EXCHANGE_RATES = "exchange-rates.fetch"


@app.periodic(cron="25 15,16,18,21 * * *")  # The bank publishes them at 16 h of Frankfurt.
@app.task(name=FETCH_EXCHANGE_RATES, queue=UPKEEP, queueing_lock=FETCH_EXCHANGE_RATES)
def fetch_exchange_rates(timestamp: int) -> None:
    """Store the European Central Bank's rates of the day, if the policy allows it. Safe to repeat."""
    if not current_policy().fetch_exchange_rates:
        return
    try:
        daily = fetch_rates(settings.LOSTPOST_ECB_URL)
    except RatesUnavailable as problem:
        logger.warning("no exchange rates came: %s", problem)
        return
    count = put_exchange_rates(rates=daily.rates, on=daily.on, source=settings.LOSTPOST_ECB_URL, now=timezone.now())
    logger.info("%s exchange rates of %s are new", count, daily.on)
