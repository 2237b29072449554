"""Make the customer's link stop working."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.customer_links.models import CustomerLink
from lostpost.customer_queries.timeline import add_entry, lock_query


@transaction.atomic(durable=True)
def revoke_links(*, seller_id: UUID, number: str, by: Actor | None, now: datetime) -> int:
    """End all links to a query, and note it on the timeline; return how many. The next e-mail has a new one.

    Args: `by`: who of the shop or of Partnerservice; None: the customer.
    Raises: ReadOnly, QueryNotFound.
    """
    if by:
        require_writer(by, Section.QUERIES)
    query = lock_query(number, seller_id=seller_id)
    links = CustomerLink.objects.filter(seller_id=seller_id, query_id=query.id, revoked_at=None, ends_at__gt=now)
    count = links.update(revoked_at=now)
    if count:
        add_entry(query, "link.revoked", now=now, by=by)
    return count
