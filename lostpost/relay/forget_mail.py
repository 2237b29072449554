"""Forget e-mail as it came, once nobody needs to look at it again."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, JSONField, Value, When

from lostpost.relay.models import IncomingMail

KEEP = timedelta(days=90)


@transaction.atomic(durable=True)
def forget_mail(*, seller_id: UUID, now: datetime) -> int:
    """Delete the raw e-mails, their HTML and the names of files of more than 90 days ago; return how many.

    What was said stays where it was filed; what was dropped goes with whoever wrote it. What waits for Partnerservice
    keeps the names, to say that the files are not there any more.
    """
    old = IncomingMail.objects.filter(
        seller_id=seller_id, received_at__lt=now - KEEP, raw__isnull=False, settled_at__isnull=False
    )
    names = Case(When(state=IncomingMail.State.PARKED, then=F("files")), default=Value([], JSONField()))
    dropped = IncomingMail.objects.filter(
        seller_id=seller_id, received_at__lt=now - KEEP, state=IncomingMail.State.DROPPED
    ).exclude(subject="", sender_name="", sender_address="", text="")
    dropped.update(subject="", sender_name="", sender_address="", text="", notes=[])
    return old.update(raw=None, html="", quoted="", files=names)
