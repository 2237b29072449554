"""What is left of an item's amount for the units of each parcel, in plain Python: no parcel bears what another got.

The units of a parcel own the item's amount less the shares of all other units. What was given back for them, by
write-offs and by grants of Partnerservice, is taken off that, so that the units of other parcels keep their shares.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from lostpost.core.money import share_of_units


class UnitsOfItem(NamedTuple):
    """Units of an item in one parcel: how many, how many of them came back, and the amount given back for them."""

    quantity: int
    received: int
    given_back: int


def left_of_units(total: int, *, quantity: int, units: UnitsOfItem) -> int:
    """Return what is left of the amount for units of one parcel; negative if they got more than they own.

    Args: `total`: the item's amount, of all its `quantity` units.
    """
    share = share_of_units(total, quantity=quantity, before=0, count=1)
    return total - share * (quantity - units.quantity + units.received) - units.given_back


def returned_amount(total: int, *, quantity: int, units: Iterable[UnitsOfItem]) -> int:
    """Value the units of an item that came back, each at its share, less what was given back of these shares before.

    It never exceeds what is left of the item. Args: as for `left_of_units`, with the item's units in all parcels.
    """
    share, every = share_of_units(total, quantity=quantity, before=0, count=1), list(units)
    returned = min(sum(one.received for one in every), quantity)
    worth = share_of_units(total, quantity=quantity, before=0, count=returned)
    granted = sum(
        min(max(0, -left_of_units(total, quantity=quantity, units=one)), share * one.received) for one in every
    )
    return min(worth - granted, total - sum(one.given_back for one in every))
