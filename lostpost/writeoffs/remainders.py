"""What is left of an item, and the worth of its next units to be written off or returned: the last takes the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from lostpost.core.money import rounded_rate, share_of_units
from lostpost.core.vat import VatTreatment
from lostpost.orders.reads import AssessedUnit, ItemRow


class Worth(NamedTuple):
    """Amounts of units: the customer's (VAT included), commission (VAT excluded), and VAT on the commission."""

    refund_minor: int
    commission_minor: int
    commission_vat_minor: int


@dataclass(slots=True)
class Remainder:
    """The units of an item that are neither returned nor written off, and all that is left of its amounts.

    Cancelled units always count among them: what was paid for them was never booked.
    """

    item: ItemRow
    quantity: int
    left: Worth
    total: Worth

    def worth(self, count: int, *, granted: Worth | None = None) -> Worth:
        """Return the worth of the next units: each its rounded-down share of the line; the last ones all that is left.

        Where Partnerservice granted a part of the amount, no unit is worth more than what that left.
        Args: `granted`: what was granted for these very units; it is taken off their share.
        Raises: ValueError if there are not that many.
        """
        if not 0 <= count <= self.quantity:
            raise ValueError(f"{count} of {self.quantity} units")
        if count == self.quantity:
            return self.left
        shares = (share_of_units(amount, quantity=self.item.quantity, before=0, count=count) for amount in self.total)
        own = (max(share - given, 0) for share, given in zip(shares, granted or (0, 0, 0), strict=True))
        return Worth(*map(min, own, self.left))

    def take(self, count: int) -> Worth:
        """Remove units from what is left, and return their worth."""
        worth = self.worth(count)
        self.quantity -= count
        self.left = Worth(*(left - value for left, value in zip(self.left, worth, strict=True)))
        return worth


def remainders_of(units: Iterable[AssessedUnit], *, vat_now: VatTreatment) -> dict[UUID, Remainder]:
    """Return what is left of each item, by its id.

    Args: `units`: all of the order. `vat_now`: on commission, for items of which nothing was booked yet.
    """
    items: dict[UUID, ItemRow] = {}
    received: dict[UUID, int] = {}
    for unit in units:
        items[unit.item.id] = unit.item
        received[unit.item.id] = received.get(unit.item.id, 0) + unit.received
    return {
        item_id: _remainder(item, received[item_id], (item.commission_vat or vat_now).rate_bp)
        for item_id, item in items.items()
    }


def _remainder(item: ItemRow, received: int, rate_bp: int) -> Remainder:
    """Subtract returned units, each at its share, and written-off ones at the amounts of their write-off.

    As long as a unit is left, each returned one was valued by its share; so whatever was written off, restored or
    returned in between, the parts add up to the total. Where a part of the amount was granted and units came back
    later, these are valued by what the part left.
    """
    paid = Worth(item.paid_minor, item.commission_minor, rounded_rate(item.commission_minor, rate_bp))
    returned = min(received, item.quantity)
    given_back = (item.refunded_minor, item.commission_back_minor, item.commission_vat_back_minor)
    left = (
        amount - min(share_of_units(amount, quantity=item.quantity, before=0, count=returned), amount - given) - given
        for amount, given in zip(paid, given_back, strict=True)
    )
    return Remainder(item, max(0, item.quantity - received - item.quantity_lost), Worth(*left), paid)
