"""Preview and create write-offs, and read them with the state of their refunds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router

from lostpost.api.http.auth import ApiRequest, acting_in_shop, acting_seller, scope
from lostpost.api.http.fields import NAME
from lostpost.api.http.idempotency import KeyHeader, json_text, with_idempotency_key
from lostpost.api.http.pagination import After, Shop, Size, after_key, page_out
from lostpost.api.http.paths import WriteOffNumber
from lostpost.api.refunds.schemas import RefundState
from lostpost.api.write_offs.schemas import PreviewIn, PreviewOut, WriteOffIn, WriteOffOut, WriteOffsOut
from lostpost.connectors.carriers.ask_before_write_off import ask_before_write_off
from lostpost.core.keyset import page_of
from lostpost.web.problems import not_found
from lostpost.writeoffs.amounts import WriteOffAmounts
from lostpost.writeoffs.assess_order import OrderAssessment
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from lostpost.writeoffs.preview_write_off import preview_write_off
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import WrittenOff, write_off

router = Router(tags=["write-offs"])
reads, writes = scope("seller:read", "seller:write"), scope("seller:write")
CARRIERS_NOT_ASKED = "Carriers-Not-Asked"  # Their names: what was known already counted.
OfOrder = Annotated[str | None, Query(pattern=NAME)]
OfQuery = Annotated[str | None, Query(pattern="^[0-9]{1,20}$")]
OfRefundState = Annotated[RefundState | None, Query()]


@router.post("/write-offs/preview", response=PreviewOut, auth=reads, operation_id="preview_write_off")
def post_preview(request: ApiRequest, body: PreviewIn, seller: Shop = None) -> dict[str, Any]:
    """Compute a write-off without a trace; its token makes the confirmation fail if anything changes."""
    by = acting_in_shop(request, seller)
    preview = preview_write_off(query=body.customer_query, selection=selected_units(body), by=by, now=timezone.now())
    return preview_members(preview.assessment, preview.amounts, preview.token)


@router.post("/write-offs", response={201: WriteOffOut}, auth=writes, operation_id="create_write_off")
def post_write_off(request: ApiRequest, body: WriteOffIn, key: KeyHeader, seller: Shop = None) -> HttpResponse:
    """Write off lost units. Final. Safe to repeat with the same Idempotency-Key.

    Carriers that can be asked are asked once more first, for two seconds at most; a newer scan refuses the write-off.
    Those that did not answer are named in the header `Carriers-Not-Asked`.
    """
    by = acting_in_shop(request, seller)
    selection = selected_units(body)
    not_asked = ask_before_write_off(seller_id=by.seller_id, parcels={each.parcel for each in selection})
    response = with_idempotency_key(
        lambda key: write_off(
            query=body.customer_query,
            selection=selection,
            by=by,
            key=key,
            now=timezone.now(),
            token=body.token or "",
        ),
        key=key,
        scope="write-off",
        seller_id=by.seller_id,
        answer=_answer,
    )
    if not_asked:
        response[CARRIERS_NOT_ASKED] = ", ".join(not_asked)
    return response


@router.get("/write-offs", response=WriteOffsOut, auth=reads, operation_id="list_write_offs")
def list_write_offs(
    request: ApiRequest,
    seller: Shop = None,
    order_number: OfOrder = None,
    customer_query: OfQuery = None,
    state: OfRefundState = None,
    after: After = None,
    size: Size = 50,
) -> dict[str, Any]:
    """List write-offs, newest first; `state` is that of the refund."""
    shop = acting_seller(request, seller)
    rows = WriteOff.objects.filter(seller_id=shop.id)
    if order_number is not None:
        rows = rows.filter(order__number=order_number)
    if customer_query is not None:
        rows = rows.filter(query__number=customer_query)
    if state is not None:
        rows = rows.filter(refund__state=state)
    page = page_of(rows, by="confirmed_at", after=after_key(after), size=size, newest_first=True)
    by_number = {row["number"]: row for row in _write_offs(shop.id, page.rows)}
    return page_out(page, lambda write_off: by_number[write_off.number])


@router.get("/write-offs/{number}", response=WriteOffOut, auth=reads, operation_id="get_write_off")
def get_write_off(request: ApiRequest, number: WriteOffNumber, seller: Shop = None) -> dict[str, Any]:
    """Get one write-off, with the state of its refund now."""
    shop = acting_seller(request, seller)
    write_off = WriteOff.objects.filter(seller_id=shop.id, number=number).first()
    if write_off is None:
        raise not_found()
    return _write_offs(shop.id, [write_off])[0]


def preview_members(assessment: OrderAssessment, amounts: WriteOffAmounts, token: str) -> dict[str, Any]:
    """Return the members of a preview."""
    return {
        "token": token,
        "order_number": assessment.order.number,
        "currency": amounts.currency,
        "lines": [
            {
                "parcel": line.unit.parcel,
                "item": line.unit.item.item,
                "title": line.unit.item.title,
                "quantity": line.quantity,
                "refund_minor": line.refund_minor,
                "commission_minor": line.commission_minor,
                "commission_vat_minor": line.commission_vat_minor,
            }
            for line in amounts.lines
        ],
        "delivery_minor": amounts.delivery_minor,
        "refund_minor": amounts.refund_minor,
        "invoice_lines": [
            {"type": line.kind, "net_minor": line.net_minor, "vat_minor": line.vat_minor}
            for line in amounts.invoice_lines
        ],
    }


def selected_units(body: PreviewIn) -> list[SelectedUnits]:
    """Return the units of a body."""
    return [SelectedUnits(line.parcel, line.item, line.quantity) for line in body.lines]


def _answer(done: WrittenOff) -> str:
    """Answer with what was decided, as it would be read now."""
    row = done.record
    if done.amounts is None:
        return json_text(WriteOffOut(**_write_offs(row.seller_id, [row])[0]))
    lines = [
        {
            "parcel": line.unit.parcel,
            "item": line.unit.item.item,
            "title": line.unit.item.title,
            "quantity": line.quantity,
            "refund_minor": line.refund_minor,
            "commission_minor": line.commission_minor,
            "commission_vat_minor": line.commission_vat_minor,
        }
        for line in sorted(done.amounts.lines, key=lambda line: line.id)
    ]
    return json_text(WriteOffOut(**_write_off(row, done.query_number, done.order_number, done.refund_state, lines)))


def _write_offs(seller_id: UUID, write_offs: Sequence[WriteOff]) -> list[dict[str, Any]]:
    """Return write-offs with their lines, in two statements."""
    ids = [row.id for row in write_offs]
    with_relations = WriteOff.objects.select_related("order", "query", "refund").filter(seller_id=seller_id, id__in=ids)
    by_id = {row.id: row for row in with_relations}
    lines: dict[UUID, list[dict[str, Any]]] = {row_id: [] for row_id in ids}
    line_rows = WriteOffLine.objects.filter(seller_id=seller_id, write_off_id__in=ids)
    for line in line_rows.select_related("order_item", "parcel_unit__parcel").order_by("id"):
        lines[line.write_off_id].append(
            {
                "parcel": line.parcel_unit.parcel.code,
                "item": line.order_item.item,
                "title": line.order_item.title,
                "quantity": line.quantity,
                "refund_minor": line.refund_minor,
                "commission_minor": line.commission_minor,
                "commission_vat_minor": line.commission_vat_minor,
            }
        )
    return [
        _write_off(row, row.query.number, row.order.number, row.refund.state, lines[row.id])
        for row in (by_id[row_id] for row_id in ids)
    ]


def _write_off(
    row: WriteOff, query_number: str, order_number: str, refund_state: str, lines: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "number": row.number,
        "customer_query": query_number,
        "order_number": order_number,
        "confirmed_at": row.confirmed_at,
        "policy_version": row.policy_version,
        "by": row.by_name,
        "currency": row.currency,
        "refund": {"state": refund_state, "amount_minor": row.refund_minor},
        "delivery_minor": row.delivery_refund_minor,
        "lines": lines,
    }
