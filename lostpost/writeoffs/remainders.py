"""What of an item has not gone yet, and what its next units to go are worth: whoever leaves last takes the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from lostpost.core.money import rounded_rate, share_of_units
from lostpost.orders.reads import ItemRow, UnitRow


class Worth(NamedTuple):
    """What units come to: for the customer (VAT included), as commission (VAT excluded), and as VAT on that."""

    refund_minor: int
    commission_minor: int
    commission_vat_minor: int


@dataclass(slots=True)
class Remainder:
    """The units of an item that neither came back nor stand as written off, and all that is left of its amounts.

    Cancelled units are among them for ever: what was paid for them never came into our books.
    """

    item: ItemRow
    quantity: int
    left: Worth
    whole: Worth

    def worth(self, count: int) -> Worth:
        """Value the next units to go: each by its rounded-down share of the line; the last ones take all that is left.

        Raises: ValueError if there are not that many.
        """
        if not 0 <= count <= self.quantity:
            raise ValueError(f"{count} of {self.quantity} units")
        if count == self.quantity:
            return self.left
        return Worth(
            *(share_of_units(total, quantity=self.item.quantity, before=0, count=count) for total in self.whole)
        )

    def take(self, count: int) -> Worth:
        """Let units go, and return what they are worth."""
        worth = self.worth(count)
        self.quantity -= count
        self.left = Worth(*(left - gone for left, gone in zip(self.left, worth, strict=True)))
        return worth


def remainders_of(rows: Iterable[UnitRow], *, policy_rate_bp: int) -> dict[UUID, Remainder]:
    """Say what is left of each item, by its id.

    Args: `rows`: all of the order. `policy_rate_bp`: of VAT on commission, for items of which nothing was booked yet.
    """
    items: dict[UUID, ItemRow] = {}
    received: dict[UUID, int] = {}
    for row in rows:
        items[row.item.id] = row.item
        received[row.item.id] = received.get(row.item.id, 0) + row.received
    return {
        item_id: _remainder(item, received[item_id], rate_of(item, policy_rate_bp)) for item_id, item in items.items()
    }


def rate_of(item: ItemRow, policy_rate_bp: int) -> int:
    """Return the rate of VAT on the item's commission: what is given back was booked at it, whatever it is by now."""
    return policy_rate_bp if item.commission_vat_rate_bp is None else item.commission_vat_rate_bp


def _remainder(item: ItemRow, received: int, rate_bp: int) -> Remainder:
    """Take away what came back, each unit at its share, and what stands as written off, as it was valued then.

    As long as a unit is left, all that came back was valued by its share; so whatever was written off, restored or
    returned in between, what is left and what is gone add up to the whole.
    """
    whole = Worth(item.paid_minor, item.commission_minor, rounded_rate(item.commission_minor, rate_bp))
    given_back = (item.refunded_minor, item.commission_back_minor, item.commission_vat_back_minor)
    left = (
        total - share_of_units(total, quantity=item.quantity, before=0, count=min(received, item.quantity)) - given
        for total, given in zip(whole, given_back, strict=True)
    )
    return Remainder(item, max(0, item.quantity - received - item.quantity_lost), Worth(*left), whole)
