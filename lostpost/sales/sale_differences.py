"""The difference between what an order comes to now and what was booked of it before, in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from lostpost.core.money import share_of_units
from lostpost.core.vat import STANDARD, VatTreatment
from lostpost.sales.models import Sale


class Amounts(NamedTuple):
    """What units come to: turnover, commission and the VAT on it, signed."""

    turnover_minor: int = 0
    commission_minor: int = 0
    vat_minor: int = 0

    def plus(self, other: Amounts) -> Amounts:
        """Add up."""
        return Amounts(*(one + more for one, more in zip(self, other, strict=True)))

    def minus(self, other: Amounts) -> Amounts:
        """Take away."""
        return Amounts(*(one - less for one, less in zip(self, other, strict=True)))


NOTHING = Amounts()
_WITHOUT_VAT = VatTreatment(STANDARD, 0)  # Of rows without commission: delivery costs.


class Units(NamedTuple):
    """Units of an item in a parcel, and how many of them were received back."""

    parcel: str
    shipped_at: datetime
    quantity: int
    returned: int


@dataclass(slots=True)
class Item:
    """One line of an order with its parcels; `amounts` are those of all units.

    `lost` counts the units that stand as written off, and `given_back` says what they came to.
    """

    id: UUID | None
    name: str
    title: str
    sku: str
    quantity: int
    amounts: Amounts
    vat: VatTreatment
    units: list[Units] = field(default_factory=list)
    lost: int = 0
    given_back: Amounts = NOTHING
    rated: bool = True  # Whether its VAT stands on the item already, or is decided now.

    @property
    def first_booked(self) -> bool:
        """Whether this booking fixes the item's VAT."""
        return bool(self.units) and not self.rated

    def returned_worth(self, count: int) -> Amounts:
        """Value the first `count` returned units; one after which no unit is left takes what is left.

        The amounts of written-off units are those of their write-offs. Of what was given back nothing comes back once
        more: a part of the amount may have been granted for units that were returned later. What was paid for units
        that were never handed over is not booked, and so is nobody's.
        """
        if self.lost and count + self.lost == self.quantity:
            return self.amounts.minus(self.given_back) if count else NOTHING
        handed_over = self.worth(before=0, count=sum(units.quantity for units in self.units))
        shares, left = self.worth(before=0, count=count), handed_over.minus(self.given_back)
        return Amounts(*(max(0, min(amounts)) for amounts in zip(shares, left, strict=True)))

    def worth(self, *, before: int, count: int) -> Amounts:
        """Value `count` more units when `before` of them went already; the last one takes the rest."""
        return Amounts(
            *(share_of_units(total, quantity=self.quantity, before=before, count=count) for total in self.amounts)
        )


class SaleDifference(NamedTuple):
    """What is not yet booked of an item."""

    cause: Sale.Cause
    parcel: str
    quantity: int
    amounts: Amounts
    effective_at: datetime


@dataclass(slots=True)
class Booked:
    """What the rows of an item came to so far, in one currency."""

    quantities: dict[str, int] = field(default_factory=dict)  # By parcel.
    by_vat: dict[VatTreatment, Amounts] = field(default_factory=dict)  # Of one of them at most there is any.

    @property
    def amounts(self) -> Amounts:
        """All of it."""
        total = NOTHING
        for amounts in self.by_vat.values():
            total = total.plus(amounts)
        return total

    @property
    def vat(self) -> VatTreatment:
        """The VAT of the reversal: an item that was removed and sold again may have had another one before."""
        standing = [vat for vat, amounts in self.by_vat.items() if any(amounts)]
        return [*standing, *self.by_vat, _WITHOUT_VAT][0]


@dataclass(slots=True)
class Sold:
    """An order as it stands, and what was booked of it."""

    currency: str
    delivery_costs_minor: int
    items: dict[str, Item] = field(default_factory=dict)
    booked: dict[tuple[str, str], Booked] = field(default_factory=lambda: defaultdict(Booked))  # By item and currency.


