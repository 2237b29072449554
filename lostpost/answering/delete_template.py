"""Delete a shop's own template of an answer."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.answering.models import AnswerTemplate


@transaction.atomic(durable=True)
def delete_template(*, template_id: UUID, by: Actor) -> None:
    """Delete a template; what was sent with it stays as it is. One that is not there is deleted already.

    Raises: ReadOnly.
    """
    require_writer(by, Section.QUERIES)
    AnswerTemplate.objects.filter(seller_id=by.seller_id, id=template_id).delete()
