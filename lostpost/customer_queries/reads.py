"""How many customer queries are open, and the search among all of them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from lostpost.core.keyset import Page, PageKey, page_of
from lostpost.core.sql import fetch
from lostpost.customer_queries.models import CustomerQuery
from lostpost.orders.order_search import matching_order_ids

State = CustomerQuery.State
_OPEN_COUNTED = """
    SELECT count(*)
      FROM (SELECT FROM lostpost_customerquery WHERE seller_id = %s AND state = 'open' LIMIT %s) counted
"""


def open_queries_counted(seller_id: UUID, *, most: int) -> int:
    """Count the queries in which it is the seller's turn, up to `most`."""
    ((count,),) = fetch(_OPEN_COUNTED, (seller_id, most))
    return int(count)


def matching_queries(seller_id: UUID, words: str, *, after: PageKey | None, size: int) -> Page[CustomerQuery]:
    """Return a page of the queries that match, whatever their state, the newest first.

    Args: `words`: a query's or an order's complete number, or the beginning of the customer's name or e-mail address.
    """
    of_order = Q(order_id__in=matching_order_ids(seller_id, words))
    rows = _queries(seller_id).select_related("order", "earlier_query").filter(of_order | Q(number=words.strip()[:20]))
    return page_of(rows, by="opened_at", after=after, size=size, newest_first=True)


def _queries(seller_id: UUID) -> QuerySet[CustomerQuery]:
    return CustomerQuery.objects.filter(seller_id=seller_id)
