"""Background jobs of answers: what was written and never sent has an end, and so have files and declarations."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from lostpost.accounts.models import Seller
from lostpost.answering.attachments import forget_attachments
from lostpost.answering.contact_drafts import forget_contact_drafts
from lostpost.answering.drafts import forget_drafts
from lostpost.core.queues import UPKEEP
from lostpost.declarations.reads import forget_declarations
from lostpost.jobs.batches import ItemByItem

logger = logging.getLogger("lostpost.jobs")


@app.periodic(cron="7 3 * * *")
@app.task(name="answering.forget-drafts", queue=UPKEEP, queueing_lock="answering.forget-drafts")
def forget_drafts_of_all(timestamp: int) -> None:
    """Delete drafts that nobody has looked at for 30 days, one shop after the other. Safe to break off and repeat."""
    now, count = timezone.now(), 0
    with ItemByItem() as batch:
        for seller_id in Seller.objects.order_by("id").values_list("id", flat=True):
            with batch.item(f"forgetting the drafts of shop {seller_id}"):
                count += forget_drafts(seller_id=seller_id, now=now)
                count += forget_contact_drafts(seller_id=seller_id, now=now)
        logger.info("forgot %s drafts of answers", count)


@app.periodic(cron="12 3 * * *")
@app.task(name="answering.forget-attachments", queue=UPKEEP, queueing_lock="answering.forget-attachments")
def forget_attachments_of_all(timestamp: int) -> None:
    """Delete files and declarations whose time is over, and files never sent. Safe to break off and repeat."""
    now, files, declarations = timezone.now(), 0, 0
    with ItemByItem() as batch:
        for seller_id in Seller.objects.order_by("id").values_list("id", flat=True):
            over: dict[str, Any] = {"seller_id": seller_id, "kept_days": settings.ATTACHMENT_DAYS, "now": now}
            with batch.item(f"forgetting the files of shop {seller_id}"):
                files += forget_attachments(**over)
                declarations += forget_declarations(**over)
        logger.info("deleted %s files of messages and %s declarations", files, declarations)
