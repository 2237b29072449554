"""Refunds, as their shop reads them."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Query, Router

from lostpost.api.http.auth import ApiRequest, acting_seller, scope
from lostpost.api.http.pagination import After, Shop, Size, after_key, page_out
from lostpost.api.http.paths import WriteOffNumber
from lostpost.api.refunds.schemas import RefundOut, RefundsOut, RefundState
from lostpost.core.keyset import page_of
from lostpost.refunds.models import Refund
from lostpost.web.problems import not_found

router = Router(tags=["write-offs"], auth=scope("seller:read", "seller:write"))
OfRefundState = Annotated[RefundState | None, Query()]


@router.get("/refunds", response=RefundsOut, operation_id="list_refunds")
def list_refunds(
    request: ApiRequest, seller: Shop = None, state: OfRefundState = None, after: After = None, size: Size = 50
) -> dict[str, Any]:
    """List refunds, newest first."""
    rows = Refund.objects.filter(seller_id=acting_seller(request, seller).id).select_related("order")
    if state is not None:
        rows = rows.filter(state=state)
    page = page_of(rows, by="requested_at", after=after_key(after), size=size, newest_first=True)
    return page_out(page, lambda refund: refund)


@router.get("/refunds/{number}", response=RefundOut, operation_id="get_refund")
def get_refund(request: ApiRequest, number: WriteOffNumber, seller: Shop = None) -> Refund:
    """Get one refund; it has its write-off's number."""
    shop = acting_seller(request, seller)
    refund = Refund.objects.select_related("order").filter(seller_id=shop.id, number=number).first()
    if refund is None:
        raise not_found()
    return refund
