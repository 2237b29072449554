"""Start customer contact from an order number: a query that the seller opens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.answering.attachments import digests, store_files
from lostpost.answering.contact_drafts import (
    contact_draft,
    end_contact_draft,
    lock_order_by_number,
    send_files,
)
from lostpost.answering.files import CheckedFile
from lostpost.core.idempotency import IdempotencyClaim, claim, keeps_answer
from lostpost.core.ownership import uuid7
from lostpost.customer_queries.messages import require_message, send_message
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.customer_queries.open_query import open_query, require_item, require_subject
from lostpost.customer_queries.timeline import add_entry

START_CONTACT = "start-contact"  # The scope of the keys of first messages.


@transaction.atomic(durable=True)
@keeps_answer(START_CONTACT)
def start_contact(
    *,
    order_number: str,
    subject: str,
    message: str,
    leave_open: bool,
    by: Actor,
    key: str | IdempotencyClaim,
    now: datetime,
    item: str = "",
    attachments: Sequence[UUID] = (),
    files: Sequence[CheckedFile] = (),
) -> CustomerQuery:
    """Write to the customer of an order; sending opens a query by itself, or one that is handled at once.

    The writer's draft ends with it. A retry with the same key sends nothing more.

    Args: `item`: the line that it is about; empty for the entire order. `attachments`: files of the writer's draft.
    `files`: those of a program, which keeps no drafts.
    Raises: ReadOnly, OrderNotFound, AttachmentMissing, FileRefused, Rejected, KeyReused.
    """
    require_writer(by, Section.QUERIES)
    text, subject = require_message(message), require_subject(subject)
    order = lock_order_by_number(order_number, seller_id=by.seller_id)
    draft = contact_draft(order, user_id=by.user_id) if by.user_id else None
    content = [order_number, item, subject, text, leave_open, *digests(files)]
    query_id = uuid7()
    earlier = claim(key, scope=START_CONTACT, seller_id=by.seller_id, content=content, result_id=query_id, now=now)
    if earlier:
        return CustomerQuery.objects.get(seller_id=by.seller_id, id=earlier)
    query = open_query(
        order,
        subject=subject,
        now=now,
        query_id=query_id,
        order_item_id=require_item(order, item),
        handled=not leave_open,
    )
    add_entry(query, "query.opened", now=now, by=by)
    mail = send_message(query, text, by=by, now=now)
    if mail.about_id:
        send_files(draft, attachments, query, mail.about_id, by=by, now=now)
        entry = TimelineEntry.objects.get(seller_id=query.seller_id, id=mail.about_id)
        store_files(query, files, entry=entry, by=by, now=now)
    end_contact_draft(draft)
    if not leave_open:
        add_entry(query, "query.closed", now=now, by=by)
    return query
