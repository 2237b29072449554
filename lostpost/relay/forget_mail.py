"""Forget e-mail as it came, once nobody needs to look at it again."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from lostpost.relay.models import IncomingMail

KEEP = timedelta(days=90)


@transaction.atomic(durable=True)
def forget_mail(*, seller_id: UUID, now: datetime) -> int:
    """Delete the raw e-mails and their HTML of more than 90 days ago; return how many. What was said stays."""
    old = IncomingMail.objects.filter(
        seller_id=seller_id, received_at__lt=now - KEEP, raw__isnull=False, settled_at__isnull=False
    )
    return old.update(raw=None, html="", quoted="")
