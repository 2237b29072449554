"""A reference model of a shop: its orders and parcels, and when a parcel may be written off."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from lostpost.ledger.models import Transfer
from lostpost.orders.data import ItemData, OrderData, ParcelData
from lostpost.orders.models import ParcelUnit
from lostpost.sales.models import Sale as BookedSale

Units: TypeAlias = dict[tuple[str, str], tuple[int, int, int]]  # Parcel and item: sent, written off, returned.

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DELIVERED = {"delivered", "delivered_at_neighbours", "picked_up"}
ENDED = DELIVERED | {"returned"}


@dataclass
class Box:
    """A parcel in the model: units of each item written off, in return, and received of those."""

    data: ParcelData
    scans: dict[datetime, str] = field(default_factory=dict)
    corrected_at: datetime | None = None
    written_off: Counter[str] = field(default_factory=Counter)
    returned: Counter[str] = field(default_factory=Counter)
    received: Counter[str] = field(default_factory=Counter)

    def sent(self, item: str) -> int:
        return sum(unit.quantity for unit in self.data.units if unit.item == item)

    def left(self, item: str) -> int:
        return self.sent(item) - self.written_off[item] - self.returned[item]


@dataclass
class Sale:
    """An order in the model."""

    data: OrderData
    boxes: dict[str, Box] = field(default_factory=dict)
    refunded_minor: Counter[str] = field(default_factory=Counter)  # By item, refunded and not paid again.
    decided: set[str] = field(default_factory=set)  # Items of which units were written off, ever.
    delivery_refunded: bool = False

    def item(self, name: str) -> ItemData:
        return next(item for item in self.data.items if item.item == name)

    def written_off(self, name: str) -> int:
        return sum(box.written_off[name] for box in self.boxes.values())

    def received(self, name: str) -> int:
        return sum(box.received[name] for box in self.boxes.values())

    def left(self, name: str) -> int:
        """Count the ordered units that are neither written off nor received back, cancelled ones among them."""
        return self.item(name).quantity - self.written_off(name) - self.received(name)

    def next_worth(self, name: str, quantity: int) -> int:
        """Return the worth of the next units to be written off: their shares, or all that is left."""
        item = self.item(name)
        share = item.paid_minor // item.quantity
        if quantity < self.left(name):
            return share * quantity
        return item.paid_minor - share * self.received(name) - self.refunded_minor[name]

    def sent(self, name: str) -> int:
        return sum(box.sent(name) for box in self.boxes.values())


def expected_units(sales: Iterable[Sale]) -> Units:
    """Count the units of every parcel by the model."""
    return {
        (code, unit.item): (box.sent(unit.item), box.written_off[unit.item], box.returned[unit.item])
        for sale in sales
        for code, box in sale.boxes.items()
        for unit in box.data.units
    }


def counted_units(seller_id: UUID) -> Units:
    """Count the units of every parcel in the database: what was paid again stands as written off no more."""
    parcel_units = ParcelUnit.objects.filter(seller_id=seller_id).select_related("parcel", "order_item")
    return {
        (unit.parcel.code, unit.order_item.item): (
            unit.quantity,
            unit.quantity_written_off - unit.quantity_paid_again,
            unit.quantity_returned,
        )
        for unit in parcel_units
    }


def books_of(seller_id: UUID) -> dict[str, Counter[str]]:
    """Add up every account by currency; what was credited is positive."""
    books: dict[str, Counter[str]] = defaultdict(Counter)
    for it in Transfer.objects.filter(seller_id=seller_id):
        books[it.currency][it.debit] -= it.amount_minor
        books[it.currency][it.credit] += it.amount_minor
    return books


def turnover_of(seller_id: UUID) -> Counter[str]:
    """Add up what was booked as sold, by currency."""
    sold: Counter[str] = Counter()
    for sale in BookedSale.objects.filter(seller_id=seller_id):
        sold[sale.currency] += sale.turnover_minor
    return sold


def may_be_lost(sale: Sale, box: Box, now: datetime, *, quiet_days: int, allow_after_delivery: bool) -> bool:
    """Return whether the policy lets this parcel be written off."""
    counted = {at: status for at, status in box.scans.items() if at >= sale.data.placed_at}
    moved = max((at for at, status in counted.items() if status != "exception"), default=None)
    newest = moved if moved and counted[moved] in ENDED else max(counted, default=None)
    status = counted[newest] if newest else ""
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
