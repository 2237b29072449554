"""Arm write-offs before their day, list and disarm them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router

from lostpost.api.armed_write_offs.schemas import ArmedListOut, ArmedOut, ArmedPreviewOut, ArmedState
from lostpost.api.http.auth import ApiRequest, acting_in_shop, acting_seller, scope
from lostpost.api.http.idempotency import KeyHeader, json_text, with_idempotency_key
from lostpost.api.http.pagination import After, Shop, Size, after_key, page_out
from lostpost.api.write_offs.routes import OfQuery, preview_members, selected_units
from lostpost.api.write_offs.schemas import PreviewIn, WriteOffIn
from lostpost.armed_write_offs.arm_write_off import ARMING, arm_write_off
from lostpost.armed_write_offs.disarm_write_off import disarm_write_off
from lostpost.armed_write_offs.models import ArmedWriteOff
from lostpost.armed_write_offs.preview_armed import preview_armed_of
from lostpost.core.keyset import page_of
from lostpost.web.problems import not_found

router = Router(tags=["write-offs"])
reads, writes = scope("seller:read", "seller:write"), scope("seller:write")


@router.post("/armed-write-offs/preview", response=ArmedPreviewOut, auth=reads, operation_id="preview_armed_write_off")
def post_armed_preview(request: ApiRequest, body: PreviewIn, seller: Shop = None) -> dict[str, Any]:
    """Compute a write-off that is not possible yet, without a trace: its amounts, and when it becomes possible."""
    by = acting_in_shop(request, seller)
    preview = preview_armed_of(
        query=body.customer_query, selection=selected_units(body), seller_id=by.seller_id, now=timezone.now()
    )
    return {**preview_members(preview.assessment, preview.amounts, preview.token), "due_at": preview.due_at}


@router.post("/armed-write-offs", response={201: ArmedOut}, auth=writes, operation_id="arm_write_off")
def post_armed(request: ApiRequest, body: WriteOffIn, key: KeyHeader, seller: Shop = None) -> HttpResponse:
    """Arm a write-off: it is carried out once, when it becomes possible, unless anything happens before.

    Safe to repeat with the same Idempotency-Key. A scan, a message of the customer, a return or a change of the policy
    disarms it, and so does whatever refuses it on its day.
    """
    by = acting_in_shop(request, seller)
    return with_idempotency_key(
        lambda key: arm_write_off(
            query=body.customer_query,
            selection=selected_units(body),
            by=by,
            key=key,
            now=timezone.now(),
            token=body.token or "",
        ),
        key=key,
        scope=ARMING,
        seller_id=by.seller_id,
        answer=lambda armed: json_text(ArmedOut(**_armed(_read(by.seller_id, armed.id)))),
    )


@router.get("/armed-write-offs", response=ArmedListOut, auth=reads, operation_id="list_armed_write_offs")
def list_armed(
    request: ApiRequest,
    seller: Shop = None,
    customer_query: OfQuery = None,
    state: Annotated[ArmedState | None, Query()] = None,
    after: After = None,
    size: Size = 50,
) -> dict[str, Any]:
    """List armed write-offs, newest first, also those that were carried out or disarmed."""
    shop = acting_seller(request, seller)
    rows = ArmedWriteOff.objects.filter(seller_id=shop.id).select_related("query", "order", "write_off")
    if customer_query is not None:
        rows = rows.filter(query__number=customer_query)
    if state is not None:
        rows = rows.filter(state=state)
    return page_out(page_of(rows, by="armed_at", after=after_key(after), size=size, newest_first=True), _armed)


@router.get("/armed-write-offs/{uuid:armed}", response=ArmedOut, auth=reads, operation_id="get_armed_write_off")
def get_armed(request: ApiRequest, armed: UUID, seller: Shop = None) -> dict[str, Any]:
    """Get an armed write-off, with what came of it."""
    return _armed(_read(acting_seller(request, seller).id, armed))


@router.post("/armed-write-offs/{uuid:armed}/disarm", response=ArmedOut, auth=writes, operation_id="disarm_write_off")
def post_disarm(request: ApiRequest, armed: UUID, seller: Shop = None) -> dict[str, Any]:
    """Disarm a write-off; the same again changes nothing."""
    by = acting_in_shop(request, seller)
    disarm_write_off(armed_id=armed, by=by, now=timezone.now())
    return _armed(_read(by.seller_id, armed))


def _read(seller_id: UUID, armed_id: UUID) -> ArmedWriteOff:
    rows = ArmedWriteOff.objects.select_related("query", "order", "write_off")
    row = rows.filter(seller_id=seller_id, id=armed_id).first()
    if row is None:
        raise not_found()
    return row


def _armed(armed: ArmedWriteOff) -> dict[str, Any]:
    return {
        "id": armed.id,
        "customer_query": armed.query.number,
        "order_number": armed.order.number,
        "state": armed.state,
        "due_at": armed.due_at,
        "lines": [{"parcel": parcel, "item": item, "quantity": quantity} for parcel, item, quantity in armed.units],
        "currency": armed.currency,
        "refund_minor": armed.refund_minor,
        "armed_at": armed.armed_at,
        "by": armed.by_name,
        "ended_at": armed.ended_at,
        "write_off": armed.write_off.number if armed.write_off else None,
        "reason": armed.reason or None,
    }
