"""Files of messages: uploaded before the message that they go with, listed, downloaded."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Router, Status

from lostpost.answering.attach_files import attach_files
from lostpost.answering.attachments import content_of
from lostpost.answering.detach_file import detach_file
from lostpost.answering.models import Attachment
from lostpost.api.customer_queries.routes import Number, checked_files, requested_query
from lostpost.api.customer_queries.schemas import AttachmentIn, AttachmentOut, AttachmentsOut
from lostpost.api.http.auth import ApiRequest, acting_in_shop, scope
from lostpost.api.http.pagination import Shop
from lostpost.web.downloads import strangers_file
from lostpost.web.problems import not_found

router = Router(tags=["customer queries"])
reads, writes = scope("seller:read", "seller:write"), scope("seller:write")
AttachmentId = Annotated[UUID, Path()]
# What people have attached and not sent is theirs alone; of programs it is the shop's.
_SHOWN = ~Q(entry_id=None) | Q(by_user_id=0)


@router.post(
    "/customer-queries/{number}/attachments", response=AttachmentOut, auth=writes, operation_id="upload_attachment"
)
def post_attachment(request: ApiRequest, number: Number, body: AttachmentIn, seller: Shop = None) -> dict[str, Any]:
    """Keep a file for a message that names it; the same file again is kept once. Without a message it ends in 30 days.

    Pictures (JPEG, PNG, GIF, WebP) are drawn anew, PDFs stay as they are; what it is, its content says.
    """
    by = acting_in_shop(request, seller)
    requested_query(request, seller, number)
    (attachment,) = attach_files(number=number, files=checked_files([body]), by=by, now=timezone.now())
    return _attachment(attachment)


@router.get(
    "/customer-queries/{number}/attachments", response=AttachmentsOut, auth=reads, operation_id="list_attachments"
)
def list_attachments(request: ApiRequest, number: Number, seller: Shop = None) -> dict[str, Any]:
    """List the files of a query's messages, of both sides, and those that programs have not sent yet; oldest first."""
    query = requested_query(request, seller, number)
    rows = Attachment.objects.filter(_SHOWN, seller_id=query.seller_id, query_id=query.id)
    return {"items": [_attachment(row) for row in rows.order_by("stored_at", "id")]}


@router.get(
    "/customer-queries/{number}/attachments/{attachment}",
    response={200: None},
    auth=reads,
    operation_id="download_attachment",
)
def get_attachment(request: ApiRequest, number: Number, attachment: AttachmentId, seller: Shop = None) -> HttpResponse:
    """Download a file. Customers send them: open them nowhere that trusts what they hold."""
    query = requested_query(request, seller, number)
    rows = Attachment.objects.filter(_SHOWN, seller_id=query.seller_id, query_id=query.id)
    row = rows.filter(id=attachment).first()
    content = content_of(row) if row else None
    if row is None or content is None:
        raise not_found()
    return strangers_file(content, name=row.name, media_type=row.media_type)


@router.delete(
    "/customer-queries/{number}/attachments/{attachment}",
    response={204: None},
    auth=writes,
    operation_id="delete_attachment",
)
def delete_attachment(
    request: ApiRequest, number: Number, attachment: AttachmentId, seller: Shop = None
) -> Status[None]:
    """Delete a file that was not sent; where there is none, nothing changes."""
    requested_query(request, seller, number)
    detach_file(number=number, attachment_id=attachment, by=acting_in_shop(request, seller))
    return Status(204, None)


def _attachment(row: Attachment) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name or None,
        "media_type": row.media_type,
        "size_bytes": row.size_bytes,
        "sha256": row.sha256,
        "message": row.entry_id,
        "stored_at": row.stored_at,
        "deleted_at": row.content_deleted_at,
    }
