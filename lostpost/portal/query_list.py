"""The customer queries of a shop, in buckets: longest waiting first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lostpost.accounts.models import Seller
from lostpost.core.keyset import key_from_text, pager
from lostpost.customer_queries.clock_hours import is_late
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.reads import BUCKETS, bucket_counted, matching_queries, newest_words, queries_in
from lostpost.portal.access import PortalRequest, of_shop

PAGE_SIZE = 25
MOST_COUNTED = 1000
State = CustomerQuery.State


@dataclass(frozen=True, slots=True)
class ListedQuery:
    """One line of the list."""

    number: str
    subject: str
    customer_name: str
    order_number: str
    state: str
    waits_since: datetime
    late: bool
    answered: bool  # It is open, and the shop wrote last.
    last_words: str


@of_shop
@require_safe
def customer_queries(request: PortalRequest) -> HttpResponse:
    """List a bucket, or what a search finds in all of them."""
    seller, search = request.seller, " ".join(request.GET.get("q", "").split())
    after = key_from_text(request.GET.get("after", ""))
    state = request.GET.get("state", "")
    bucket = state if state in BUCKETS else State.OPEN
    if search:
        page = matching_queries(seller.id, search, after=after, size=PAGE_SIZE)
        buckets = []
    else:
        page = queries_in(seller.id, bucket, after=after, size=PAGE_SIZE)
        buckets = [{"state": state, "count": _counted(seller.id, state)} for state in BUCKETS]
    listed = _listed(seller, page.rows, request.policy.zone)
    context = {"q": search, "bucket": bucket, "buckets": buckets, "queries": listed}
    return render(request, "portal/customer_queries.html", {**context, **pager(page, request.GET)})


def _listed(seller: Seller, queries: Sequence[CustomerQuery], zone: tzinfo) -> list[ListedQuery]:
    newest_texts, now = newest_words(seller.id, [query.id for query in queries]), timezone.now()
    return [
        ListedQuery(
            number=query.number,
            subject=query.subject,
            customer_name=query.order.customer_name,
            order_number=query.order.number,
            state=query.state,
            waits_since=query.waits_since,
            late=is_late(query, country=seller.country, zone=zone, now=now),
            answered=query.state == State.OPEN and query.unanswered_since is None,
            last_words=newest_texts.get(query.id, ""),
        )
        for query in queries
    ]


def _counted(seller_id: UUID, state: str) -> str | None:
    """Count a bucket; not the handled ones, which need no work."""
    if state == State.HANDLED:
        return None
    count = bucket_counted(seller_id, state, most=MOST_COUNTED)
    return f"{MOST_COUNTED - 1}+" if count == MOST_COUNTED else str(count)
