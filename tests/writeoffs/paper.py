"""A shop on paper: orders and parcels as a person would note them, and when a parcel may be written off."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from lostpost.parcels.intake import ItemData, OrderData, ParcelData

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DELIVERED = {"delivered", "delivered_at_neighbours", "picked_up"}


@dataclass
class Box:
    """A parcel on paper; `gone` counts units of each item as written off, `back` as returned."""

    data: ParcelData
    scans: dict[datetime, str] = field(default_factory=dict)
    corrected_at: datetime | None = None
    gone: Counter[str] = field(default_factory=Counter)
    back: Counter[str] = field(default_factory=Counter)

    def sent(self, item: str) -> int:
        return sum(unit.quantity for unit in self.data.units if unit.item == item)

    def left(self, item: str) -> int:
        return self.sent(item) - self.gone[item] - self.back[item]


@dataclass
class Sale:
    """An order on paper."""

    data: OrderData
    boxes: dict[str, Box] = field(default_factory=dict)
    delivery_refunded: bool = False

    def item(self, name: str) -> ItemData:
        return next(item for item in self.data.items if item.item == name)

    def gone(self, name: str) -> int:
        return sum(box.gone[name] for box in self.boxes.values())

    def back(self, name: str) -> int:
        return sum(box.back[name] for box in self.boxes.values())

    def sent(self, name: str) -> int:
        return sum(box.sent(name) for box in self.boxes.values())


def may_be_lost(sale: Sale, box: Box, now: datetime, *, quiet_days: int, allow_after_delivery: bool) -> bool:
    """Say whether the policy lets this parcel be written off, in the fewest words."""
    newest = max(box.scans, default=None)
    status = box.scans[newest] if newest else ""
    updates = [box.data.shipped_at, *filter(None, [newest, box.corrected_at])]
    age = now.astimezone(AMSTERDAM).date() - sale.data.placed_at.astimezone(AMSTERDAM).date()
    waiting = status == "at_pickup_point" and newest is not None and now - newest < timedelta(days=14)
    return (
        box.data.shipping_method == "own"
        and now - max(updates) >= timedelta(days=quiet_days)
        and age.days <= 60
        and (status not in DELIVERED or allow_after_delivery)
        and status != "returning"
        and not waiting
    )
