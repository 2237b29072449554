"""Hand a query to Partnerservice, by the seller or by its desk."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.core.errors import Rejected
from lostpost.core.text import is_storable, trimmed
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import mark_with_partnerservice, require_open
from lostpost.customer_queries.timeline import lock_query

LONGEST_REASON = 1000


@transaction.atomic(durable=True)
def hand_to_partnerservice(*, seller_id: UUID, number: str, reason: str, by: Actor, now: datetime) -> CustomerQuery:
    """Let Partnerservice have a query until it answers, or for 48 hours; where they have it already, nothing changes.

    Args: `by`: a member or client of the shop, or an agent of Partnerservice.
    Raises: ReadOnly, QueryNotFound, QueryHandled, Rejected without a reason.
    """
    require_writer(by, Section.QUERIES)
    reason = " ".join(trimmed(reason).split())
    if not 1 <= len(reason) <= LONGEST_REASON or not is_storable(reason):
        raise Rejected(
            _("Say in 1 to %(most)d characters why Partnerservice should have it.") % {"most": LONGEST_REASON}
        )
    query = lock_query(number, seller_id=seller_id)
    if query.state != CustomerQuery.State.WITH_PARTNERSERVICE:
        require_open(query, now=now)
        mark_with_partnerservice(query, by=by, reason=reason, now=now)
    return query
