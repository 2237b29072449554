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
    record_events(
        seller_id, [_event(data, how.state) for data, how in ended if how.state in ("created", "updated")], now
    )


def _event(data: OrderData | ParcelData | ReturnData, state: str) -> EventData:
    match data:
        case OrderData():
            return f"order.{state}", {"order_number": data.number}
        case ParcelData():
            return f"parcel.{state}", {"parcel": data.code, "order_number": data.order_number}
        case ReturnData():
            content = {"return": data.code, "order_number": data.order_number, "status": data.status}
            return f"return.{state}", content
