"""The customer query that an address names."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404

from lostpost.customer_queries.clock_hours import late_from
from lostpost.customer_queries.models import CustomerQuery
from lostpost.eligibility.policy import Policy
from lostpost.portal.access import PortalRequest


def own_query(request: PortalRequest, number: str) -> CustomerQuery:
    """Return the shop's query with its order. Raises Http404: another shop's is none."""
    query = CustomerQuery.objects.select_related("order").filter(seller_id=request.seller.id, number=number).first()
    if query is None:
        raise Http404
    return query


def is_late(request: PortalRequest, query: CustomerQuery, policy: Policy, *, now: datetime) -> bool:
    """Tell whether the customer waits for the shop for longer than was promised."""
    if query.state != CustomerQuery.State.OPEN:
        return False
    return now >= late_from(query.waits_since, country=request.seller.country, zone=policy.zone)
