"""Background jobs of answers: what was written and never sent has an end."""

from __future__ import annotations

import logging

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from lostpost.accounts.models import Seller
from lostpost.answering.attachments import forget_attachments
from lostpost.answering.drafts import forget_drafts
from lostpost.core.queues import UPKEEP

logger = logging.getLogger("lostpost.jobs")


@app.periodic(cron="7 3 * * *")
@app.task(name="answering.forget-drafts", queue=UPKEEP, queueing_lock="answering.forget-drafts")
def forget_drafts_of_all(timestamp: int) -> None:
    """Delete drafts that nobody has looked at for 30 days, one shop after the other. Safe to break off and repeat."""
    now = timezone.now()
    count = sum(
        forget_drafts(seller_id=seller_id, now=now)
        for seller_id in Seller.objects.order_by("id").values_list("id", flat=True)
    )
    logger.info("forgot %s drafts of answers", count)


@app.periodic(cron="12 3 * * *")
@app.task(name="answering.forget-attachments", queue=UPKEEP, queueing_lock="answering.forget-attachments")
def forget_attachments_of_all(timestamp: int) -> None:
    """Delete files whose time is over, and those never sent, one shop after the other. Safe to break off and repeat."""
    now = timezone.now()
    count = sum(
        forget_attachments(seller_id=seller_id, kept_days=settings.ATTACHMENT_DAYS, now=now)
        for seller_id in Seller.objects.order_by("id").values_list("id", flat=True)
    )
    logger.info("deleted %s files of messages", count)
