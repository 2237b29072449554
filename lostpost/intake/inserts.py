"""Insert new orders with their items, and new parcels with their units, in one statement each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from lostpost.core.ownership import SellerOwned, uuid7
from lostpost.core.sql import execute, insertion, json_rows
from lostpost.orders.data import OrderData, ParcelData
from lostpost.orders.locks import LockedItem
from lostpost.orders.models import Order, OrderItem, Parcel, ParcelUnit
from lostpost.orders.spellings import with_forms


def insert_orders(seller_id: UUID, orders: Sequence[OrderData]) -> dict[str, list[LockedItem]]:
    """Insert orders; return their items by order number."""
    items_of_orders: dict[str, list[LockedItem]] = {}
    heads, lines = [], []
    for order in orders:
        order_id = uuid7()
        head = with_forms({**_fields(order), "id": order_id})
        items = head.pop("items")
        head["customer_invoice"] = order.customer_invoice and order.customer_invoice.as_json()
        heads.append(head)
        rows = items_of_orders[order.number] = []
        for item in items:
            row = LockedItem(uuid7(), order_id, item.item, item.quantity, item.quantity_cancelled)
            rows.append(row)
            lines.append(with_forms({**_fields(item), "id": row.id, "order_id": order_id}))
    _insert_both(seller_id, (Order, heads), (OrderItem, lines))
    return items_of_orders


def insert_parcels(seller_id: UUID, parcels: Iterable[tuple[ParcelData, UUID, dict[UUID, int]]]) -> dict[str, UUID]:
    """Insert parcels, each with its order and its units by item; return their ids by code."""
    parcel_ids: dict[str, UUID] = {}
    heads, lines = [], []
    for parcel, order_id, units in parcels:
        parcel_id = parcel_ids[parcel.code] = uuid7()
        head = with_forms({**_fields(parcel), "id": parcel_id, "order_id": order_id})
        del head["units"], head["order_number"]
        heads.append(head)
        lines += [
            {"id": uuid7(), "parcel_id": parcel_id, "order_item_id": item_id, "quantity": quantity}
            for item_id, quantity in units.items()
        ]
    _insert_both(seller_id, (Parcel, heads), (ParcelUnit, lines))
    return parcel_ids


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


def _insert_both(seller_id: UUID, *both: tuple[type[SellerOwned], Sequence[dict[str, Any]]]) -> None:
    """Insert rows and what is in them in one statement; nothing for none."""
    heads, lines = (
        insertion(model, tuple(rows[0]), same=("seller_id",), rows=name) if rows else "SELECT"
        for name, (model, rows) in zip(("heads", "lines"), both, strict=True)
    )
    rows = {name: json_rows(rows) for name, (_model, rows) in zip(("heads", "lines"), both, strict=True)}
    execute(f"WITH heads AS ({heads}) {lines}", {"seller_id": seller_id, **rows})
