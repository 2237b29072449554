"""Background jobs of answers: what was written and never sent has an end, and so have files and declarations."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from lostpost.accounts.models import Seller
from lostpost.answering.attachments import forget_attachments
from lostpost.answering.contact_drafts import forget_contact_drafts
from lostpost.answering.drafts import forget_drafts
from lostpost.answering.hold_answer import SEND_HELD
from lostpost.answering.send_held_answer import held_answers, send_held_answer
from lostpost.core.queues import MAIL, UPKEEP
from lostpost.declarations.reads import forget_declarations
from lostpost.jobs.batches import ItemByItem

logger = logging.getLogger("lostpost.jobs")

FORGOTTEN = timedelta(minutes=1)  # After its time; a worker sends it within seconds.
MOST_AT_ONCE = 500


@app.task(name=SEND_HELD, queue=MAIL)
def send_held(seller: str, draft: str) -> None:
    """Send an answer that was held; where it was taken back, nothing."""
    send_held_answer(seller_id=UUID(seller), draft_id=UUID(draft), now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="answering.send-forgotten", queue=UPKEEP, queueing_lock="answering.send-forgotten")
def send_forgotten_answers(timestamp: int) -> None:
    """Send answers that were held and whose job was lost. Safe to break off and repeat."""
    now = timezone.now()
    with ItemByItem() as batch:
        for seller_id, draft_id in held_answers(until=now - FORGOTTEN, most=MOST_AT_ONCE):
            with batch.item(f"sending the held answer {draft_id}"):
                send_held_answer(seller_id=seller_id, draft_id=draft_id, now=now)


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
