"""Take a file away from an answer that is not sent yet."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.answering.attachments import drop_unsent
from lostpost.customer_queries.timeline import lock_query


@transaction.atomic(durable=True)
def detach_file(*, number: str, attachment_id: UUID, by: Actor) -> None:
    """Delete a file that was attached and not sent; where there is none, nothing changes.

    Raises: ReadOnly, QueryNotFound.
    """
    require_writer(by, Section.QUERIES)
    query = lock_query(number, seller_id=by.seller_id)
    drop_unsent(query, [attachment_id], by=by)
