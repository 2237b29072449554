"""Write off many orders at once: preview them, start the batch, read what came of each line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from lostpost.api.http.auth import ApiRequest, acting_in_shop, acting_seller, scope
from lostpost.api.http.idempotency import KeyHeader, json_text, with_idempotency_key
from lostpost.api.http.pagination import After, Shop, Size, after_key, page_out
from lostpost.api.write_off_batches.schemas import BatchesOut, BatchIn, BatchOut, BatchPreviewOut
from lostpost.core.errors import Refused
from lostpost.core.keyset import page_of
from lostpost.web.problems import not_found, refusal_members
from lostpost.write_off_batches.decide_batch import cancel_batch
from lostpost.write_off_batches.models import WriteOffBatch, WriteOffBatchLine
from lostpost.write_off_batches.preview_batch import BatchWish, preview_batch
from lostpost.write_off_batches.reads import lines_of_batch
from lostpost.write_off_batches.start_batch import start_batch
from lostpost.writeoffs.selection import SelectedUnits

router = Router(tags=["write-offs"])
reads, writes = scope("seller:read", "seller:write"), scope("seller:write")


@router.post("/write-offs/batch/preview", response=BatchPreviewOut, auth=reads, operation_id="preview_write_off_batch")
def post_batch_preview(request: ApiRequest, body: BatchIn, seller: Shop = None) -> dict[str, Any]:
    """Compute the write-offs of many orders without a trace: what each comes to, or why it is refused."""
    preview = preview_batch(_wishes(body), by=acting_in_shop(request, seller), now=timezone.now())
    return {
        "currency": preview.currency or None,
        "refund_minor": preview.refund_minor,
        "needs_second_person": preview.limits.needs_second,
        "refusals": [_refusal(refusal) for refusal in preview.limits.refusals],
        "customer_queries": [
            {
                "customer_query": line.wish.query,
                "order_number": line.order_number or None,
                "lines": [_units(units.parcel, units.item, units.quantity) for units in line.units],
                "refund_minor": line.refund_minor,
                "token": line.preview.token if line.preview else None,
                "refusal": _refusal(line.refusal) if line.refusal else None,
            }
            for line in preview.lines
        ],
    }


@router.post("/write-offs/batch", response={201: BatchOut}, auth=writes, operation_id="create_write_off_batch")
def post_batch(request: ApiRequest, body: BatchIn, key: KeyHeader, seller: Shop = None) -> HttpResponse:
    """Write off many orders, each by itself. Final. Safe to repeat with the same Idempotency-Key.

    It is done in the background; read it again to see what came of each line.
    """
    by = acting_in_shop(request, seller)
    return with_idempotency_key(
        lambda key: start_batch(wishes=_wishes(body), by=by, key=key, now=timezone.now()),
        key=key,
        scope="write-off-batch",
        seller_id=by.seller_id,
        answer=lambda batch: json_text(BatchOut(**_batch(batch))),
    )


@router.get("/write-off-batches", response=BatchesOut, auth=reads, operation_id="list_write_off_batches")
def list_batches(request: ApiRequest, seller: Shop = None, after: After = None, size: Size = 50) -> dict[str, Any]:
    """List batches, newest first, without their lines."""
    shop = acting_seller(request, seller)
    rows = WriteOffBatch.objects.filter(seller_id=shop.id)
    return page_out(page_of(rows, by="started_at", after=after_key(after), size=size, newest_first=True), _head)


@router.get("/write-off-batches/{uuid:batch}", response=BatchOut, auth=reads, operation_id="get_write_off_batch")
def get_batch(request: ApiRequest, batch: UUID, seller: Shop = None) -> dict[str, Any]:
    """Get a batch, with what came of each line so far."""
    shop = acting_seller(request, seller)
    row = WriteOffBatch.objects.filter(seller_id=shop.id, id=batch).first()
    if row is None:
        raise not_found()
    return _batch(row)


@router.post(
    "/write-off-batches/{uuid:batch}/cancel",
    response=BatchOut,
    auth=writes,
    operation_id="cancel_write_off_batch",
)
def post_cancel(request: ApiRequest, batch: UUID, seller: Shop = None) -> dict[str, Any]:
    """Stop a batch: what is not written off yet will not be, what is stays so. The same again changes nothing."""
    return _batch(cancel_batch(batch_id=batch, by=acting_in_shop(request, seller), now=timezone.now()))


def _wishes(body: BatchIn) -> list[BatchWish]:
    return [
        BatchWish(
            line.customer_query,
            [SelectedUnits(units.parcel, units.item, units.quantity) for units in line.lines or []],
            line.token or "",
        )
        for line in body.customer_queries
    ]


def _refusal(refusal: Refused) -> dict[str, Any]:
    return {"code": refusal.code, "text": str(refusal), "lines": refusal_members(refusal).get("lines")}


def _units(parcel: str, item: str, quantity: int) -> dict[str, Any]:
    return {"parcel": parcel, "item": item, "quantity": quantity}


def _head(batch: WriteOffBatch) -> dict[str, Any]:
    return {
        "id": batch.id,
        "state": batch.state,
        "currency": batch.currency,
        "refund_minor": batch.refund_minor,
        "started_at": batch.started_at,
        "by": batch.by_name,
        "needs_second_person": batch.needs_second,
        "second_person": batch.second_name or None,
        "ended_at": batch.ended_at,
    }


def _batch(batch: WriteOffBatch) -> dict[str, Any]:
    return {**_head(batch), "customer_queries": _lines(lines_of_batch(batch))}


def _lines(lines: Sequence[WriteOffBatchLine]) -> list[dict[str, Any]]:
    state = WriteOffBatchLine.State
    return [
        {
            "customer_query": line.query_number,
            "order_number": line.order_number or None,
            "state": state.PENDING if line.state == state.CLAIMED else line.state,
            "lines": [_units(*units) for units in line.units],
            "refund_minor": line.refund_minor,
            "write_off": line.write_off.number if line.write_off else None,
            "refusal": {"code": line.refusal_code, "text": line.refusal} if line.refusal_code else None,
        }
        for line in lines
    ]
