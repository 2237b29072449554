"""Remove a view of the list of queries that a member kept."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.customer_queries.models import SavedView


@transaction.atomic(durable=True)
def remove_view(*, view_id: UUID, by: Actor) -> None:
    """Remove one of the member's own views; one that is gone, or somebody else's, changes nothing. Raises ReadOnly."""
    require_writer(by, Section.QUERIES)
    SavedView.objects.filter(seller_id=by.seller_id, user_id=by.user_id, id=view_id).delete()
