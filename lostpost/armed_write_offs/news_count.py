"""What stops an armed write-off without being a fact of the policy: any scan, and any message of the customer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lostpost.core.text import compact_form
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.orders.models import Parcel
from lostpost.tracking.models import Scan, UnmappedScan

_LATE = timedelta(hours=1)  # So long before it was armed a scan may have come whose transaction was not over yet.


@dataclass(frozen=True, slots=True)
class NewsCount:
    """How many scans of the armed parcels and messages of the order's customer there are.

    `scans` counts all, also those that change nothing; `unmapped` those with a code that nobody has mapped yet, of the
    last hour before it was armed and since. Both only grow.
    """

    scans: int = 0
    unmapped: int = 0
    messages: int = 0

    def as_json(self) -> dict[str, int]:
        """Return it as it is stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> NewsCount:
        """Read what `as_json` wrote."""
        return cls(**values)


def news_count_of_order(*, seller_id: UUID, order_id: UUID, parcels: Iterable[str], armed_at: datetime) -> NewsCount:
    """Count what there is now: of these parcels of an order, by their codes."""
    of_order = Parcel.objects.filter(seller_id=seller_id, order_id=order_id, code__in=sorted(set(parcels)))
    numbers = dict(of_order.values_list("id", "tracking_number"))
    queries = CustomerQuery.objects.filter(seller_id=seller_id, order_id=order_id).values_list("id", flat=True)
    messages = TimelineEntry.objects.filter(
        seller_id=seller_id, query_id__in=list(queries), kind="message.received"
    ).count()
    scans = Scan.objects.filter(seller_id=seller_id, parcel_id__in=list(numbers)).count()
    wanted = {compact_form(number) for number in numbers.values()} - {""}
    unmapped = UnmappedScan.objects.filter(seller_id=seller_id, received_at__gt=armed_at - _LATE)
    of_numbers = [
        number for number in unmapped.values_list("tracking_number", flat=True) if compact_form(number) in wanted
    ]
    return NewsCount(scans, len(of_numbers), messages)
