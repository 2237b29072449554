"""The open work of a seller: each query at most once, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from lostpost.accounts.models import Seller
from lostpost.customer_queries.clock_hours import is_late
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.eligibility.policy import Policy
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.refunds.models import Refund
from lostpost.writeoffs.assess_order import OrderAssessment, assess_orders

State = CustomerQuery.State
IN_HAND = (State.OPEN, State.WAITING_FOR_CUSTOMER, State.FOLLOW_UP_LATER)
ANSWERS_SHOWN = timedelta(days=30)  # Older answers are not shown.


@dataclass(frozen=True, slots=True)
class OpenWork:
    """A customer query that waits for the seller."""

    # "refund-failed", "answered" (by Partnerservice), "eligible" (an item may be written off) or "query" (a customer
    # waits for an answer).
    kind: str
    number: str
    subject: str
    customer_name: str
    order_number: str
    since: datetime
    late: bool = False


class Worklist(NamedTuple):
    """The open work of a seller."""

    work: list[OpenWork]
    assessed_all: bool  # Whether every open query was assessed.


def worklist(seller: Seller, policy: Policy, *, now: datetime, most: int) -> Worklist:
    """Return open work, oldest first; for a query with several reasons, the one that is hardest to notice.

    At most `most` of each kind are read, so that the cost does not grow with the amount of work.
    """
    turns, put_aside = (list(queries[: most + 1]) for queries in _assessed_first(seller.id))
    assessed_all = len(turns) <= most and len(put_aside) <= most
    turns, put_aside = turns[:most], put_aside[:most]
    orders = {query.order_id: query.order for query in [*turns, *put_aside]}
    assessed = assess_orders(list(orders.values()), policy, now=now)

    def open_work(kind: str, query: CustomerQuery, since: datetime) -> OpenWork:
        late = is_late(query, country=seller.country, zone=policy.zone, now=now)
        order, since_at = (
            query.order,
            (query.unanswered_since or since) if late else since,
        )  # Late is the customer's wait.
        return OpenWork(kind, query.number, query.subject, order.customer_name, order.number, since_at, late)

    works = [open_work("refund-failed", refund.query, refund.failed_at or now) for refund in _failed(seller.id, most)]
    works += [open_work("answered", case.query, case.answered_at or now) for case in _answered(seller.id, now, most)]
    works += [open_work("eligible", query, query.waits_since) for query in _eligible([*turns, *put_aside], assessed)]
    unanswered = _queries(seller.id).filter(state=State.OPEN, unanswered_since__isnull=False)
    for query in unanswered.order_by("unanswered_since", "id")[:most]:
        works.append(open_work("query", query, query.unanswered_since or now))
    first_by_query = {work.number: work for work in reversed(works)}
    open_works = sorted(first_by_query.values(), key=lambda work: (work.since, work.number))[:most]
    return Worklist(open_works, assessed_all)


def _assessed_first(seller_id: UUID) -> tuple[QuerySet[CustomerQuery], QuerySet[CustomerQuery]]:
    """Return the queries in which it is the seller's turn, and those put aside; those that wait longest first."""
    queries = _queries(seller_id).order_by("waits_since", "id")
    put_aside = [State.WAITING_FOR_CUSTOMER, State.FOLLOW_UP_LATER]
    return queries.filter(state=State.OPEN), queries.filter(state__in=put_aside)


def requests_waiting(seller_id: UUID, *, most: int) -> Sequence[PartnerserviceRequest]:
    """Return the seller's unanswered requests to Partnerservice, oldest first."""
    requests = _requests(seller_id).filter(state=PartnerserviceRequest.State.WAITING)
    return list(requests.order_by("asked_at", "id")[:most])


def _eligible(queries: Iterable[CustomerQuery], assessed: dict[UUID, OrderAssessment]) -> list[CustomerQuery]:
    return [query for query in queries if assessed[query.order_id].eligible]


def _failed(seller_id: UUID, most: int) -> Sequence[Refund]:
    failed = Refund.objects.filter(seller_id=seller_id, state=Refund.State.FAILED).select_related("query__order")
    return list(failed.order_by("requested_at", "id")[:most])


def _answered(seller_id: UUID, now: datetime, most: int) -> Sequence[PartnerserviceRequest]:
    """Return answered requests after which the shop did nothing in the query."""
    done_since = TimelineEntry.objects.filter(
        seller_id=seller_id, query_id=OuterRef("query_id"), at__gt=OuterRef("answered_at")
    ).exclude(kind="partnerservice.answered")
    answered = _requests(seller_id).filter(
        ~Exists(done_since.filter(by_user_id__isnull=False)),
        state=PartnerserviceRequest.State.ANSWERED,
        answered_at__gt=now - ANSWERS_SHOWN,
        query__state__in=IN_HAND,
    )
    return list(answered.order_by("answered_at", "id")[:most])


def _queries(seller_id: UUID) -> QuerySet[CustomerQuery]:
    return CustomerQuery.objects.select_related("order").filter(seller_id=seller_id)


def _requests(seller_id: UUID) -> QuerySet[PartnerserviceRequest]:
    related = PartnerserviceRequest.objects.select_related("query__order", "parcel_unit__order_item")
    return related.filter(seller_id=seller_id)
