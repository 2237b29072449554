"""Announce ingested orders, parcels and returns in the shop's feed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from lostpost.events.record import EventData, record_events
from lostpost.orders.data import OrderData, Outcome, ParcelData, ReturnData


def announce_changes(
    seller_id: UUID, records: Sequence[OrderData | ParcelData | ReturnData], outcomes: Sequence[Outcome], now: datetime
) -> None:
    """Add an event for each created or updated record, in one statement, after the locks of the intake."""
    ended = zip(records, outcomes, strict=True)
    events = [_event(data, new=how.state == "created") for data, how in ended if how.state in ("created", "updated")]
    record_events(seller_id, events, now)


def _event(data: OrderData | ParcelData | ReturnData, *, new: bool) -> EventData:
    match data:
        case OrderData():
            return "order.created" if new else "order.updated", {"order_number": data.number}
        case ParcelData():
            content = {"parcel": data.code, "order_number": data.order_number}
            return "parcel.created" if new else "parcel.updated", content
        case ReturnData():
            content = {"return": data.code, "order_number": data.order_number, "status": data.status}
            return "return.created" if new else "return.updated", content
