"""Write new orders and parcels, each kind with what is in it in one statement: a file brings them by the thousand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from lostpost.core.clock import utc_text
from lostpost.core.ownership import uuid7
from lostpost.orders.data import OrderData, ParcelData
from lostpost.orders.locks import LockedItem
from lostpost.orders.spellings import with_forms

_ORDERS = """
    WITH orders AS (
        INSERT INTO lostpost_order (
            seller_id, id, number, placed_at, currency, delivery_costs_minor, customer_name, customer_name_normalised,
            customer_email, customer_language, customer_country, payment_provider, payment_reference, customer_invoice
        )
        SELECT %(seller)s, id, number, placed_at, currency, delivery_costs_minor, customer_name,
               customer_name_normalised, customer_email, customer_language, customer_country, payment_provider,
               payment_reference, customer_invoice
          FROM jsonb_to_recordset(%(orders)s::jsonb) AS row (
               id uuid, number text, placed_at timestamptz, currency text, delivery_costs_minor bigint,
               customer_name text, customer_name_normalised text, customer_email text, customer_language text,
               customer_country text, payment_provider text, payment_reference text, customer_invoice jsonb
          )
    )
    INSERT INTO lostpost_orderitem (
        seller_id, id, order_id, item, sku, title, title_normalised, quantity, quantity_cancelled, paid_minor,
        commission_minor, vat_rate_bp, quantity_written_off, refunded_minor
    )
    SELECT %(seller)s, id, order_id, item, sku, title, title_normalised, quantity, quantity_cancelled, paid_minor,
           commission_minor, vat_rate_bp, 0, 0
      FROM jsonb_to_recordset(%(items)s::jsonb) AS row (
           id uuid, order_id uuid, item text, sku text, title text, title_normalised text, quantity int,
           quantity_cancelled int, paid_minor bigint, commission_minor bigint, vat_rate_bp int
      )
"""
_PARCELS = """
    WITH parcels AS (
        INSERT INTO lostpost_parcel (
            seller_id, id, order_id, code, shipping_method, carrier, tracking_number, carrier_normalised,
            tracking_number_normalised, shipped_at, last_status, last_rank, last_text, last_location, last_code,
            delivered, written_off
        )
        SELECT %(seller)s, id, order_id, code, shipping_method, carrier, tracking_number, carrier_normalised,
               tracking_number_normalised, shipped_at, '', 0, '', '', '', false, false
          FROM jsonb_to_recordset(%(parcels)s::jsonb) AS row (
               id uuid, order_id uuid, code text, shipping_method text, carrier text, tracking_number text,
               carrier_normalised text, tracking_number_normalised text, shipped_at timestamptz
          )
    )
    INSERT INTO lostpost_parcelunit (
        seller_id, id, parcel_id, order_item_id, quantity, quantity_written_off, quantity_returned
    )
    SELECT %(seller)s, id, parcel_id, order_item_id, quantity, 0, 0
      FROM jsonb_to_recordset(%(units)s::jsonb) AS row (id uuid, parcel_id uuid, order_item_id uuid, quantity int)
"""


def insert_orders(seller_id: UUID, orders: Sequence[OrderData]) -> dict[str, list[LockedItem]]:
    """Write orders that are not there; return their lines by order number."""
    made: dict[str, list[LockedItem]] = {}
    heads, lines = [], []
    for order in orders:
        order_id = uuid7()
        head = with_forms({**_fields(order), "id": order_id})
        items = head.pop("items")
        head["customer_invoice"] = order.customer_invoice and order.customer_invoice.as_json()
        heads.append(head)
        rows = made[order.number] = []
        for item in items:
            row = LockedItem(uuid7(), order_id, item.item, item.quantity, item.quantity_cancelled)
            rows.append(row)
            lines.append(with_forms({**_fields(item), "id": row.id, "order_id": order_id}))
    _execute(_ORDERS, seller_id, orders=heads, items=lines)
    return made


def insert_parcels(seller_id: UUID, parcels: Iterable[tuple[ParcelData, UUID, dict[UUID, int]]]) -> dict[str, UUID]:
    """Write parcels that are not there, each with its order and the units by item; return their ids by code."""
    made: dict[str, UUID] = {}
    heads, lines = [], []
    for parcel, order_id, units in parcels:
        parcel_id = made[parcel.code] = uuid7()
        head = with_forms({**_fields(parcel), "id": parcel_id, "order_id": order_id})
        del head["units"]
        heads.append(head)
        lines += [
            {"id": uuid7(), "parcel_id": parcel_id, "order_item_id": item_id, "quantity": quantity}
            for item_id, quantity in units.items()
        ]
    _execute(_PARCELS, seller_id, parcels=heads, units=lines)
    return made


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


def _execute(statement: str, seller_id: UUID, **rows: list[dict[str, Any]]) -> None:
    batch = {name: json.dumps(of_name, default=_as_text) for name, of_name in rows.items()}
    with connection.cursor() as cursor:
        cursor.execute(statement, {"seller": seller_id, **batch})


def _as_text(value: Any) -> str:
    """Write an instant or an id."""
    return utc_text(value) if isinstance(value, datetime) else str(value)
