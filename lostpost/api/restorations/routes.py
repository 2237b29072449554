"""Restorations of payments for found goods, and credit notes to customers who got an invoice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router

from lostpost.accounts.actor import Actor
from lostpost.api.http.auth import ApiRequest, acting_seller, known_seller, scope
from lostpost.api.http.fields import NAME
from lostpost.api.http.idempotency import KeyHeader, json_text, with_idempotency_key
from lostpost.api.http.pagination import After, Shop, Size, after_key, page_out
from lostpost.api.restorations.schemas import (
    CreditNoteOut,
    CreditNotesOut,
    RestorationIn,
    RestorationOut,
    RestorationOutcomeIn,
    RestorationsOut,
    RestorationState,
)
from lostpost.core.keyset import page_of
from lostpost.found_parcels.units_left import units_held
from lostpost.invoicing.models import CreditNote, CreditNoteLine
from lostpost.restorations.models import Restoration, RestorationLine
from lostpost.restorations.restore_payment import restore_payment
from lostpost.restorations.settle_restoration import mark_restoration_paid, withdraw_restoration
from lostpost.web.problems import not_found
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.selection import SelectedUnits

router = Router(tags=["restorations"])
reads, platform = scope("seller:read", "seller:write"), scope("platform")
SellerPath = Annotated[str, Path(pattern=NAME)]
WriteOffPath = Annotated[str, Path(pattern="^[0-9]{1,20}-[0-9]{1,9}$")]
RestorationPath = Annotated[str, Path(pattern="^[0-9]{1,20}-[0-9]{1,9}-R[0-9]{1,9}$")]
CreditNotePath = Annotated[str, Path(pattern=r"^(CRN|CIN)-[A-Za-z0-9_.-]{1,64}-[0-9]{1,15}$")]
OfOrder = Annotated[str | None, Query(pattern=NAME)]
OfWriteOff = Annotated[str | None, Query(pattern="^[0-9]{1,20}-[0-9]{1,9}$")]
_CREDIT_NOTES = CreditNote.objects.select_related("write_off", "compensation", "restoration", "order")
_NAMED = ("write_off", "compensation", "restoration", "type", "order_number", "lines")  # Which are other rows'.
OfState = Annotated[RestorationState | None, Query()]


@router.post(
    "/write-offs/{seller}/{number}/restorations",
    response={201: RestorationOut},
    auth=platform,
    operation_id="create_restoration",
)
def post_restoration(
    request: ApiRequest, seller: SellerPath, number: WriteOffPath, body: RestorationIn, key: KeyHeader
) -> HttpResponse:
    """Record that the customer has the goods after all and agreed to pay again. Safe to repeat with the same key.

    With the `reference` of the customer's payment it is booked at once, else when its outcome is told.
    """
    shop = known_seller(seller)
    return with_idempotency_key(
        lambda key: restore_payment(
            seller_id=shop.id,
            write_off=number,
            selection=[SelectedUnits(line.parcel, line.item, line.quantity) for line in body.lines],
            consent=body.consent,
            consented_at=body.consented_at,
            reference=body.reference,
            units_held=units_held,
            by=Actor.of_client(request.auth.client),
            key=key,
            now=timezone.now(),
        ),
        key=key,
        scope="restoration",
        seller_id=shop.id,
        answer=lambda restoration: json_text(RestorationOut(**_restorations(shop.id, [restoration])[0])),
    )


@router.post(
    "/restorations/{seller}/{number}/outcome",
    response=RestorationOut,
    auth=platform,
    operation_id="post_restoration_outcome",
)
def post_restoration_outcome(
    request: ApiRequest, seller: SellerPath, number: RestorationPath, body: RestorationOutcomeIn
) -> dict[str, Any]:
    """Say that the customer has paid again, with its reference, or does not. The same again changes nothing."""
    shop, by, now = known_seller(seller), Actor.of_client(request.auth.client), timezone.now()
    if body.outcome == "paid":
        restoration = mark_restoration_paid(seller_id=shop.id, number=number, reference=body.reference, by=by, now=now)
    else:
        restoration = withdraw_restoration(seller_id=shop.id, number=number, reason=body.reason, by=by, now=now)
    return _restorations(shop.id, [restoration])[0]


@router.get("/restorations", response=RestorationsOut, auth=reads, operation_id="list_restorations")
def list_restorations(
    request: ApiRequest,
    seller: Shop = None,
    write_off: OfWriteOff = None,
    state: OfState = None,
    after: After = None,
    size: Size = 50,
) -> dict[str, Any]:
    """List restorations, newest first."""
    shop = acting_seller(request, seller)
    rows = Restoration.objects.filter(seller_id=shop.id)
    if write_off is not None:
        rows = rows.filter(write_off__number=write_off)
    if state is not None:
        rows = rows.filter(state=state)
    page = page_of(rows, by="agreed_at", after=after_key(after), size=size, newest_first=True)
    by_number = {row["number"]: row for row in _restorations(shop.id, page.rows)}
    return page_out(page, lambda restoration: by_number[restoration.number])


@router.get("/restorations/{number}", response=RestorationOut, auth=reads, operation_id="get_restoration")
def get_restoration(request: ApiRequest, number: RestorationPath, seller: Shop = None) -> dict[str, Any]:
    """Get one restoration."""
    shop = acting_seller(request, seller)
    restoration = Restoration.objects.filter(seller_id=shop.id, number=number).first()
    if restoration is None:
        raise not_found()
    return _restorations(shop.id, [restoration])[0]


@router.get("/credit-notes", response=CreditNotesOut, auth=reads, operation_id="list_credit_notes")
def list_credit_notes(
    request: ApiRequest,
    seller: Shop = None,
    order_number: OfOrder = None,
    write_off: OfWriteOff = None,
    after: After = None,
    size: Size = 50,
) -> dict[str, Any]:
    """List the credit notes to customers who got an invoice, newest first, and invoices over what was paid again."""
    shop = acting_seller(request, seller)
    rows = _CREDIT_NOTES.filter(seller_id=shop.id)
    if order_number is not None:
        rows = rows.filter(order__number=order_number)
    if write_off is not None:
        rows = rows.filter(write_off__number=write_off)
    page = page_of(rows, by="issued_at", after=after_key(after), size=size, newest_first=True)
    by_number = {row["number"]: row for row in _credit_notes(shop.id, page.rows)}
    return page_out(page, lambda note: by_number[note.number])


@router.get("/credit-notes/{number}", response=CreditNoteOut, auth=reads, operation_id="get_credit_note")
def get_credit_note(request: ApiRequest, number: CreditNotePath, seller: Shop = None) -> dict[str, Any]:
    """Get one credit note."""
    shop = acting_seller(request, seller)
    note = _CREDIT_NOTES.filter(seller_id=shop.id, number=number).first()
    if note is None:
        raise not_found()
    return _credit_notes(shop.id, [note])[0]


def _restorations(seller_id: UUID, restorations: Sequence[Restoration]) -> list[dict[str, Any]]:
    """Return restorations with their lines, in three statements."""
    ids = [row.id for row in restorations]
    lines: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    line_rows = RestorationLine.objects.filter(seller_id=seller_id, restoration_id__in=ids).select_related(
        "write_off_line__order_item", "write_off_line__parcel_unit__parcel"
    )
    for line in line_rows.order_by("id"):
        lines[line.restoration_id].append(
            {
                "parcel": line.write_off_line.parcel_unit.parcel.code,
                "item": line.write_off_line.order_item.item,
                "title": line.write_off_line.order_item.title,
                "quantity": line.quantity,
                "refund_minor": line.refund_minor,
                "commission_minor": line.commission_minor,
                "commission_vat_minor": line.commission_vat_minor,
            }
        )
    of = WriteOff.objects.filter(seller_id=seller_id, id__in={row.write_off_id for row in restorations})
    names = {row_id: names for row_id, *names in of.values_list("id", "number", "order__number")}
    return [_restoration(row, names[row.write_off_id], lines[row.id]) for row in restorations]


def _restoration(row: Restoration, names: Sequence[str], lines: list[dict[str, Any]]) -> dict[str, Any]:
    write_off, order_number = names
    values = {
        name: getattr(row, name)
        for name in RestorationOut.model_fields
        if name not in ("write_off", "order_number", "by", "lines")
    }
    return {**values, "write_off": write_off, "order_number": order_number, "by": row.by_name, "lines": lines}


def _credit_notes(seller_id: UUID, notes: Sequence[CreditNote]) -> list[dict[str, Any]]:
    """Give credit notes with their lines, in one more statement."""
    lines: dict[UUID, list[CreditNoteLine]] = defaultdict(list)
    of = CreditNoteLine.objects.filter(seller_id=seller_id, credit_note_id__in=[note.id for note in notes])
    for line in of.order_by("place"):
        lines[line.credit_note_id].append(line)
    return [
        {
            **{name: getattr(note, name) for name in CreditNoteOut.model_fields if name not in _NAMED},
            "write_off": note.write_off.number if note.write_off else None,
            "compensation": note.compensation.number if note.compensation else None,
            "restoration": note.restoration.number if note.restoration else None,
            "type": "invoice" if note.is_invoice else "credit-note",
            "order_number": note.order.number,
            "lines": lines[note.id],
        }
        for note in notes
    ]
