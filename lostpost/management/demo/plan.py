"""The plan of the demo: orders, parcels, scans and acts, at times relative to the midnight before the demo's day.

A plan does not depend on the clock: from the same seed it is always the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from lostpost.accounts.put_seller import SellerData
from lostpost.management.demo.carriers import CARRIERS, NO_TRACKING, Carrier
from lostpost.management.demo.goods import Article
from lostpost.management.demo.people import Customer
from lostpost.orders.data import ItemData, ReturnData, UnitData

if TYPE_CHECKING:
    from lostpost.management.demo.stage import Stage

P = ParamSpec("P")
SEED = "Lostpost"
OWN, LOGISTICS, SHIPPING, LABEL = "own", "logistics_via_platform", "shipping_via_platform", "label_via_platform"


def moment(days_ago: float, clock: str) -> timedelta:
    """Return a time: so many days before the day of the demo, at this time in the marketplace's zone."""
    hours, minutes = clock.split(":")
    return timedelta(days=-days_ago, hours=int(hours), minutes=int(minutes))


def dice(name: str) -> random.Random:
    """Return a random generator seeded by name, so that one more order changes no other."""
    return random.Random(f"{SEED}/{name}")  # noqa: S311  Not for secrets.


@dataclass(frozen=True)
class Act:
    """A planned action."""

    at: timedelta
    do: Callable[[Stage], object]


@dataclass(frozen=True)
class PlannedScan:
    """One scan; `received` is when the carrier reported it, if that was late."""

    at: timedelta
    status: str
    code: str
    text: str
    place: str
    received: timedelta | None = None


_VAT_RATE_BP = 21_00  # Of all articles of these shops.


@dataclass
class PlannedParcel:
    """A parcel and its way."""

    order: PlannedOrder
    code: str
    shipped: timedelta
    units: dict[str, int]
    carrier: Carrier
    tracking_number: str
    shipping_method: str
    scans: list[PlannedScan] = field(default_factory=list)

    def travel(self, until: str, *, point_days: float = 2) -> PlannedParcel:
        """Scan the parcel on its usual way, up to and including the stage `until` of `carriers.WAYS`."""
        chance = dice(f"way of {self.code}")
        for stage in self.carrier.stages(until):
            at = self.shipped + stage.after + timedelta(minutes=chance.randrange(-25, 26))
            if stage.name in ("picked-up", "returned"):
                at += timedelta(days=point_days)
            self.scan(stage.name, at)
        return self

    def scan(self, stage: str, at: timedelta, *, received: timedelta | None = None, text: str = "") -> PlannedParcel:
        """Scan the parcel once, with its carrier's text."""
        event = self.carrier.event_at(stage)
        place = self.carrier.place(stage, dice(f"{stage} of {self.code}"))
        self.scans.append(PlannedScan(at, event.status, event.code, text or event.text, place, received))
        return self


@dataclass
class PlannedOrder:
    """An order, what was sent of it, and what was done about it."""

    shop: PlannedShop
    number: str
    placed: timedelta
    customer: Customer
    items: Sequence[ItemData]
    delivery_costs_minor: int
    currency: str
    parcels: list[PlannedParcel] = field(default_factory=list)

    def on(
        self,
        days_ago: float,
        clock: str,
        do: Callable[Concatenate[Stage, PlannedOrder, P], object],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Plan an action about this order: a method of `Stage` and its arguments."""
        self.shop.act(moment(days_ago, clock), lambda stage: do(stage, self, *args, **kwargs))

    def send(
        self,
        carrier: str,
        at: timedelta,
        units: dict[str, int] | None = None,
        *,
        by: str = OWN,
        tracked: bool = True,
    ) -> PlannedParcel:
        """Send items; by default all that was ordered and not cancelled."""
        code = f"{self.number}-{len(self.parcels) + 1}"
        carrier_data = CARRIERS[carrier] if tracked else NO_TRACKING[carrier]
        sent = units or {item.item: item.quantity - item.quantity_cancelled for item in self.items}
        number = carrier_data.tracking_number(dice(f"number of {code}"))
        parcel = PlannedParcel(self, code, at, sent, carrier_data, number, by)
        self.parcels.append(parcel)
        return parcel

    def come_back(self, at: timedelta, status: str, units: dict[tuple[int, str], int], *, name: str = "R1") -> None:
        """Register units as a return, or update one: {(number of the parcel, item): quantity}."""
        lines = [UnitData(item, quantity, f"{self.number}-{parcel}") for (parcel, item), quantity in units.items()]
        data = ReturnData(f"{self.number}-{name}", self.number, status, lines)
        self.shop.act(at, lambda stage: stage.put_return(data))

    def correct_number(self, at: timedelta) -> None:
        """Correct the Track & Trace number of the first parcel."""
        parcel = self.parcels[0]
        corrected = parcel.carrier.tracking_number(dice(f"corrected number of {parcel.code}"))
        self.shop.act(at, lambda stage: stage.correct_number(parcel, corrected))


@dataclass
class PlannedShop:
    """One shop's part of the plan."""

    data: SellerData
    articles: dict[str, Article]
    people: dict[str, str]  # Who works there: login and role.
    orders: dict[str, PlannedOrder] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)

    def order(
        self,
        number: str,
        placed: timedelta,
        customer: Customer,
        items: dict[str, int],
        *,
        paid: dict[str, int] | None = None,
        cancelled: dict[str, int] | None = None,
        delivery_minor: int = 0,
        currency: str = "EUR",
    ) -> PlannedOrder:
        """Sell articles: {sku: quantity}. `paid`: what was paid for a line, where it is not the price of its units."""
        lines = []
        for place, (sku, quantity) in enumerate(items.items(), start=1):
            article = self.articles[sku]
            line_minor = (paid or {}).get(sku, article.price_minor * quantity)
            line = ItemData(
                item=str(place),
                sku=sku,
                title=article.title,
                quantity=quantity,
                quantity_cancelled=(cancelled or {}).get(sku, 0),
                paid_minor=line_minor,
                commission_minor=article.commission_minor(line_minor, quantity),
                vat_rate_bp=_VAT_RATE_BP,
            )
            lines.append(line)
        assert number not in self.orders, number
        self.orders[number] = PlannedOrder(self, number, placed, customer, lines, delivery_minor, currency)
        return self.orders[number]

    def act(self, at: timedelta, do: Callable[[Stage], object]) -> None:
        """Plan an act; those at one moment happen in the order in which they were planned."""
        self.acts.append(Act(at, do))
