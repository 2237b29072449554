"""Files of messages: attached to an answer, taken away again, and downloaded."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from lostpost.accounts.sections import Section
from lostpost.answering.attach_files import attach_files
from lostpost.answering.attachments import content_of
from lostpost.answering.detach_file import detach_file
from lostpost.answering.files import LARGEST_FILE, CheckedFile, checked_file
from lostpost.answering.models import Attachment
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.own_query import own_query
from lostpost.web.downloads import strangers_file


@of_shop(Section.QUERIES)
@require_safe
def attachment_file(request: PortalRequest, number: str, attachment: UUID) -> HttpResponse:
    """Download a file of a message; never shown within a page of ours, whatever a browser makes of it."""
    query = own_query(request, number)
    row = Attachment.objects.filter(seller_id=query.seller_id, query_id=query.id, id=attachment).first()
    others = row is not None and row.entry_id is None and row.by_user_id != request.actor.user_id
    content = content_of(row) if row and not others else None
    if row is None or content is None:
        raise Http404
    return strangers_file(content, name=row.name, media_type=row.media_type)


def attached_files(request: PortalRequest, number: str) -> list[UUID]:
    """Keep the files that came with a form, take away the one that it names, and return those to be sent with it.

    Raises: Refused, such as FileRefused.
    """
    detached = uuid_in(request.POST.get("detach", ""))
    if detached:
        detach_file(number=number, attachment_id=detached, by=request.actor)
    ids = [each for each in map(uuid_in, request.POST.getlist("attachment")) if each and each != detached]
    if files := uploaded_files(request):
        ids += [row.id for row in attach_files(number=number, files=files, by=request.actor, now=timezone.now())]
    return ids


def uploaded_files(request: PortalRequest) -> list[CheckedFile]:
    """Return the files that came with a form, as they are kept. Raises FileRefused."""
    uploads = request.FILES.getlist("files")
    return [checked_file(file.name or "", file.read(LARGEST_FILE + 1)) for file in uploads]


def uuid_in(text: str) -> UUID | None:
    """Return the id in a field of a form; None if it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
