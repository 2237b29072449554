"""The customer query that an address names."""

from __future__ import annotations

from django.http import Http404

from lostpost.customer_queries.models import CustomerQuery
from lostpost.portal.access import PortalRequest


def own_query(request: PortalRequest, number: str) -> CustomerQuery:
    """Return the shop's query with its order. Raises Http404: another shop's is none."""
    query = CustomerQuery.objects.select_related("order").filter(seller_id=request.seller.id, number=number).first()
    if query is None:
        raise Http404
    return query
