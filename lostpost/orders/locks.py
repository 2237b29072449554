"""The locks of whoever takes something in, always in this order: the shop's intake, orders by id, parcels by id.

A write-off takes the same ones in the same order (an order, then its parcels), so nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from lostpost.core.sql import execute, fetch
from lostpost.core.text import is_storable

_ORDERS = """
    SELECT number, id FROM lostpost_order WHERE seller_id = %s AND number = ANY(%s) ORDER BY id FOR UPDATE
"""
_PARCELS = """
    SELECT code, id FROM lostpost_parcel WHERE seller_id = %s AND code = ANY(%s) ORDER BY id FOR UPDATE
"""
_PARCELS_AND_OF_ORDERS = """
    SELECT code, id FROM lostpost_parcel
     WHERE seller_id = %s AND (code = ANY(%s) OR order_id = ANY(%s))
     ORDER BY id FOR UPDATE
"""


_SCANNED_PARCELS = """
    SELECT code, id::text, order_id::text, last_status FROM lostpost_parcel
     WHERE seller_id = %s AND code = ANY(%s) ORDER BY id FOR UPDATE
"""


class ScannedParcel(NamedTuple):
    """What scans need to know of their parcel: its order, and what its newest scan says; ids as they are sent back."""

    id: str
    order_id: str
    last_status: str


class LockedItem(NamedTuple):
    """One line of an order, as far as parcels need to know it."""

    id: UUID
    order_id: UUID
    item: str
    quantity: int
    quantity_cancelled: int


@dataclass(slots=True)
class Locked:
    """The rows that a transaction has locked or created: orders by number, parcels by code.

    `new_items` are the items of created orders, which need not be read from the database.
    """

    seller_id: UUID
    orders: dict[str, UUID]
    parcels: dict[str, UUID] = field(default_factory=dict)
    new_items: dict[UUID, list[LockedItem]] = field(default_factory=dict)


def lock_intake(seller_id: UUID) -> None:
    """Let one batch at a time add orders and parcels to a shop, so that two never make the same row."""
    execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"intake:{seller_id}",))


def lock_orders(seller_id: UUID, numbers: Iterable[str]) -> dict[str, UUID]:
    """Lock the orders that are there, until commit; return their ids by number."""
    return dict(fetch(_ORDERS, (seller_id, _names(numbers))))


def lock_parcels_by_id(seller_id: UUID, codes: Iterable[str], *, of_orders: Iterable[UUID] = ()) -> dict[str, UUID]:
    """Lock the parcels that are there, by code or by order, until commit; return their ids by code."""
    names = _names(codes)
    if orders := sorted(set(of_orders)):
        return dict(fetch(_PARCELS_AND_OF_ORDERS, (seller_id, names, orders)))
    return dict(fetch(_PARCELS, (seller_id, names)))


def lock_scanned_parcels(seller_id: UUID, codes: Iterable[str]) -> dict[str, ScannedParcel]:
    """Lock the parcels that are there, until commit; return by code what scans need to know of them."""
    rows = fetch(_SCANNED_PARCELS, (seller_id, _names(codes)))
    return {code: ScannedParcel(*row) for code, *row in rows}


def _names(given: Iterable[str]) -> list[str]:
    """Leave out what no row can be called; it is refused by whoever looks it up in vain."""
    return sorted(name for name in set(given) if is_storable(name))