def sale_differences(order: Sold, cause: Sale.Cause, now: datetime) -> Iterator[tuple[Item, str, SaleDifference]]:
    """Yield what is not yet booked of an order, by item (without a name: delivery costs) and currency.

    Args: `cause`: what was stored: parcels (handed over), returns, or orders (changed).
    """
    for (name, currency), booked in list(order.booked.items()):
        if name and (currency != order.currency or name not in order.items):
            removed = SaleDifference(
                Sale.Cause.CHANGED, "", -sum(booked.quantities.values()), NOTHING.minus(booked.amounts), now
            )
            if removed.quantity or any(removed.amounts):
                yield _without_row(name, booked.vat), currency, removed
    for item in order.items.values():
        for difference in item_differences(item, order.booked[item.name, order.currency], cause, now):
            yield item, order.currency, difference
    yield from _delivery(order, cause, now)


def item_differences(item: Item, booked: Booked, cause: Sale.Cause, now: datetime) -> Iterator[SaleDifference]:
    """Yield what is not yet booked of an item: hand-overs and returns by parcel, and the rest as changed."""
    fresh, back, changed = _by_cause(item, booked, cause)
    target = item.worth(before=0, count=sum(units.quantity for units in item.units)).minus(
        item.returned_worth(sum(units.returned for units in item.units))
    )
    left = target.minus(booked.amounts)
    before = sum(units.quantity for units in item.units) - sum(units.quantity for units in fresh)
    for units in fresh:
        amounts = item.worth(before=before, count=units.quantity)
        yield SaleDifference(Sale.Cause.HANDED_OVER, units.parcel, units.quantity, amounts, units.shipped_at)
        before, left = before + units.quantity, left.minus(amounts)
    before = sum(units.returned for units in item.units) - sum(back.values())
    for parcel, quantity in back.items():
        amounts = item.returned_worth(before).minus(item.returned_worth(before + quantity))
        yield SaleDifference(Sale.Cause.RETURNED, parcel, -quantity, amounts, now)
        before, left = before + quantity, left.minus(amounts)
    for parcel, quantity in list(changed.items())[:-1]:
        amounts = _signed(item, quantity)
        yield SaleDifference(Sale.Cause.CHANGED, parcel, quantity, amounts, now)
        left = left.minus(amounts)
    if changed or any(left):
        parcel, quantity = list(changed.items())[-1] if changed else ("", 0)
        yield SaleDifference(Sale.Cause.CHANGED, parcel, quantity, left, now)


def _by_cause(item: Item, booked: Booked, cause: Sale.Cause) -> tuple[list[Units], dict[str, int], dict[str, int]]:
    """Split differences into first hand-overs and returns, by parcel, and corrections."""
    fresh: list[Units] = []
    back: dict[str, int] = {}
    changed: dict[str, int] = {}
    for units in sorted(item.units, key=lambda units: (units.shipped_at, units.parcel)):
        known = booked.quantities.get(units.parcel)
        if known is None and cause == Sale.Cause.HANDED_OVER:
            fresh.append(units)
            known = units.quantity
        more = units.quantity - units.returned - (known or 0)
        if more < 0 and cause == Sale.Cause.RETURNED:
            back[units.parcel] = -more
        elif more:
            changed[units.parcel] = more
    held = {units.parcel for units in item.units}
    changed |= {parcel: -known for parcel, known in booked.quantities.items() if known and parcel not in held}
    return fresh, back, changed


def _signed(item: Item, quantity: int) -> Amounts:
    return Amounts(*(amount * quantity for amount in item.worth(before=0, count=1)))


def _delivery(order: Sold, cause: Sale.Cause, now: datetime) -> Iterator[tuple[Item, str, SaleDifference]]:
    """Delivery costs are turnover from the first parcel on."""
    first = min(
        ((units.shipped_at, units.parcel) for item in order.items.values() for units in item.units), default=None
    )
    booked = {currency: sale.amounts.turnover_minor for (name, currency), sale in order.booked.items() if not name}
    for currency in dict.fromkeys([*booked, order.currency]):
        due = order.delivery_costs_minor if first and currency == order.currency else 0
        more = Amounts(due - booked.get(currency, 0))
        if not any(more):
            continue
        if first and currency not in booked and cause == Sale.Cause.HANDED_OVER:
            difference = SaleDifference(Sale.Cause.HANDED_OVER, first[1], 0, more, first[0])
        else:
            difference = SaleDifference(Sale.Cause.CHANGED, "", 0, more, now)
        yield _without_row("", _WITHOUT_VAT), currency, difference


def _without_row(name: str, vat: VatTreatment) -> Item:
    return Item(None, name, "", "", 1, NOTHING, vat)
