"""Ask Partnerservice, reply to it, appeal against a hold, and read what it decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router, Status

from lostpost.api.http.auth import ApiRequest, acting_in_shop, acting_seller, scope
from lostpost.api.http.pagination import After, Shop, Size, after_key, page_out
from lostpost.api.partnerservice_requests.schemas import (
    AppealIn,
    ReplyIn,
    RequestIn,
    RequestOut,
    RequestsOut,
    RequestState,
)
from lostpost.partnerservice.ask_about_query import ask_about_query
from lostpost.partnerservice.ask_partnerservice import ask_partnerservice
from lostpost.partnerservice.inquire import reply_to_inquiry
from lostpost.partnerservice.models import Override, PartnerserviceRequest
from lostpost.partnerservice.reads import confirmed_overrides, request_with_case, requests_of_seller
from lostpost.partnerservice.settle_hold import appeal_hold
from lostpost.web.problems import not_found

router = Router(tags=["partnerservice requests"])
reads, writes = scope("seller:read", "seller:write"), scope("seller:write")
OfState = Annotated[RequestState | None, Query()]


@router.post("/partnerservice-requests", response={201: RequestOut}, auth=writes, operation_id="ask_partnerservice")
def post_request(request: ApiRequest, body: RequestIn, seller: Shop = None) -> Status[dict[str, Any]]:
    """Ask Partnerservice about units that you may not write off, or about a query as a whole. One waits at a time."""
    by, now = acting_in_shop(request, seller), timezone.now()
    if body.kind:
        row = ask_about_query(query=body.customer_query, kind=body.kind, sentence=body.sentence, by=by, now=now)
    else:
        row = ask_partnerservice(
            query=body.customer_query,
            parcel=body.parcel or "",
            item=body.item or "",
            sentence=body.sentence,
            by=by,
            now=now,
        )
    return Status(201, _one(by.seller_id, row.id))


@router.get("/partnerservice-requests", response=RequestsOut, auth=reads, operation_id="list_partnerservice_requests")
def list_requests(
    request: ApiRequest, seller: Shop = None, state: OfState = None, after: After = None, size: Size = 50
) -> dict[str, Any]:
    """List your requests to Partnerservice, newest first."""
    shop = acting_seller(request, seller)
    page = requests_of_seller(shop.id, state=state or "", after=after_key(after), size=size)
    approved = _approved(shop.id, page.rows)
    return page_out(page, lambda row: _out(row, approved.get(row.id)))


@router.get(
    "/partnerservice-requests/{request_id}",
    response=RequestOut,
    auth=reads,
    operation_id="get_partnerservice_request",
)
def get_request(request: ApiRequest, request_id: UUID, seller: Shop = None) -> dict[str, Any]:
    """Get one request with its answer."""
    return _one(acting_seller(request, seller).id, request_id)


@router.post(
    "/partnerservice-requests/{request_id}/replies",
    response=RequestOut,
    auth=writes,
    operation_id="reply_to_partnerservice",
)
def post_reply(request: ApiRequest, request_id: UUID, body: ReplyIn, seller: Shop = None) -> dict[str, Any]:
    """Reply to what Partnerservice asked you about a request (`waiting_for` is `seller`); it decides from then on."""
    by = acting_in_shop(request, seller)
    reply_to_inquiry(request_id=request_id, reply=body.reply, by=by, now=timezone.now())
    return _one(by.seller_id, request_id)


@router.post(
    "/partnerservice-requests/{request_id}/appeal",
    response={201: RequestOut},
    auth=writes,
    operation_id="appeal_hold",
)
def post_appeal(request: ApiRequest, request_id: UUID, body: AppealIn, seller: Shop = None) -> Status[dict[str, Any]]:
    """Appeal against the hold that a request of the kind `hold` is about; the appeal is a request of its own."""
    by = acting_in_shop(request, seller)
    about = request_with_case(by.seller_id, request_id)
    if about is None or about.hold_id is None:
        raise not_found()
    row = appeal_hold(hold_id=about.hold_id, sentence=body.sentence, by=by, now=timezone.now())
    return Status(201, _one(by.seller_id, row.id))


def _one(seller_id: UUID, request_id: UUID) -> dict[str, Any]:
    row = request_with_case(seller_id, request_id)
    if row is None:
        raise not_found()
    return _out(row, _approved(seller_id, [row]).get(row.id))


def _approved(seller_id: UUID, rows: Sequence[PartnerserviceRequest]) -> dict[UUID, Override]:
    """Return what was approved, by request; no statement where nothing was."""
    approved = [row.id for row in rows if row.outcome == PartnerserviceRequest.Outcome.APPROVED]
    return confirmed_overrides(seller_id, approved) if approved else {}


def _out(row: PartnerserviceRequest, override: Override | None) -> dict[str, Any]:
    unit = row.parcel_unit
    return {
        "id": row.id,
        "customer_query": row.query.number,
        "order_number": row.query.order.number,
        "kind": row.kind,
        "parcel": unit.parcel.code if unit else None,
        "item": unit.order_item.item if unit else None,
        "reasons": row.reasons,
        "sentence": row.sentence,
        "at_stake_minor": row.at_stake_minor,
        "currency": row.query.order.currency,
        "state": row.state,
        "outcome": row.outcome or None,
        "waiting_for": row.waiting_for or None,
        "asked_at": row.asked_at,
        "asked_by": row.asked_by_name,
        "deadline_at": row.deadline_at,
        "answered_at": row.answered_at,
        "answer": row.answer,
        "approved": override
        and {
            "codes": override.codes,
            "quantity": override.quantity,
            "refund_minor": override.refund_minor,
            "may_be_written_off": override.lifts,
            "granted_items_minor": override.items_minor,
            "granted_delivery_minor": override.delivery_minor,
            "until": override.until,
            "by_partnerservice": override.writes_off,
        },
    }
