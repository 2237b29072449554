"""Reads of refunds: over all sellers for finance, and of one seller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from lostpost.core.keyset import Page, PageKey, page_of
from lostpost.core.ownership import cross_seller
from lostpost.refunds.gateway import PROVIDERS
from lostpost.refunds.models import Refund
from lostpost.refunds.problems import HEALS_ALONE

State = Refund.State
BUCKETS = (State.REQUESTED, State.FAILED, State.SENT, State.CONFIRMED)  # In the order of finance's page.
ON_ITS_WAY = (State.REQUESTED, State.SENT, State.FAILED)


@dataclass(frozen=True, slots=True)
class RefundTotal:
    """Sum and number of refunds in one currency."""

    currency: str
    amount_minor: int
    count: int


def unpaid_refunds_counted(*, most: int) -> int:
    """Count, up to `most`, the refunds of all sellers that finance has to pay or sort out, not the providers.

    One that was sent is finance's too where the provider's answer is about something else.
    """
    at_providers = Q(gateway__in=PROVIDERS, state=State.REQUESTED) & (Q(problem="") | Q(problem_code__in=HEALS_ALONE))
    ours = Q(state__in=[State.REQUESTED, State.FAILED]) | Q(state=State.SENT, problem_code="answer-differs")
    with cross_seller("finance: how much there is to do"):
        return Refund.objects.filter(ours).exclude(at_providers)[:most].count()


def refunds_in(state: str, *, after: PageKey | None, size: int) -> Page[Refund]:
    """Return a page of all sellers' refunds in a state, longest waiting first; paid ones newest first."""
    rows = Refund.objects.select_related("seller", "order", "query").filter(state=state)
    paid = state == State.CONFIRMED
    with cross_seller("finance: refunds of all sellers"):
        return page_of(rows, by="confirmed_at" if paid else "requested_at", after=after, size=size, newest_first=paid)


def totals_in(state: str) -> list[RefundTotal]:
    """Add up the refunds of all sellers in a state, for each currency."""
    with cross_seller("finance: sums over all sellers"):
        return _totals(Refund.objects.filter(state=state))


def refunds_on_their_way(seller_id: UUID, *, most: int) -> Sequence[Refund]:
    """Return a seller's newest refunds that the customers do not have yet, with order and query."""
    rows = Refund.objects.select_related("order", "query").filter(seller_id=seller_id, state__in=ON_ITS_WAY)
    return list(rows.order_by("-requested_at", "-id")[:most])


def money_on_its_way(seller_id: UUID) -> list[RefundTotal]:
    """Add up a seller's refunds that the customers do not have yet, for each currency."""
    return _totals(Refund.objects.filter(seller_id=seller_id, state__in=ON_ITS_WAY))


def _totals(refunds: QuerySet[Refund]) -> list[RefundTotal]:
    sums = refunds.values("currency").annotate(amount_minor=Sum("amount_minor"), count=Count("id"))
    return [RefundTotal(**each) for each in sums.order_by("currency")]
