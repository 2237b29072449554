"""Save what somebody has written to the customer of an order and not sent, with its files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.answering.contact_drafts import add_files, lock_order_by_number
from lostpost.answering.files import CheckedFile
from lostpost.answering.models import ContactDraft, ContactFile
from lostpost.answering.save_draft import LONGEST_DRAFT
from lostpost.answering.start_contact import START_CONTACT
from lostpost.core.errors import Rejected
from lostpost.core.idempotency import IdempotencyKey
from lostpost.core.text import strip_unstorable


@transaction.atomic(durable=True)
def save_contact_draft(
    *,
    order_number: str,
    subject: str,
    item: str,
    text: str,
    leave_open: bool | None,
    files: Sequence[CheckedFile] = (),
    detached: UUID | None = None,
    by: Actor,
    key: str,
    now: datetime,
) -> ContactDraft | None:
    """Keep a first message for whoever writes it; one that says nothing and has no files is not kept.

    Args: `files`: to be kept with it; `detached`: one to be taken away. `key`: with which it would be sent. A draft
    that arrives after its message was sent is not kept.
    Raises: ReadOnly, OrderNotFound, FileRefused, Rejected if it is far too long.
    """
    require_writer(by, Section.QUERIES)
    subject, item, text = (strip_unstorable(each) for each in (subject, item, text))
    if len(text) > LONGEST_DRAFT:
        raise Rejected(_("A draft of more than %(most)d characters is not kept.") % {"most": LONGEST_DRAFT})
    order = lock_order_by_number(order_number, seller_id=by.seller_id)
    if IdempotencyKey.objects.filter(seller_id=by.seller_id, scope=START_CONTACT, key=key).exists():
        return None
    mine = ContactDraft.objects.filter(seller_id=by.seller_id, order_id=order.id, user_id=by.user_id)
    if not (subject.strip() or text.strip() or files or mine.exists()):
        return None
    draft, _new = ContactDraft.objects.update_or_create(
        seller_id=by.seller_id,
        order_id=order.id,
        user_id=by.user_id,
        defaults={
            "subject": subject[:200],
            "item": item[:64],
            "text": text.strip() and text,
            "leave_open": leave_open,
            "seen_at": now,
        },
    )
    if detached:
        ContactFile.objects.filter(seller_id=by.seller_id, draft_id=draft.id, id=detached).delete()
    add_files(draft, files, now=now)
    return draft
