"""Compensations: what Partnerservice granted customers without a write-off."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Path, Query, Router

from lostpost.api.compensations.schemas import CompensationOut, CompensationsOut
from lostpost.api.http.auth import ApiRequest, acting_seller, scope
from lostpost.api.http.fields import NAME
from lostpost.api.http.pagination import After, Shop, Size, after_key, page_out
from lostpost.api.refunds.schemas import RefundState
from lostpost.compensations.models import Compensation
from lostpost.core.keyset import page_of
from lostpost.web.problems import not_found

router = Router(tags=["write-offs"])
reads = scope("seller:read", "seller:write")
CompensationNumber = Annotated[str, Path(pattern="^[0-9]{1,20}-C[0-9]{1,9}$")]
OfOrder = Annotated[str | None, Query(pattern=NAME)]
OfQuery = Annotated[str | None, Query(pattern="^[0-9]{1,20}$")]
OfRefundState = Annotated[RefundState | None, Query()]
_COMPENSATIONS = Compensation.objects.select_related("order", "query", "refund", "order_item", "parcel_unit__parcel")


@router.get("/compensations", response=CompensationsOut, auth=reads, operation_id="list_compensations")
def list_compensations(
    request: ApiRequest,
    seller: Shop = None,
    order_number: OfOrder = None,
    customer_query: OfQuery = None,
    state: OfRefundState = None,
    after: After = None,
    size: Size = 50,
) -> dict[str, Any]:
    """List compensations, newest first; `state` is that of the refund."""
    rows = _COMPENSATIONS.filter(seller_id=acting_seller(request, seller).id)
    if order_number is not None:
        rows = rows.filter(order__number=order_number)
    if customer_query is not None:
        rows = rows.filter(query__number=customer_query)
    if state is not None:
        rows = rows.filter(refund__state=state)
    return page_out(page_of(rows, by="granted_at", after=after_key(after), size=size, newest_first=True), _compensation)


@router.get("/compensations/{number}", response=CompensationOut, auth=reads, operation_id="get_compensation")
def get_compensation(request: ApiRequest, number: CompensationNumber, seller: Shop = None) -> dict[str, Any]:
    """Get one compensation, with the state of its refund now."""
    row = _COMPENSATIONS.filter(seller_id=acting_seller(request, seller).id, number=number).first()
    if row is None:
        raise not_found()
    return _compensation(row)


def _compensation(row: Compensation) -> dict[str, Any]:
    return {
        "number": row.number,
        "customer_query": row.query.number,
        "order_number": row.order.number,
        "request": row.request_id,
        "parcel": row.parcel_unit.parcel.code,
        "item": row.order_item.item,
        "title": row.order_item.title,
        "currency": row.currency,
        "refund": {"state": row.refund.state, "amount_minor": row.amount_minor},
        "items_minor": row.items_minor,
        "delivery_minor": row.delivery_minor,
        "commission_minor": row.commission_minor,
        "commission_vat_minor": row.commission_vat_minor,
        "granted_at": row.granted_at,
        "policy_version": row.policy_version,
        "reason": row.reason,
        "by": row.by_name,
    }
