"""What transfers were booked for, in the words in which people know it: orders, items, documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from lostpost.core.sql import fetch


@dataclass(frozen=True, slots=True)
class Source:
    """A sale, write-off line, write-off, refund, restoration or invoice; what it has not is empty."""

    order_number: str = ""
    item: str = ""
    sku: str = ""
    title: str = ""
    parcel: str = ""
    document: str = ""  # Number of the write-off, refund, restoration or sales invoice.
    quantity: int = 0
    order_id: UUID | None = None


# Each transfer names its source by an id that is unique among all of them, so every table is asked for all ids.
_SOURCES = """
    SELECT sale.id, o.number, sale.item, sale.sku, sale.title, sale.parcel, '', abs(sale.quantity), o.id
      FROM lostpost_sale sale
      JOIN lostpost_order o ON o.seller_id = sale.seller_id AND o.id = sale.order_id
     WHERE sale.seller_id = %(seller)s AND sale.id = ANY(%(ids)s)
    UNION ALL
    SELECT line.id, o.number, item.item, item.sku, item.title, parcel.code, made.number, line.quantity, o.id
      FROM lostpost_writeoffline line
      JOIN lostpost_writeoff made ON made.seller_id = line.seller_id AND made.id = line.write_off_id
      JOIN lostpost_order o ON o.seller_id = line.seller_id AND o.id = made.order_id
      JOIN lostpost_orderitem item ON item.seller_id = line.seller_id AND item.id = line.order_item_id
      JOIN lostpost_parcelunit unit ON unit.seller_id = line.seller_id AND unit.id = line.parcel_unit_id
      JOIN lostpost_parcel parcel ON parcel.seller_id = line.seller_id AND parcel.id = unit.parcel_id
     WHERE line.seller_id = %(seller)s AND line.id = ANY(%(ids)s)
    UNION ALL
    SELECT made.id, o.number, '', '', '', '', made.number, 1, o.id
      FROM lostpost_writeoff made
      JOIN lostpost_order o ON o.seller_id = made.seller_id AND o.id = made.order_id
     WHERE made.seller_id = %(seller)s AND made.id = ANY(%(ids)s)
    UNION ALL
    SELECT again.id, o.number, item.item, item.sku, item.title, parcel.code, made.number, again.quantity, o.id
      FROM lostpost_restorationline again
      JOIN lostpost_restoration made ON made.seller_id = again.seller_id AND made.id = again.restoration_id
      JOIN lostpost_order o ON o.seller_id = again.seller_id AND o.id = made.order_id
      JOIN lostpost_writeoffline line ON line.seller_id = again.seller_id AND line.id = again.write_off_line_id
      JOIN lostpost_orderitem item ON item.seller_id = again.seller_id AND item.id = line.order_item_id
      JOIN lostpost_parcelunit unit ON unit.seller_id = again.seller_id AND unit.id = line.parcel_unit_id
      JOIN lostpost_parcel parcel ON parcel.seller_id = again.seller_id AND parcel.id = unit.parcel_id
     WHERE again.seller_id = %(seller)s AND again.id = ANY(%(ids)s)
    UNION ALL
    SELECT made.id, o.number, '', '', '', '', made.number, 1, o.id
      FROM lostpost_restoration made
      JOIN lostpost_order o ON o.seller_id = made.seller_id AND o.id = made.order_id
     WHERE made.seller_id = %(seller)s AND made.id = ANY(%(ids)s)
    UNION ALL
    SELECT refund.id, o.number, '', '', '', '', refund.number, 0, o.id
      FROM lostpost_refund refund
      JOIN lostpost_order o ON o.seller_id = refund.seller_id AND o.id = refund.order_id
     WHERE refund.seller_id = %(seller)s AND refund.id = ANY(%(ids)s)
    UNION ALL
    SELECT invoice.id, '', '', '', '', '', invoice.number, 0, NULL
      FROM lostpost_salesinvoice invoice
     WHERE invoice.seller_id = %(seller)s AND invoice.id = ANY(%(ids)s)
    UNION ALL
    SELECT line.id, '', '', '', '', '', invoice.number, 0, NULL
      FROM lostpost_salesinvoiceline line
      JOIN lostpost_salesinvoice invoice ON invoice.seller_id = line.seller_id AND invoice.id = line.invoice_id
     WHERE line.seller_id = %(seller)s AND line.id = ANY(%(ids)s)
"""
_OF_ORDERS = """
    SELECT order_id, id FROM lostpost_sale WHERE seller_id = %(seller)s AND order_id = ANY(%(orders)s)
    UNION ALL
    SELECT order_id, id FROM lostpost_writeoff WHERE seller_id = %(seller)s AND order_id = ANY(%(orders)s)
    UNION ALL
    SELECT made.order_id, line.id
      FROM lostpost_writeoff made
      JOIN lostpost_writeoffline line ON line.seller_id = made.seller_id AND line.write_off_id = made.id
     WHERE made.seller_id = %(seller)s AND made.order_id = ANY(%(orders)s)
    UNION ALL
    SELECT order_id, id FROM lostpost_restoration WHERE seller_id = %(seller)s AND order_id = ANY(%(orders)s)
    UNION ALL
    SELECT made.order_id, line.id
      FROM lostpost_restoration made
      JOIN lostpost_restorationline line ON line.seller_id = made.seller_id AND line.restoration_id = made.id
     WHERE made.seller_id = %(seller)s AND made.order_id = ANY(%(orders)s)
    ORDER BY 1, 2
"""
_ORDER = "SELECT id FROM lostpost_order WHERE seller_id = %s AND number = %s"


def sources(seller_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Source]:
    """Return what transfers with these sources were booked for."""
    asked = {"seller": seller_id, "ids": list(ids)}
    return {source_id: Source(*row) for source_id, *row in fetch(_SOURCES, asked)} if asked["ids"] else {}


def places_in_orders(seller_id: UUID, order_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Count what may be booked for each of these orders, from 1, in the order in which it came about.

    Ids are ordered by time and nothing of it is ever removed, so a number stays.
    """
    asked = {"seller": seller_id, "orders": list(order_ids)}
    numbered: dict[UUID, int] = {}
    order, place = None, 0
    for order_id, source_id in fetch(_OF_ORDERS, asked) if asked["orders"] else []:
        place = place + 1 if order_id == order else 1
        order = order_id
        numbered[source_id] = place
    return numbered


def order_named(seller_id: UUID, number: str) -> UUID | None:
    """Return the id of a shop's order."""
    found = fetch(_ORDER, (seller_id, number))
    return found[0][0] if found else None
