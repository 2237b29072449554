"""First messages to customers that are not sent: what somebody has written about an order, and its files."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.answering.attachments import AttachmentMissing, require_fitting, store_attachment
from lostpost.answering.drafts import KEPT_FOR
from lostpost.answering.files import CheckedFile
from lostpost.answering.models import ContactDraft, ContactFile
from lostpost.core.text import is_storable
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.orders.errors import OrderNotFound
from lostpost.orders.models import Order


def lock_order_by_number(number: str, *, seller_id: UUID) -> Order:
    """Return an order, locked until commit. Raises OrderNotFound."""
    orders = Order.objects.select_for_update().filter(seller_id=seller_id, number=number)
    order = orders.first() if is_storable(number) else None
    if order is None:
        raise OrderNotFound(_("There is no order “%(number)s” in this shop. Check the number.") % {"number": number})
    return order


def contact_draft(order: Order, *, user_id: int) -> ContactDraft | None:
    """Return what a person has written to the customer of an order and not sent."""
    return ContactDraft.objects.filter(seller_id=order.seller_id, order_id=order.id, user_id=user_id).first()


def files_of_draft(draft: ContactDraft | None) -> list[ContactFile]:
    """Return a draft's files without what is in them, the oldest first."""
    if draft is None:
        return []
    rows = ContactFile.objects.defer("content").filter(seller_id=draft.seller_id, draft_id=draft.id)
    return list(rows.order_by("stored_at", "id"))


def add_files(draft: ContactDraft, files: Sequence[CheckedFile], *, now: datetime) -> None:
    """Keep files with a draft of a locked order; the same file again is kept once. Raises FileRefused."""
    kept = {row.sha256: row.size_bytes for row in files_of_draft(draft)}
    for file in files:
        digest = hashlib.sha256(file.content).hexdigest()
        if digest in kept:
            continue
        kept[digest] = len(file.content)
        require_fitting(len(kept), sum(kept.values()))
        ContactFile(
            seller_id=draft.seller_id,
            draft_id=draft.id,
            name=file.name,
            media_type=file.media_type,
            size_bytes=len(file.content),
            sha256=digest,
            content=file.content,
            stored_at=now,
        ).save(force_insert=True)


def send_files(
    draft: ContactDraft | None,
    ids: Collection[UUID],
    query: CustomerQuery,
    entry_id: UUID,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Let these files of a draft go with the message that was sent. Raises AttachmentMissing, FileRefused."""
    if not ids:
        return
    if draft is None:
        raise AttachmentMissing
    mine = ContactFile.objects.filter(seller_id=query.seller_id, draft_id=draft.id)
    rows = list(mine.filter(id__in=set(ids)).order_by("stored_at", "id"))
    if len(rows) != len(set(ids)):
        raise AttachmentMissing
    entry = TimelineEntry.objects.get(seller_id=query.seller_id, id=entry_id)
    for row in rows:
        file = CheckedFile(row.name, row.media_type, bytes(row.content))
        store_attachment(query, file, entry=entry, by=by, now=now)


def end_contact_draft(draft: ContactDraft | None) -> None:
    """Delete a draft with its files, as it was sent or given up."""
    if draft:
        ContactFile.objects.filter(seller_id=draft.seller_id, draft_id=draft.id).delete()
        ContactDraft.objects.filter(seller_id=draft.seller_id, id=draft.id).delete()


def forget_contact_drafts(*, seller_id: UUID, now: datetime) -> int:
    """Delete the first messages of a shop that nobody has looked at for 30 days; return how many."""
    old = ContactDraft.objects.filter(seller_id=seller_id, seen_at__lt=now - KEPT_FOR)
    ids = list(old.values_list("id", flat=True))
    ContactFile.objects.filter(seller_id=seller_id, draft_id__in=ids).delete()
    ContactDraft.objects.filter(seller_id=seller_id, id__in=ids).delete()
    return len(ids)
