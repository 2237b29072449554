"""Sales invoices as finance works through them, over all sellers."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from lostpost.core.keyset import Page, PageKey, page_of
from lostpost.core.ownership import cross_seller
from lostpost.invoicing.models import SalesInvoice

State = SalesInvoice.State
PAY_OUT, DEBTS, PAID = "pay-out", "debts", "paid"
BUCKETS = {  # As finance looks at them.
    PAY_OUT: Q(state=State.ISSUED, payable_minor__lt=0),
    DEBTS: Q(state=State.ISSUED, payable_minor__gt=0),
    PAID: Q(state=State.PAID),
}


@dataclass(frozen=True, slots=True)
class PayableTotal:
    """What invoices in one currency come to, as they are signed."""

    currency: str
    payable_minor: int
    count: int


def invoices_in(bucket: str, *, after: PageKey | None, size: int) -> Page[SalesInvoice]:
    """Return a page of all sellers' invoices, longest waiting first; of those paid, the newest first."""
    rows = _rows(bucket).select_related("seller")
    paid = bucket == PAID
    with cross_seller("finance: sales invoices of all sellers"):
        return page_of(rows, by="paid_at" if paid else "issued_at", after=after, size=size, newest_first=paid)


def invoice_totals_in(bucket: str) -> list[PayableTotal]:
    """Add up the invoices of all sellers, for each currency."""
    with cross_seller("finance: sums over all sellers"):
        sums = _rows(bucket).values("currency").annotate(payable_minor=Sum("payable_minor"), count=Count("id"))
        return [PayableTotal(**each) for each in sums.order_by("currency")]


def _rows(bucket: str) -> QuerySet[SalesInvoice]:
    return SalesInvoice.objects.filter(BUCKETS[bucket])
