"""Customers' messages, from the marketplace's own contact form."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from lostpost.answering.take_customer_message import take_customer_message
from lostpost.api.customer_queries.routes import checked_files
from lostpost.api.customer_queries.schemas import CustomerMessageIn, QueryStateOut
from lostpost.api.http.auth import ApiRequest, acting_seller, scope
from lostpost.api.http.idempotency import KeyHeader, json_text, with_idempotency_key
from lostpost.api.http.pagination import Shop
from lostpost.customer_queries.models import CustomerQuery

router = Router(tags=["platform"], auth=scope("platform"))


@router.post("/customer-messages", response={201: QueryStateOut}, operation_id="post_customer_message")
def post_customer_message(
    request: ApiRequest, body: CustomerMessageIn, key: KeyHeader, seller: Shop = None
) -> HttpResponse:
    """Take what a customer wrote about an order: it goes on with the newest query about it, or opens one.

    Whoever calls says who wrote: show the form only to the order's customer. Safe to repeat with the same
    Idempotency-Key.
    """
    shop, files = acting_seller(request, seller), checked_files(body.files)
    return with_idempotency_key(
        lambda key: take_customer_message(
            seller_id=shop.id,
            order_number=body.order_number,
            subject=body.subject,
            message=body.message,
            item=body.item or "",
            files=files,
            key=key,
            now=timezone.now(),
        ),
        key=key,
        scope="customer-message",
        seller_id=shop.id,
        answer=_state_text,
    )


def _state_text(query: CustomerQuery) -> str:
    return json_text(QueryStateOut.model_validate({"number": query.number, "state": query.state}))
