"""A shop's customer queries: start, answer, close, reopen, read."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from typing import Annotated, Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Path, Router

from lostpost.accounts.policy import current_policy
from lostpost.answering.answer_query import answer_query
from lostpost.answering.files import CheckedFile, checked_file
from lostpost.answering.start_contact import start_contact
from lostpost.api.customer_queries.schemas import (
    AsideIn,
    AttachmentIn,
    Carrier,
    ContactIn,
    DueWithinDays,
    HandOverIn,
    MessageIn,
    Need,
    QueriesOut,
    QueryOut,
    QueryState,
    QueryStateOut,
    SortedBy,
    TimelineOut,
    Unassigned,
)
from lostpost.api.http.auth import ApiRequest, acting_in_shop, acting_seller, scope
from lostpost.api.http.idempotency import KeyHeader, json_text, with_idempotency_key
from lostpost.api.http.pagination import After, Find, Shop, Size, after_key, cursor_unknown, page_out
from lostpost.core.errors import Rejected
from lostpost.core.keyset import page_of
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.hand_to_partnerservice import hand_to_partnerservice
from lostpost.customer_queries.list_filters import NOBODY, ListFilters
from lostpost.customer_queries.models import NEVER, CustomerQuery, TimelineEntry
from lostpost.customer_queries.put_aside import put_aside
from lostpost.customer_queries.reads import matching_queries
from lostpost.customer_queries.reopen_query import reopen_query
from lostpost.customer_queries.worklist import Listing, next_keys, row_key_from_text, row_key_text
from lostpost.web.problems import not_found

router = Router(tags=["customer queries"])
reads, writes = scope("seller:read", "seller:write"), scope("seller:write")
Number = Annotated[str, Path(pattern="^[0-9]{1,20}$")]


@router.post("/customer-queries", response={201: QueryStateOut}, auth=writes, operation_id="start_customer_contact")
def post_contact(request: ApiRequest, body: ContactIn, key: KeyHeader, seller: Shop = None) -> HttpResponse:
    """Start customer contact from an order number: the customer gets the message, the query opens (or is closed)."""
    by, files = acting_in_shop(request, seller), checked_files(body.files)
    return with_idempotency_key(
        lambda key: start_contact(
            order_number=body.order_number,
            subject=body.subject,
            message=body.message,
            leave_open=body.leave_open,
            item=body.item or "",
            files=files,
            by=by,
            key=key,
            now=timezone.now(),
        ),
        key=key,
        scope="start-contact",
        seller_id=by.seller_id,
        answer=_state_text,
    )


@router.get("/customer-queries", response=QueriesOut, auth=reads, operation_id="list_customer_queries")
def list_customer_queries(
    request: ApiRequest,
    seller: Shop = None,
    state: QueryState = "open",
    sort: SortedBy = "age",
    need: Need = None,
    due_within_days: DueWithinDays = None,
    carrier: Carrier = None,
    unassigned: Unassigned = False,
    q: Find = None,
    after: After = None,
    size: Size = 50,
) -> dict[str, Any]:
    """List the queries of a state, narrowed down and sorted; `q` finds in all states, newest first, without filters.

    A page may have fewer rows than `size` where few of many queries fit; follow `next` until it is null.
    """
    shop = acting_seller(request, seller)
    if q and q.strip():
        return page_out(matching_queries(shop.id, q, after=after_key(after), size=size), _query)
    wanted = ListFilters(
        state=state,
        need=need or "",
        due=due_within_days or "",
        carrier=carrier or "",
        who=NOBODY if unassigned else "",
        sort=sort,
    )
    return _listed(Listing(shop.id, wanted, current_policy(), timezone.now()), after, size)


@router.get("/customer-queries/{number}", response=QueryOut, auth=reads, operation_id="get_customer_query")
def get_customer_query(request: ApiRequest, number: Number, seller: Shop = None) -> dict[str, Any]:
    """Get one query."""
    return _query(requested_query(request, seller, number))


@router.get("/customer-queries/{number}/timeline", response=TimelineOut, auth=reads, operation_id="get_timeline")
def get_timeline(
    request: ApiRequest, number: Number, seller: Shop = None, after: After = None, size: Size = 50
) -> dict[str, Any]:
    """Get what happened in a query, oldest first."""
    query = requested_query(request, seller, number)
    rows = TimelineEntry.objects.filter(seller_id=query.seller_id, query_id=query.id)
    return page_out(
        page_of(rows, by="at", after=after_key(after), size=size),
        lambda entry: {
            "id": entry.id,
            "at": entry.at,
            "kind": entry.kind,
            "by": entry.by_name,
            "text": entry.text,
            "data": entry.data,
        },
    )


@router.post(
    "/customer-queries/{number}/messages", response={201: QueryStateOut}, auth=writes, operation_id="send_message"
)
def post_message(
    request: ApiRequest, number: Number, body: MessageIn, key: KeyHeader, seller: Shop = None
) -> HttpResponse:
    """Write to the customer in a query, or answer with a template; leave it open or close it."""
    by = acting_in_shop(request, seller)
    if (body.message is None) == (body.template is None):
        raise Rejected(_("Send either a message or the template to answer with."))
    return with_idempotency_key(
        lambda key: answer_query(
            number=number,
            message=body.message or "",
            template=body.template or "",
            leave_open=body.leave_open,
            last_message_id=body.last_message,
            attachments=body.attachments,
            by=by,
            key=key,
            now=timezone.now(),
        ),
        key=key,
        scope="answer",
        seller_id=by.seller_id,
        answer=_state_text,
    )


@router.post("/customer-queries/{number}/close", response=QueryStateOut, auth=writes, operation_id="close_query")
def post_close(request: ApiRequest, number: Number, seller: Shop = None) -> CustomerQuery:
    """Close a query; closing it again changes nothing."""
    return close_query(number=number, by=acting_in_shop(request, seller), now=timezone.now())


@router.post("/customer-queries/{number}/reopen", response=QueryStateOut, auth=writes, operation_id="reopen_query")
def post_reopen(request: ApiRequest, number: Number, seller: Shop = None) -> CustomerQuery:
    """Reopen a handled query; an open one stays as it is."""
    return reopen_query(number=number, by=acting_in_shop(request, seller), now=timezone.now())


@router.post("/customer-queries/{number}/put-aside", response=QueryStateOut, auth=writes, operation_id="put_aside")
def post_put_aside(request: ApiRequest, number: Number, body: AsideIn, seller: Shop = None) -> CustomerQuery:
    """Let a query wait for the customer, or come back on a later day; the same again changes nothing."""
    return put_aside(
        number=number,
        state=body.state,
        follow_up_on=body.follow_up_on,
        reason=body.reason or "",
        by=acting_in_shop(request, seller),
        now=timezone.now(),
    )


@router.post(
    "/customer-queries/{number}/hand-over", response=QueryStateOut, auth=writes, operation_id="hand_to_partnerservice"
)
def post_hand_over(request: ApiRequest, number: Number, body: HandOverIn, seller: Shop = None) -> CustomerQuery:
    """Let Partnerservice have a query until it answers, or for 48 hours; the same again changes nothing."""
    by = acting_in_shop(request, seller)
    return hand_to_partnerservice(seller_id=by.seller_id, number=number, reason=body.reason, by=by, now=timezone.now())


def requested_query(request: ApiRequest, seller: str | None, number: str) -> CustomerQuery:
    """Return the shop's query of this number with its order. Raises Problem 404."""
    shop = acting_seller(request, seller)
    query = (
        CustomerQuery.objects.select_related("order", "earlier_query").filter(seller_id=shop.id, number=number).first()
    )
    if query is None:
        raise not_found()
    return query


