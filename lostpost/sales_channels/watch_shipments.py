"""Which shipments a platform is asked about again, and when: often when a decision is near, seldom otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from lostpost.orders.models import Parcel
from lostpost.sales_channels.models import SalesChannel, WatchedShipment

SELDOM, OFTEN = timedelta(days=1), timedelta(hours=6)
QUIET = timedelta(days=2)  # From then on the next answer may decide.
NO_LONGER_AFTER = timedelta(days=90)  # Platforms forget shipments after three months.


@transaction.atomic(durable=True)
def watch_shipments(*, channel: SalesChannel, shipments: Iterable[tuple[str, str]], now: datetime) -> None:
    """Ask about shipments later: (the platform's name, the parcel's code). Those that arrived, or are old, no more."""
    of_parcel = {code: reference for reference, code in shipments}
    seller_id = channel.seller_id
    parcels = Parcel.objects.filter(seller_id=seller_id, code__in=list(of_parcel)).only(
        *("code", "shipping_method", "delivered", "written_off", "shipped_at", "last_scanned_at", "last_status")
    )
    rows = [
        WatchedShipment(
            seller_id=seller_id,
            channel_id=channel.id,
            reference=of_parcel[parcel.code],
            parcel_code=parcel.code,
            due_at=_next_look(parcel, now),
        )
        for parcel in parcels
        if _is_open(parcel, now)
    ]
    watched = WatchedShipment.objects.filter(seller_id=seller_id, channel_id=channel.id)
    watched.filter(reference__in=list(of_parcel.values())).delete()
    WatchedShipment.objects.bulk_create(rows)


def shipments_to_look_at(channel: SalesChannel, now: datetime, most: int) -> list[WatchedShipment]:
    """Return the shipments that are due, the longest waiting first."""
    due = WatchedShipment.objects.filter(seller_id=channel.seller_id, channel_id=channel.id, due_at__lte=now)
    return list(due.order_by("due_at")[:most])


@transaction.atomic(durable=True)
def forget_shipments(*, channel: SalesChannel, references: Sequence[str]) -> None:
    """Ask no more about shipments that the platform does not know any more."""
    rows = WatchedShipment.objects.filter(seller_id=channel.seller_id, channel_id=channel.id)
    rows.filter(reference__in=references).delete()


def _is_open(parcel: Parcel, now: datetime) -> bool:
    ends = parcel.delivered or parcel.last_status == "returned"
    return not ends and now - parcel.shipped_at < NO_LONGER_AFTER


def _next_look(parcel: Parcel, now: datetime) -> datetime:
    updated_at = max(parcel.shipped_at, parcel.last_scanned_at or parcel.shipped_at)
    quiet = now - updated_at >= QUIET and parcel.shipping_method == Parcel.ShippingMethod.OWN
    return now + (OFTEN if quiet else SELDOM)
