"""Requests to Partnerservice as its desk works through them, over all sellers, and as their seller reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from lostpost.core.keyset import Page, PageKey, page_of
from lostpost.core.ownership import cross_seller
from lostpost.customer_queries.models import CustomerQuery
from lostpost.orders.models import Order
from lostpost.orders.order_search import orders_of_all, orders_to
from lostpost.partnerservice.models import Override, PartnerserviceRequest, RequestStep
from lostpost.partnerservice.requests import DECIDE_WITHIN
from lostpost.writeoffs.models import WriteOff

State = PartnerserviceRequest.State
Kind = PartnerserviceRequest.Kind
WAITING, ASKED, ANSWERED = "waiting", "asked", "answered"
BUCKETS = (WAITING, ASKED, ANSWERED)  # To be decided, waiting for somebody else's reply, and settled.
MINE, UNASSIGNED = "mine", "unassigned"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which requests of the queue are looked at; nothing: all that wait to be decided."""

    bucket: str = WAITING
    kind: str = ""
    assignee: str = ""  # "mine" or "unassigned"
    user_id: int = 0  # Whose are "mine".


def waiting_requests_counted(*, most: int) -> int:
    """Count, up to `most`, the requests of all sellers that wait to be decided."""
    with cross_seller("Partnerservice: how much there is to do"):
        return PartnerserviceRequest.objects.filter(state=State.WAITING, waiting_for="")[:most].count()


def requests_counted_by_kind(*, most: int) -> dict[str, int]:
    """Count, up to `most` for each kind, the requests of all sellers that wait to be decided; one statement."""
    waiting = PartnerserviceRequest.objects.filter(state=State.WAITING, waiting_for="").order_by()
    each = [waiting.filter(kind=kind).values_list("kind", flat=True)[:most] for kind in Kind]
    with cross_seller("Partnerservice: how much there is to do of each kind"):
        kinds = list(each[0].union(*each[1:], all=True))
    return {kind: kinds.count(kind) for kind in Kind.values}


def new_requests_in(wanted: QueueFilter, *, since: datetime, most: int) -> int:
    """Count, up to `most`, the requests that came, or were taken up again, after an instant; of what is to be decided.

    Each has its deadline by when it did, so that the queue's own order ends the search.
    """
    if wanted.bucket != WAITING:
        return 0
    rows = _narrowed(PartnerserviceRequest.objects.all(), wanted).filter(deadline_at__gt=since + DECIDE_WITHIN)
    with cross_seller("Partnerservice: what came into the queue"):
        return rows[:most].count()


def requests_in(wanted: QueueFilter, *, after: PageKey | None, size: int) -> Page[PartnerserviceRequest]:
    """Return a page of all sellers' requests with their case: what is due first, or the newest answers."""
    rows, answered = _narrowed(_with_case(), wanted), wanted.bucket == ANSWERED
    with cross_seller("Partnerservice: requests of all sellers"):
        return page_of(
            rows, by="answered_at" if answered else "deadline_at", after=after, size=size, newest_first=answered
        )


def _narrowed(rows: QuerySet[PartnerserviceRequest], wanted: QueueFilter) -> QuerySet[PartnerserviceRequest]:
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.assignee == MINE:
        rows = rows.filter(assignee_user_id=wanted.user_id)
    elif wanted.assignee == UNASSIGNED:
        rows = rows.filter(assignee_user_id=None)
    if wanted.bucket == ANSWERED:
        return rows.filter(state=State.ANSWERED)
    rows = rows.filter(state=State.WAITING)
    return rows.exclude(waiting_for="") if wanted.bucket == ASKED else rows.filter(waiting_for="")


def requests_of_seller(
    seller_id: UUID, *, state: str = "", after: PageKey | None, size: int
) -> Page[PartnerserviceRequest]:
    """Return a page of a seller's requests, newest first."""
    rows = _with_case().filter(seller_id=seller_id, **({"state": state} if state else {}))
    return page_of(rows, by="asked_at", after=after, size=size, newest_first=True)


def request_with_case(seller_id: UUID, request_id: UUID) -> PartnerserviceRequest | None:
    """Return one request of a seller with its query, order, parcel and item."""
    return _with_case().filter(seller_id=seller_id, id=request_id).first()


