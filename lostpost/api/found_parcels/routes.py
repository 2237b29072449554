"""Found parcels: report one, read what says so, decide what follows."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Path, Query, Router

from lostpost.accounts.models import Seller
from lostpost.api.found_parcels.schemas import (
    CameBackIn,
    FoundOutcomeIn,
    FoundOutcomeOut,
    FoundOutcomePreviewOut,
    FoundParcelDetailOut,
    FoundParcelsOut,
    FoundState,
)
from lostpost.api.http.auth import ApiRequest, acting_in_shop, acting_seller, scope
from lostpost.api.http.idempotency import KeyHeader, json_text, with_idempotency_key
from lostpost.api.http.pagination import After, Shop, Size, after_key, page_out
from lostpost.core.keyset import page_of
from lostpost.found_parcels.decide_found_parcel import decide_found_parcel, withdraw_question
from lostpost.found_parcels.models import FoundCase, FoundEvidence, FoundOutcome
from lostpost.found_parcels.preview_outcome import NoSuchUnits, preview_outcome
from lostpost.found_parcels.reads import found_case, outcomes_of
from lostpost.found_parcels.report_came_back import report_came_back
from lostpost.found_parcels.units_left import units_left
from lostpost.web.problems import not_found

router = Router(tags=["found parcels"])
reads, writes = scope("seller:read", "seller:write"), scope("seller:write")
FoundPath = Annotated[str, Path(pattern="^[0-9]{1,20}-[0-9]{1,9}-F[0-9]{1,9}$")]
OfState = Annotated[FoundState | None, Query()]


@router.post("/found-parcels", response=FoundParcelDetailOut, auth=writes, operation_id="report_found_parcel")
def post_came_back(request: ApiRequest, body: CameBackIn, seller: Shop = None) -> dict[str, Any]:
    """Report that a parcel came back after it was written off. The same again changes nothing.

    Scans and the customer open such a case by themselves.
    """
    by = acting_in_shop(request, seller)
    case = report_came_back(write_off=body.write_off, parcel=body.parcel, note=body.note, by=by, now=timezone.now())
    return _detail(_own(by.seller, case.number))


@router.get("/found-parcels", response=FoundParcelsOut, auth=reads, operation_id="list_found_parcels")
def list_found_parcels(
    request: ApiRequest, seller: Shop = None, state: OfState = None, after: After = None, size: Size = 50
) -> dict[str, Any]:
    """List found parcels, newest first."""
    shop = acting_seller(request, seller)
    rows = FoundCase.objects.select_related("write_off", "parcel", "query", "order").filter(seller_id=shop.id)
    if state:
        rows = rows.filter(state=state)
    return page_out(page_of(rows, by="opened_at", after=after_key(after), size=size, newest_first=True), _head)


@router.get("/found-parcels/{number}", response=FoundParcelDetailOut, auth=reads, operation_id="get_found_parcel")
def get_found_parcel(request: ApiRequest, number: FoundPath, seller: Shop = None) -> dict[str, Any]:
    """Get a found parcel: what says so, what was decided, and what is left."""
    return _detail(_own(acting_seller(request, seller), number))


@router.post(
    "/found-parcels/{number}/outcomes/preview",
    response=FoundOutcomePreviewOut,
    auth=reads,
    operation_id="preview_found_outcome",
)
def post_outcome_preview(
    request: ApiRequest, number: FoundPath, body: FoundOutcomeIn, seller: Shop = None
) -> dict[str, Any]:
    """Compute what an outcome comes to, without a trace."""
    case = _own(acting_seller(request, seller), number)
    preview = preview_outcome(case, kind=body.kind, quantities=_quantities(body), now=timezone.now())
    return {
        "kind": preview.kind,
        "currency": preview.currency,
        "amount_minor": preview.amount_minor,
        "delivery_minor": preview.delivery_minor,
        "units": [
            {"item": chosen.line.item, "quantity": chosen.quantity, "amount_minor": chosen.amount_minor}
            for chosen in preview.units
        ],
    }


@router.post(
    "/found-parcels/{number}/outcomes",
    response={201: FoundOutcomeOut},
    auth=writes,
    operation_id="decide_found_parcel",
)
def post_outcome(
    request: ApiRequest, number: FoundPath, body: FoundOutcomeIn, key: KeyHeader, seller: Shop = None
) -> HttpResponse:
    """Decide about units: ask the customer to pay again, take the return, or let go. Safe to repeat with the same key.

    The customer's consent by their link restores the payment; you learn of it by an event.
    """
    by = acting_in_shop(request, seller)
    return with_idempotency_key(
        lambda key: decide_found_parcel(
            number=number,
            kind=body.kind,
            quantities=_quantities(body),
            reason=body.reason,
            shown_minor=body.expected_amount_minor,
            by=by,
            key=key,
            now=timezone.now(),
        ),
        key=key,
        scope="found-outcome",
        seller_id=by.seller_id,
        answer=lambda outcome: json_text(FoundOutcomeOut(**_outcome(_with_units(outcome)))),
    )


@router.post(
    "/found-parcels/{number}/withdraw-question",
    response=FoundParcelDetailOut,
    auth=writes,
    operation_id="withdraw_found_question",
)
def post_withdraw(request: ApiRequest, number: FoundPath, seller: Shop = None) -> dict[str, Any]:
    """Take back the question whether the customer pays again."""
    by = acting_in_shop(request, seller)
    withdraw_question(number=number, by=by, now=timezone.now())
    return _detail(_own(by.seller, number))


def _own(shop: Seller, number: str) -> FoundCase:
    case = found_case(seller_id=shop.id, number=number)
    if case is None:
        raise not_found()
    return case


def _quantities(body: FoundOutcomeIn) -> dict[str, int]:
    """Return how many of each item are named. Raises: NoSuchUnits if an item is named twice."""
    quantities: dict[str, int] = {}
    for units in body.units or []:
        if units.item in quantities:
            raise NoSuchUnits(_("Item “%(item)s” stands there twice: name it once.") % {"item": units.item})
        quantities[units.item] = units.quantity
    return quantities


def _with_units(outcome: FoundOutcome) -> FoundOutcome:
    rows = FoundOutcome.objects.prefetch_related("units__write_off_line__order_item", "restoration")
    return rows.get(seller_id=outcome.seller_id, id=outcome.id)


def _head(case: FoundCase) -> dict[str, Any]:
    return {
        "number": case.number,
        "state": case.state,
        "write_off": case.write_off.number,
        "parcel": case.parcel.code,
        "customer_query": case.query.number,
        "order_number": case.order.number,
        "opened_at": case.opened_at,
        "ended_at": case.ended_at,
    }


def _detail(case: FoundCase) -> dict[str, Any]:
    lines = units_left(case.seller_id, case.write_off_id, case.parcel_id)
    evidence = FoundEvidence.objects.filter(seller_id=case.seller_id, case_id=case.id)
    return {
        **_head(case),
        "lines": [
            {"item": line.item, "title": line.title, "quantity": line.line.quantity, "left": line.left}
            for line in lines
        ],
        "evidence": [_evidence(each) for each in evidence.order_by("at", "id")],
        "outcomes": [_outcome(outcome) for outcome in outcomes_of(case)],
    }


def _evidence(each: FoundEvidence) -> dict[str, Any]:
    preferred = {"wishes_to_keep": "keep", "wishes_to_send_back": "send-back"}
    return {
        "kind": each.kind,
        "at": each.at,
        "status": each.data.get("status"),
        "preferred_outcome": next((outcome for fact, outcome in preferred.items() if each.data.get(fact)), None),
        "note": each.text,
    }


def _outcome(outcome: FoundOutcome) -> dict[str, Any]:
    return {
        "kind": outcome.kind,
        "state": outcome.state,
        "currency": outcome.currency,
        "amount_minor": outcome.amount_minor,
        "units": [
            {
                "item": unit.write_off_line.order_item.item,
                "quantity": unit.quantity,
                "amount_minor": unit.amount_minor,
            }
            for unit in outcome.units.all()
        ],
        "reason": outcome.reason,
        "decided_at": outcome.decided_at,
        "by": outcome.by_name,
        "ended_at": outcome.ended_at,
        "answer": outcome.answer or None,
        "restoration": outcome.restoration.number if outcome.restoration else None,
        "consent": outcome.consent or None,
        "consent_language": outcome.consent_language or None,
    }