def checked_files(files: Sequence[AttachmentIn]) -> list[CheckedFile]:
    """Return files as they are kept; takes seconds for large pictures, with no transaction open. Raises FileRefused."""
    return [checked_file(file.name, b64decode(file.content)) for file in files]


def _listed(listing: Listing, after: str | None, size: int) -> dict[str, Any]:
    seller_id = listing.seller_id
    behind = row_key_from_text(after, listing.order) if after is not None else None
    if after is not None and behind is None:
        raise cursor_unknown()
    page = next_keys(listing, behind=behind, most=size + 1)
    keys = page.keys[:size]
    rows = CustomerQuery.objects.select_related("order", "earlier_query").filter(seller_id=seller_id)
    queries = rows.in_bulk([(seller_id, key.id) for key in keys]) if keys else {}
    following = keys[-1] if len(page.keys) > size else page.looked_until
    return {
        "items": [_query(queries[seller_id, key.id]) for key in keys if (seller_id, key.id) in queries],
        "next": row_key_text(following) if following else None,
    }


def _query(query: CustomerQuery) -> dict[str, Any]:
    return {
        "number": query.number,
        "state": query.state,
        "order_number": query.order.number,
        "subject": query.subject,
        "opened_at": query.opened_at,
        "waits_since": query.waits_since,
        "unanswered_since": query.unanswered_since,
        "answer_due_at": query.answer_due_at,
        "follow_up_on": query.follow_up_on,
        "back_from_partnerservice_at": query.back_from_partnerservice_at,
        "assignee": query.assignee_name or None,
        "due_at": query.due_at if query.due_at < NEVER else None,
        "at_stake_minor": query.at_stake_minor,
        "currency": query.order.currency,
        "eligible_from": query.eligible_from if query.eligible_from < NEVER else None,
        "claim_until": query.claim_until if query.claim_until < NEVER else None,
        "earlier_customer_query": query.earlier_query.number if query.earlier_query else None,
        "last_message": query.last_message_id,
        "handled_at": query.handled_at,
    }


def _state_text(query: CustomerQuery) -> str:
    return json_text(QueryStateOut.model_validate({"number": query.number, "state": query.state}))
