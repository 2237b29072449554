"""What a shop has had with a customer before: orders, queries and losses beside the query that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Sum

from lostpost.core.kept_query import KeptQuery
from lostpost.customer_queries.models import CustomerQuery
from lostpost.orders.models import Order
from lostpost.orders.order_search import orders_to
from lostpost.writeoffs.models import WriteOff

ORDERS_LOOKED_AT = 50  # The newest of the customer.
SHOWN = 5
_ORDERS = KeptQuery(
    lambda seller_id, email: Order.objects.filter(seller_id=seller_id, id__in=orders_to(seller_id, email)).order_by(
        "-placed_at", "-id"
    )[:ORDERS_LOOKED_AT],
    seller_id=UUID,
    email=str,
)

_QUERIES = KeptQuery(
    lambda seller_id, order_ids, but: (
        CustomerQuery.objects.filter(seller_id=seller_id, order_id__any=order_ids)
        .exclude(id=but)
        .select_related("order")
        .order_by("-opened_at", "-id")[:SHOWN]
    ),
    seller_id=UUID,
    order_ids=list,
    but=UUID,
)
_LOSSES = KeptQuery(
    lambda seller_id, order_ids: (
        WriteOff.objects.filter(seller_id=seller_id, order_id__any=order_ids)
        .values("currency")
        .order_by("currency")
        .annotate(write_offs=Count("id"), total_minor=Sum("refund_minor"))
    ),
    seller_id=UUID,
    order_ids=list,
)


@dataclass(frozen=True, slots=True)
class Losses:
    """Write-offs in one currency."""

    count: int
    refund_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CustomerHistory:
    """The newest of each, the query and its order left out; `orders_count`: 50 stands for 50 and more."""

    orders: Sequence[Order]
    orders_count: int
    queries: Sequence[CustomerQuery]
    losses: Sequence[Losses]


def customer_history(query: CustomerQuery) -> CustomerHistory:
    """Return what the shop had with the customer of a query, known by the e-mail address: three statements."""
    seller_id = query.seller_id
    orders = _ORDERS(seller_id=seller_id, email=query.order.customer_email)
    ids = list({query.order_id, *(order.id for order in orders)})
    others = [order for order in orders if order.id != query.order_id]
    return CustomerHistory(
        orders=others[:SHOWN],
        orders_count=len(others),
        queries=_QUERIES(seller_id=seller_id, order_ids=ids, but=query.id),
        losses=[
            Losses(row["write_offs"], row["total_minor"], row["currency"])
            for row in _LOSSES(seller_id=seller_id, order_ids=ids)
        ],
    )
