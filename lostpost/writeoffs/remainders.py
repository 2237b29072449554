"""What is left of an item, and the worth of its next units to be written off or returned: the last takes the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from lostpost.core.money import rounded_rate, share_of_units
from lostpost.core.vat import VatTreatment
from lostpost.orders.own_shares import UnitsOfItem, left_of_units, returned_amount
from lostpost.orders.reads import AssessedUnit, ItemRow


class Worth(NamedTuple):
    """Amounts of units: the customer's (VAT included), commission (VAT excluded), and VAT on the commission."""

    refund_minor: int
    commission_minor: int
    commission_vat_minor: int


@dataclass(slots=True)
class Remainder:
    """The units of an item that are neither returned nor written off, and all that is left of its amounts.

    Cancelled units always count among them: what was paid for them was never booked. `left_of` is what is left for the
    units of each parcel, by their id: no more than they own, however the item's other units fared.
    """

    item: ItemRow
    quantity: int
    left: Worth
    total: Worth
    left_of: dict[UUID, Worth]

    def worth(self, count: int, *, of: UUID | None) -> Worth:
        """Return the worth of the next units: each its rounded-down share of the line; the last ones all that is left.

        Units for which Partnerservice granted a part of the amount are worth no more than what that left of their own.
        Args: `of`: the units in a parcel that they are taken from; None where nothing was shipped.
        Raises: ValueError if the item has not that many left.
        """
        if not 0 <= count <= self.quantity:
            raise ValueError(f"{count} of {self.quantity} units")
        if count == self.quantity:
            return self.left
        worth = Worth(
            *(share_of_units(amount, quantity=self.item.quantity, before=0, count=count) for amount in self.total)
        )
        own = worth if of is None else self.left_of[of]
        return Worth(*(max(0, min(amounts)) for amounts in zip(worth, own, self.left, strict=True)))

    def take(self, count: int, *, of: UUID | None) -> Worth:
        """Remove units from what is left, and return their worth. Args and errors: as `worth`."""
        worth = self.worth(count, of=of)
        self.quantity -= count
        self.left = _minus(self.left, worth)
        if of is not None:
            self.left_of[of] = _minus(self.left_of[of], worth)
        return worth


def remainders_of(units: Iterable[AssessedUnit], *, vat_now: VatTreatment) -> dict[UUID, Remainder]:
    """Return what is left of each item, by its id.

    Args: `units`: all of the order. `vat_now`: on commission, for items of which nothing was booked yet.
    """
    of_items: dict[UUID, list[AssessedUnit]] = {}
    for unit in units:
        of_items.setdefault(unit.item.id, []).append(unit)
    return {
        item_id: _remainder(of_item, (of_item[0].item.commission_vat or vat_now).rate_bp)
        for item_id, of_item in of_items.items()
    }


def _remainder(units: Sequence[AssessedUnit], rate_bp: int) -> Remainder:
    """Subtract returned units, each at its share, and written-off ones at the amounts of their write-off.

    As long as a unit is left, each returned one was valued by its share; so whatever was written off, restored or
    returned in between, the parts add up to the total. Where a part of the amount was granted and units came back
    later, these are valued by what the part left.
    """
    item, received = units[0].item, sum(unit.received for unit in units)
    paid = Worth(item.paid_minor, item.commission_minor, rounded_rate(item.commission_minor, rate_bp))
    given_back = (item.refunded_minor, item.commission_back_minor, item.commission_vat_back_minor)
    left: list[int] = []
    left_of: list[list[int]] = []
    for place, (total, given) in enumerate(zip(paid, given_back, strict=True)):
        parts = [UnitsOfItem(unit.facts.shipped, unit.received, unit.given_back[place]) for unit in units if unit.id]
        left.append(total - given - returned_amount(total, quantity=item.quantity, units=parts))
        left_of.append([left_of_units(total, quantity=item.quantity, units=part) for part in parts])
    ids = [unit.id for unit in units if unit.id]
    return Remainder(
        item,
        max(0, item.quantity - received - item.quantity_lost),
        Worth(*left),
        paid,
        {unit_id: Worth(*own) for unit_id, *own in zip(ids, *left_of, strict=True)},
    )


def _minus(left: Worth, worth: Worth) -> Worth:
    return Worth(*(amount - less for amount, less in zip(left, worth, strict=True)))
