"""Files of messages, for Partnerservice."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from lostpost.accounts.reads import seller_of_code
from lostpost.answering.attachments import content_of
from lostpost.answering.models import Attachment
from lostpost.desk.access import DeskRequest, staff
from lostpost.web.downloads import strangers_file


@staff("partnerservice")
@require_safe
def message_file(request: DeskRequest, seller: str, attachment: UUID) -> HttpResponse:
    """Download a file of a message of either side; what was not sent is nobody's but its author's."""
    shop = seller_of_code(seller)
    row = shop and Attachment.objects.filter(seller_id=shop.id, id=attachment).exclude(entry_id=None).first()
    content = content_of(row) if row else None
    if not row or content is None:
        raise Http404
    return strangers_file(content, name=row.name, media_type=row.media_type)
