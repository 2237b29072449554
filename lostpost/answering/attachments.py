"""Attachments of messages: the one way in, and how they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.accounts.actor import Actor
from lostpost.answering.files import LARGEST_MESSAGE, MOST_FILES, CheckedFile, FileRefused
from lostpost.answering.models import Attachment, AttachmentContent
from lostpost.core.errors import Conflict
from lostpost.core.kept_query import KeptQuery
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry

UNSENT_KEPT_FOR = timedelta(days=30)  # As drafts are.
_OF_QUERY = KeptQuery(
    lambda **query: Attachment.objects.filter(**query).order_by("stored_at", "id"), seller_id=UUID, query_id=UUID
)
MOST_OF_QUERY = 200


class AttachmentMissing(Conflict):
    """A file that was to be sent is not there, or was sent already."""

    code = "attachment-missing"
    sentence = gettext_lazy("A file of this message is not there any more. Attach it again.")


def store_attachment(
    query: CustomerQuery, file: CheckedFile, *, entry: TimelineEntry | None, by: Actor | None, now: datetime
) -> Attachment:
    """Keep a file in a locked query, within the caller's transaction: the one way in, for both sides' files.

    Args: `file`: from `checked_file`. `entry`: the message it came with; None: it is not sent yet. `by`: who of the
    shop has it; None: the customer.
    Raises: FileRefused where a query has too many already.
    """
    if Attachment.objects.filter(seller_id=query.seller_id, query_id=query.id).count() >= MOST_OF_QUERY:
        raise FileRefused(
            _("This customer query has %(most)d files; more are not kept.") % {"most": MOST_OF_QUERY},
            reason="query-full",
        )
    attachment = Attachment(
        seller_id=query.seller_id,
        query_id=query.id,
        entry_id=entry.id if entry else None,
        name=file.name,
        media_type=file.media_type,
        size_bytes=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(),
        by_user_id=by.user_id if by else 0,
        by_name=by.name if by else "",
        stored_at=now,
    )
    attachment.save(force_insert=True)
    AttachmentContent(seller_id=query.seller_id, attachment_id=attachment.id, content=file.content).save(
        force_insert=True
    )
    return attachment


def store_files(
    query: CustomerQuery, files: Sequence[CheckedFile], *, entry: TimelineEntry, by: Actor | None, now: datetime
) -> None:
    """Keep the files that came with a message, in a locked query; the same file twice is kept once.

    Args: `by`: as `store_attachment` takes it.
    Raises: FileRefused if they are too many or too large together.
    """
    distinct = dict(zip(digests(files), files, strict=True))
    require_fitting(len(distinct), sum(len(file.content) for file in distinct.values()))
    for file in distinct.values():
        store_attachment(query, file, entry=entry, by=by, now=now)


def digests(files: Sequence[CheckedFile]) -> list[str]:
    """Return what files hold, as hashes in their order."""
    return [hashlib.sha256(file.content).hexdigest() for file in files]


def attach_to_message(query: CustomerQuery, ids: Sequence[UUID], *, entry_id: UUID, by: Actor) -> None:
    """Send these files with a message, in a locked query; they were stored by the same person, or by programs.

    Raises: AttachmentMissing, FileRefused if they are too many or too large together.
    """
    wanted = set(ids)
    files = unsent(query, by=by).filter(id__in=wanted)
    if len(files) != len(wanted):
        raise AttachmentMissing
    require_fitting(len(files), sum(file.size_bytes for file in files))
    Attachment.objects.filter(seller_id=query.seller_id, query_id=query.id, id__in=wanted).update(entry_id=entry_id)


def digests_of(query: CustomerQuery, ids: Sequence[UUID]) -> list[str]:
    """Return what these files hold, as hashes: by them a message that is sent twice is known."""
    files = Attachment.objects.filter(seller_id=query.seller_id, query_id=query.id, id__in=ids)
    return sorted(files.values_list("sha256", flat=True))


def drop_unsent(query: CustomerQuery, ids: Sequence[UUID], *, by: Actor) -> None:
    """Delete those of these files that were not sent: their message has been, with the same files."""
    left = list(unsent(query, by=by).filter(id__in=ids).values_list("id", flat=True))
    AttachmentContent.objects.filter(seller_id=query.seller_id, attachment_id__in=left).delete()
    Attachment.objects.filter(seller_id=query.seller_id, id__in=left).delete()


def unsent(query: CustomerQuery, *, by: Actor) -> QuerySet[Attachment]:
    """Return the files that somebody has attached and not sent."""
    return Attachment.objects.filter(
        seller_id=query.seller_id, query_id=query.id, entry_id=None, by_user_id=by.user_id, content_deleted_at=None
    )


def require_fitting(count: int, size_bytes: int) -> None:
    """Refuse more files than one message takes. Raises FileRefused."""
    if count > MOST_FILES:
        raise FileRefused(_("One message takes %(most)d files at most.") % {"most": MOST_FILES}, reason="too-many")
    if size_bytes > LARGEST_MESSAGE:
        most = LARGEST_MESSAGE // 1024 // 1024
        raise FileRefused(
            _("The files of one message are %(most)d MB at most together.") % {"most": most},
            reason="too-large-together",
        )


def attachments_of(query: CustomerQuery) -> Mapping[UUID | None, list[Attachment]]:
    """Return the files of a query by the timeline entry that they came with; None: not sent yet. One statement."""
    files: dict[UUID | None, list[Attachment]] = {}
    for row in _OF_QUERY(seller_id=query.seller_id, query_id=query.id):
        files.setdefault(row.entry_id, []).append(row)
    return files


def content_of(attachment: Attachment) -> bytes | None:
    """Return what is in a file; None once its time is over."""
    rows = AttachmentContent.objects.filter(seller_id=attachment.seller_id, attachment_id=attachment.id)
    content = rows.values_list("content", flat=True).first()
    return None if content is None else bytes(content)


def files_of_entry(*, seller_id: UUID, entry_id: UUID) -> list[CheckedFile]:
    """Return the files of a message, as its e-mail carries them: one statement."""
    rows = AttachmentContent.objects.filter(seller_id=seller_id, attachment__entry_id=entry_id)
    return [
        CheckedFile(row.attachment.name, row.attachment.media_type, bytes(row.content))
        for row in rows.select_related("attachment").order_by("attachment__stored_at", "attachment_id")
    ]


def forget_attachments(*, seller_id: UUID, kept_days: int, now: datetime) -> int:
    """Delete the content of files whose time is over, and those that were never sent; return how many.

    What remains of a sent one is that it was there: its name gives way, as names may be people's.
    """
    mine = Attachment.objects.filter(seller_id=seller_id)
    over = mine.filter(content_deleted_at=None, stored_at__lt=now - timedelta(days=kept_days)).exclude(entry_id=None)
    ids = list(over.values_list("id", flat=True))
    never_sent = list(mine.filter(entry_id=None, stored_at__lt=now - UNSENT_KEPT_FOR).values_list("id", flat=True))
    AttachmentContent.objects.filter(seller_id=seller_id, attachment_id__in=[*ids, *never_sent]).delete()
    mine.filter(id__in=ids).update(content_deleted_at=now, name="")
    mine.filter(id__in=never_sent).delete()
    return len(ids) + len(never_sent)
