"""Assign a query to somebody of the shop, or to nobody."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.models import Member
from lostpost.accounts.sections import Section
from lostpost.core.errors import Rejected
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import add_entry, lock_query


@transaction.atomic(durable=True)
def assign_query(*, number: str, user_id: int | None, by: Actor, now: datetime) -> CustomerQuery:
    """Assign a query, whatever its state, to a member who may answer it; None: to nobody. Repeating changes nothing.

    Raises: ReadOnly, QueryNotFound, Rejected for somebody who may not manage queries of the shop.
    """
    require_writer(by, Section.QUERIES)
    member = None if user_id is None else require_assignable(user_id, seller_id=by.seller_id)
    query = lock_query(number, seller_id=by.seller_id)
    if query.assignee_user_id == user_id:
        return query
    query.assignee_user_id, query.assignee_name = user_id, member.name if member else ""
    CustomerQuery.objects.filter(seller_id=query.seller_id, id=query.id).update(
        assignee_user_id=query.assignee_user_id, assignee_name=query.assignee_name
    )
    add_entry(query, "query.assigned", now=now, by=by, name=query.assignee_name, user=user_id)
    return query


def require_assignable(user_id: int, *, seller_id: UUID) -> Member:
    """Return a member of a shop who may answer customers. Raises Rejected for anybody else."""
    member = Member.objects.filter(seller_id=seller_id, user_id=user_id).first()
    if member is None or not member.may_manage(Section.QUERIES):
        raise Rejected(_("Choose an owner or an agent of this shop, who may answer customers."))
    return member
