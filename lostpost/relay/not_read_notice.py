"""Tell a customer what of their e-mail could not be read: once a day, and no machine, list or who wants silence."""

from __future__ import annotations

from datetime import datetime, timedelta

from lostpost.customer_queries.messages import queue_mail
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.relay.parsing.classify import Author
from lostpost.relay.parsing.parse import ParsedMail

NOT_READ_MAIL = "message.not-read"  # The kind of the notice's e-mail.
NOTICE_EVERY = timedelta(hours=24)  # In one query: what another machine answers to it brings no second one.


def queue_not_read_notice(query: CustomerQuery, entry: TimelineEntry, *, mail: ParsedMail, now: datetime) -> None:
    """Queue a notice to the customer if something of their message was left out, in a locked query.

    Args: `query`: that of the entry. `entry`: the message as it was filed, which says what was left out. `mail`: as it
    was read.
    """
    left_out = "encrypted" in entry.data.get("notes", ()) or entry.data.get("files_refused")
    if not left_out or mail.author is not Author.PERSON or mail.asks_for_silence or entry.data.get("other_address"):
        return
    notices = Mail.objects.filter(seller_id=query.seller_id, query_id=query.id, kind=NOT_READ_MAIL)
    if not notices.filter(queued_at__gt=now - NOTICE_EVERY).exists():
        queue_mail(query, kind=NOT_READ_MAIL, about_id=entry.id, now=now)
