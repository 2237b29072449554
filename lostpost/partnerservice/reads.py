"""Requests to Partnerservice as its desk works through them, over all sellers."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from lostpost.core.keyset import Page, PageKey, page_of
from lostpost.core.ownership import cross_seller
from lostpost.orders.order_search import orders_to
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.writeoffs.models import WriteOff

State = PartnerserviceRequest.State
BUCKETS = (State.WAITING, State.ANSWERED)


def waiting_requests_counted(*, most: int) -> int:
    """Count, up to `most`, the requests of all sellers that wait for an answer."""
    with cross_seller("Partnerservice: how much there is to do"):
        return PartnerserviceRequest.objects.filter(state=State.WAITING)[:most].count()


def requests_in(state: str, *, after: PageKey | None, size: int) -> Page[PartnerserviceRequest]:
    """Return a page of all sellers' requests with their case: the longest waiting first, or the newest answers."""
    rows = _with_case().filter(state=state)
    answered = state == State.ANSWERED
    with cross_seller("Partnerservice: requests of all sellers"):
        return page_of(
            rows, by="answered_at" if answered else "asked_at", after=after, size=size, newest_first=answered
        )


def request_with_case(seller_id: UUID, request_id: UUID) -> PartnerserviceRequest | None:
    """Return one request of a seller with its query, order, parcel and item."""
    return _with_case().filter(seller_id=seller_id, id=request_id).first()


def earlier_losses(request: PartnerserviceRequest, *, most: int) -> list[WriteOff]:
    """Return what this seller wrote off before for the same customer, newest first: they may be a pattern."""
    same_customer = orders_to(request.seller_id, request.query.order.customer_email)
    losses = WriteOff.objects.filter(seller_id=request.seller_id, order_id__in=same_customer)
    return list(losses.order_by("-confirmed_at", "-id")[:most])


def _with_case() -> QuerySet[PartnerserviceRequest]:
    return PartnerserviceRequest.objects.select_related(
        "seller", "query__order", "parcel_unit__order_item", "parcel_unit__parcel"
    )
