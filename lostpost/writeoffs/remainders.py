"""What is left of an item, and the worth of its next units to be written off or returned: the last takes the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
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


NOTHING = Worth(0, 0, 0)


@dataclass(slots=True)
class Remainder:
    """The units of an item that are neither returned nor written off, and all that is left of its amounts.

    Units that were never handed over count among them, but what was paid for them is nobody's: `left` is of the units
    that were. `left_of` is what is left for the units of each parcel, by their id: no more than they own, however the
    item's other units fared; nothing where none of them is left.
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
        if not count:
            return NOTHING
        shares = Worth(
            *(share_of_units(amount, quantity=self.item.quantity, before=0, count=count) for amount in self.total)
        )
        if of is None:
            return shares
        if count == self.quantity:
            return self.left
        return Worth(*(max(0, min(amounts)) for amounts in zip(shares, self.left_of[of], self.left, strict=True)))

    def take(self, count: int, *, of: UUID | None) -> Worth:
        """Remove units from what is left, and return their worth. Args and errors: as `worth`."""
        worth = self.worth(count, of=of)
        self.quantity -= count
        if of is not None:
            self.left = _minus(self.left, worth)
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
    returned in between, the parts add up to the total. Where a part of the amount was granted, units that came back
    were worth no more than what it left.
    """
    item, received = units[0].item, sum(unit.received for unit in units)
    paid = Worth(item.paid_minor, item.commission_minor, rounded_rate(item.commission_minor, rate_bp))
    given_back = (item.refunded_minor, item.commission_back_minor, item.commission_vat_back_minor)
    shipped = [unit for unit in units if unit.id]
    sent = sum(unit.facts.shipped for unit in shipped)
    left: list[int] = []
    left_of: list[list[int]] = []
    for place, (total, given) in enumerate(zip(paid, given_back, strict=True)):
        worth_of = partial(share_of_units, total, quantity=item.quantity, before=0)
        of_sent, share = worth_of(count=sent), worth_of(count=1)
        left.append(max(0, of_sent - given - worth_of(count=received)))
        left_of.append([_left_of_units(unit, of_sent, share, sent, place) for unit in shipped])
    own = zip(*left_of, strict=True) if shipped else ()
    return Remainder(
        item,
        max(0, item.quantity - received - item.quantity_lost),
        Worth(*left),
        paid,
        {unit.id: Worth(*amounts) for unit, amounts in zip(shipped, own, strict=True) if unit.id},
    )


def _left_of_units(unit: AssessedUnit, of_sent: int, share: int, sent: int, place: int) -> int:
    """Return what is left for a parcel's units: what was handed over, less the others' shares and what went already.

    What was paid for units that were never handed over is nobody's.
    """
    if not unit.available:
        return 0
    return of_sent - share * (sent - unit.facts.shipped + unit.received) - unit.given_back[place]


def _minus(left: Worth, worth: Worth) -> Worth:
    return Worth(*(amount - less for amount, less in zip(left, worth, strict=True)))
