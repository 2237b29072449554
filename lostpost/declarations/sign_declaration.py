"""Sign a declaration, on the page of the customer's link."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.policy import current_policy
from lostpost.core.errors import NotFound, Rejected
from lostpost.core.text import is_storable, trimmed
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import mark_open
from lostpost.customer_queries.timeline import add_entry, lock_query
from lostpost.declarations.models import Declaration

LONGEST_NAME = 200


@transaction.atomic(durable=True)
def sign_declaration(*, query: CustomerQuery, declaration_id: UUID, name: str, now: datetime) -> Declaration:
    """Record who signed and on which day; signed again, the first name stays. It is the seller's turn then.

    Nothing that moves money follows from it by itself.

    Raises: NotFound, also where its time is over; Rejected without a name.
    """
    name = " ".join(trimmed(name).split())
    if not 2 <= len(name) <= LONGEST_NAME or not is_storable(name):
        raise Rejected(_("Write your first and last name."))
    query = lock_query(query.number, seller_id=query.seller_id)
    rows = Declaration.objects.filter(seller_id=query.seller_id, query_id=query.id, id=declaration_id)
    declaration = rows.select_related("parcel").filter(content_deleted_at=None).first()
    if declaration is None:
        raise NotFound(_("There is nothing to sign any more."))
    if declaration.signed_at is None:
        declaration.signed_name, declaration.signed_at = name, now
        declaration.signed_on = now.astimezone(current_policy().zone).date()
        rows.update(signed_name=name, signed_at=now, signed_on=declaration.signed_on)
        add_entry(query, "declaration.signed", now=now, parcel=declaration.parcel.code)
        if query.state != CustomerQuery.State.WITH_PARTNERSERVICE:
            mark_open(query, by=None, now=now)
    return declaration