def steps_of(request: PartnerserviceRequest) -> list[RequestStep]:
    """Return what was done about a request, oldest first."""
    steps = RequestStep.objects.filter(seller_id=request.seller_id, request_id=request.id)
    return list(steps.order_by("at", "id"))


def proposed_override(request: PartnerserviceRequest) -> Override | None:
    """Return the override of a request that waits for a second agent, if there is one."""
    overrides = Override.objects.filter(seller_id=request.seller_id, request_id=request.id)
    return overrides.filter(state=Override.State.PROPOSED).first()


def confirmed_overrides(seller_id: UUID, request_ids: Sequence[UUID]) -> dict[UUID, Override]:
    """Return what was confirmed of a seller's requests, by request."""
    rows = Override.objects.filter(seller_id=seller_id, request_id__in=list(request_ids), state="confirmed")
    return {override.request_id: override for override in rows}


def requests_to_resume(*, now: datetime, most: int) -> Sequence[tuple[UUID, UUID]]:
    """Return seller and id of requests that wait for a reply no more: the customer wrote, or the time is over."""
    waiting = PartnerserviceRequest.objects.filter(state=State.WAITING).exclude(waiting_for="")
    wrote = Q(waiting_for="customer", query__unanswered_since__gt=F("inquired_at"))
    with cross_seller("Partnerservice: requests that wait for a reply no more"):
        due = waiting.filter(wrote | Q(deadline_at__lte=now)).order_by("deadline_at", "id")
        return list(due.values_list("seller_id", "id")[:most])


@dataclass(frozen=True, slots=True)
class OrderOfShop:
    """An order of any shop, with its queries, requests and write-offs."""

    order: Order
    queries: Sequence[CustomerQuery]
    requests: Sequence[PartnerserviceRequest]
    write_offs: Sequence[WriteOff]


def orders_with_cases(words: str, *, most: int) -> list[OrderOfShop]:
    """Find orders of all shops by what `orders_of_all` knows, or by the number of a query or a write-off."""
    number = words.strip().partition("-")[0]
    orders = orders_of_all(words, most=most)
    with cross_seller("Partnerservice: search in all shops"):
        if number.isascii() and number.isdigit():
            by_query = CustomerQuery.objects.select_related("order__seller").filter(number=number)[:most]
            orders = [*(query.order for query in by_query), *orders]
        unique = {(order.seller_id, order.id): order for order in orders}
        of_orders = {"seller_id__in": {key[0] for key in unique}, "order_id__in": {key[1] for key in unique}}
        queries = list(CustomerQuery.objects.filter(**of_orders).order_by("opened_at", "id"))
        write_offs = list(WriteOff.objects.filter(**of_orders).order_by("confirmed_at", "id"))
        requests = list(
            _with_case()
            .filter(seller_id__in=of_orders["seller_id__in"], query_id__in=[query.id for query in queries])
            .order_by("asked_at", "id")
        )
    return [
        OrderOfShop(
            order,
            [query for query in queries if query.order_id == order.id],
            [request for request in requests if request.query.order_id == order.id],
            [write_off for write_off in write_offs if write_off.order_id == order.id],
        )
        for order in list(unique.values())[:most]
    ]


def earlier_losses(request: PartnerserviceRequest, *, most: int) -> list[WriteOff]:
    """Return what this seller wrote off before for the same customer, newest first: they may be a pattern."""
    same_customer = orders_to(request.seller_id, request.query.order.customer_email)
    losses = WriteOff.objects.filter(seller_id=request.seller_id, order_id__in=same_customer)
    return list(losses.order_by("-confirmed_at", "-id")[:most])


def _with_case() -> QuerySet[PartnerserviceRequest]:
    return PartnerserviceRequest.objects.select_related(
        "seller", "query__order", "parcel_unit__order_item", "parcel_unit__parcel"
    )


def orders_of_ended_overrides(*, after: datetime, until: datetime) -> dict[UUID, list[UUID]]:
    """Return the orders whose overrides ended between two instants, by their seller."""
    by_seller: dict[UUID, list[UUID]] = defaultdict(list)
    with cross_seller("overrides whose time is over"):
        ended = Override.objects.filter(state=Override.State.CONFIRMED, until__gt=after, until__lte=until)
        for seller_id, order_id in ended.values_list("seller_id", "parcel_unit__order_item__order_id"):
            by_seller[seller_id].append(order_id)
    return by_seller
