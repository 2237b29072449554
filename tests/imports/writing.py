"""Files to import, written row by row: a sound marketplace of one order, and whatever a test changes of it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from lostpost.imports.check import OrderRows
from lostpost.orders.data import OrderData

ORDER = {
    "seller": "lampenhuis",
    "order_number": "1007",
    "placed_at": "2026-03-01T10:00:00+01:00",
    "currency": "EUR",
    "delivery_costs_minor": "495",
    "customer_name": "Klaas de Vries",
    "customer_email": "klaas@example.com",
    "customer_language": "nl",
    "customer_country": "NL",
    "item": "1",
    "sku": "LAMP-W",
    "title": "Desk lamp Aurora",
    "quantity": "2",
    "quantity_cancelled": "0",
    "paid_minor": "7990",
    "commission_minor": "958",
}
PARCEL = {
    "seller": "lampenhuis",
    "parcel": "P-1",
    "order_number": "1007",
    "shipping_method": "own",
    "carrier": "DPD",
    "tracking_number": "3SABC123",
    "shipped_at": "2026-03-02T09:00:00+01:00",
    "item": "1",
    "quantity": "2",
}
SCAN = {
    "seller": "lampenhuis",
    "parcel": "P-1",
    "occurred_at": "2026-03-04T14:32:00+01:00",
    "status": "in_transit",
    "code": "SO",
    "text": "Sorted",
    "location": "Utrecht",
    "id": "s-1",
}
RETURN = {
    "seller": "lampenhuis",
    "return": "R-1",
    "order_number": "1007",
    "status": "announced",
    "parcel": "P-1",
    "item": "1",
    "quantity": "1",
}
SELLER = {
    "seller": "lampenhuis",
    "name": "Lampenhuis",
    "country": "NL",
    "language": "nl",
    "currency": "EUR",
    "invoice_cadence": "monthly",
}
SOUND = {"orders": ORDER, "parcels": PARCEL, "scans": SCAN, "returns": RETURN, "sellers": SELLER}

Rows = Iterable[Mapping[str, str]]


def write(path: Path, rows: Rows, *, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    """Write rows as a CSV file; its columns are those of all of them."""
    listed = list(rows)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(
            file, list(dict.fromkeys(name for row in listed for name in row)), "", delimiter=delimiter
        )
        writer.writeheader()
        writer.writerows(listed)
    return path


def write_all(folder: Path, **rows: Rows) -> Path:
    """Write files by kind: `write_all(folder, orders=[ORDER], scans=[…])`."""
    for kind, of_kind in rows.items():
        write(folder / f"{kind}.csv", of_kind)
    return folder


def write_sound(folder: Path, **instead: Rows) -> Path:
    """Write one order with all that may belong to it, and what a test puts in the place of a kind."""
    return write_all(folder, **{kind: [row] for kind, row in SOUND.items()} | instead)


def order_of(lot: OrderRows) -> OrderData:
    """Return the order of a lot that has one."""
    assert lot.bundle.order
    return lot.bundle.order
