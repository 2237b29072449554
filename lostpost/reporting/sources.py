"""The sources of transfers: orders, items, documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from lostpost.core.sql import fetch, sql_file


@dataclass(frozen=True, slots=True)
class Source:
    """A sale, write-off line, write-off, refund, restoration or invoice; missing values are empty."""

    order_number: str = ""
    item: str = ""
    sku: str = ""
    title: str = ""
    parcel: str = ""
    document: str = ""  # Number of the write-off, refund, restoration or sales invoice.
    quantity: int = 0
    order_id: UUID | None = None


_SOURCES_OF_TRANSFERS = sql_file(__name__, "sources_of_transfers")
_SOURCES_OF_ORDERS = sql_file(__name__, "sources_of_orders")
_ORDER = "SELECT id FROM lostpost_order WHERE seller_id = %s AND number = %s"


def sources(seller_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Source]:
    """Return the sources with these ids."""
    parameters = {"seller": seller_id, "ids": list(ids)}
    return (
        {source_id: Source(*row) for source_id, *row in fetch(_SOURCES_OF_TRANSFERS, parameters)}
        if parameters["ids"]
        else {}
    )


def places_in_orders(seller_id: UUID, order_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return the places of sources within each of these orders, from 1, in the order of their creation.

    Ids are ordered by time and sources are never removed, so a number stays.
    """
    parameters = {"seller": seller_id, "orders": list(order_ids)}
    numbered: dict[UUID, int] = {}
    order, place = None, 0
    for order_id, source_id in fetch(_SOURCES_OF_ORDERS, parameters) if parameters["orders"] else []:
        place = place + 1 if order_id == order else 1
        order = order_id
        numbered[source_id] = place
    return numbered


def order_named(seller_id: UUID, number: str) -> UUID | None:
    """Return the id of a shop's order."""
    rows = fetch(_ORDER, (seller_id, number))
    return rows[0][0] if rows else None
