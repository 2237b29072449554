"""The customer query that an address names."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from lostpost.core.kept_query import KeptQuery
from lostpost.customer_queries.models import CustomerQuery
from lostpost.portal.access import PortalRequest

_QUERY = KeptQuery(
    lambda seller_id, number: CustomerQuery.objects.select_related("order").filter(seller_id=seller_id, number=number),
    seller_id=UUID,
    number=str,
)


def own_query(request: PortalRequest, number: str) -> CustomerQuery:
    """Return the shop's query with its order. Raises Http404: another shop's is none."""
    for query in _QUERY(seller_id=request.seller.id, number=number):
        return query
    raise Http404
