"""Turn the public Olist files into CSV files that `lostpost import` reads. Needs nothing but Python 3.11.

python examples/olist/convert.py FOLDER_WITH_THE_OLIST_FILES FOLDER_FOR_THE_RESULT

README.md beside this file says where the data comes from and what becomes of it.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Sao_Paulo")
CURRENCY, COUNTRY, LANGUAGE = "BRL", "BR", "pt-BR"
CARRIER = "correios"
COMMISSION_PERCENT = Decimal(12)  # Made up: the data has none.
NO_CATEGORY = "sem categoria"

Row = dict[str, str]
ORDERS = (
    *("seller", "order_number", "placed_at", "currency", "delivery_costs_minor"),
    *("customer_name", "customer_email", "customer_language", "customer_country"),
    *("item", "sku", "title", "quantity", "paid_minor", "commission_minor"),
)
PARCELS = (
    *("seller", "parcel", "order_number", "shipping_method", "carrier", "tracking_number", "shipped_at"),
    *("item", "quantity"),
)
SCANS = ("seller", "parcel", "occurred_at", "status", "text")
SELLERS = ("seller", "name", "country", "language", "currency")


class Item(NamedTuple):
    """Rows of one order with the same product at the same price: one item with a quantity."""

    name: str
    product: str
    price: Decimal
    quantity: int


class Part(NamedTuple):
    """One seller's part of an order: an order of its own for Lostpost."""

    order: Row
    seller: str
    items: Sequence[Item]
    freight: Decimal

    @property
    def number(self) -> str:
        """The order's number; sellers of one order share it."""
        return self.order["order_id"]

    @property
    def parcel(self) -> str:
        """The data names no parcels: an order of a seller is one."""
        return f"{self.number}-1"


def main(words: Sequence[str] | None = None) -> None:
    """Read the folder, write the files, say what is in them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="the folder with olist_orders_dataset.csv and the others")
    parser.add_argument("target", type=Path, help="the folder to write orders.csv and the others into; made if missing")
    parser.add_argument("--commission-percent", type=Decimal, default=COMMISSION_PERCENT, metavar="N")
    told = parser.parse_args(words)
    try:
        counts = convert(told.source, told.target, commission_percent=told.commission_percent)
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}. Give the folder that holds the Olist files.")
    for name, count in counts.items():
        print(f"{told.target / name}: {count:,} rows")


def convert(source: Path, target: Path, *, commission_percent: Decimal = COMMISSION_PERCENT) -> dict[str, int]:
    """Write the files; return the number of rows of each."""
    categories = {row["product_id"]: row["product_category_name"] for row in read(source, "products")}
    customers = {row["customer_id"]: row["customer_unique_id"] for row in read(source, "customers")}
    cities = {row["seller_id"]: (row["seller_city"], row["seller_state"]) for row in read(source, "sellers")}
    parts = list(parts_of(read(source, "orders"), read(source, "order_items")))
    sellers = sorted({part.seller for part in parts})
    target.mkdir(parents=True, exist_ok=True)
    return {
        "sellers.csv": write(target / "sellers.csv", SELLERS, (seller_row(code, *cities[code]) for code in sellers)),
        "orders.csv": write(
            target / "orders.csv",
            ORDERS,
            (row for part in parts for row in order_rows(part, categories, customers, commission_percent)),
        ),
        "parcels.csv": write(target / "parcels.csv", PARCELS, (row for part in parts for row in parcel_rows(part))),
        "scans.csv": write(target / "scans.csv", SCANS, (row for part in parts for row in scan_rows(part))),
    }


def parts_of(orders: Iterable[Row], order_items: Iterable[Row]) -> Iterator[Part]:
    """Divide each order by seller; an order without an item gives none."""
    rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in order_items:
        rows[row["order_id"], row["seller_id"]].append(row)
    sellers: dict[str, list[str]] = defaultdict(list)
    for number, seller in rows:
        sellers[number].append(seller)
    for order in orders:
        for seller in sorted(sellers[order["order_id"]]):
            mine = sorted(rows[order["order_id"], seller], key=lambda row: int(row["order_item_id"]))
            freight = sum((Decimal(row["freight_value"]) for row in mine), Decimal())
            yield Part(order, seller, items_of(mine), freight)


def items_of(rows: Iterable[Row]) -> list[Item]:
    """Join equal rows; an item is named by the first of its rows."""
    equal: dict[tuple[str, Decimal], list[Row]] = defaultdict(list)
    for row in rows:
        equal[row["product_id"], Decimal(row["price"])].append(row)
    return [Item(same[0]["order_item_id"], product, price, len(same)) for (product, price), same in equal.items()]


def order_rows(
    part: Part, categories: dict[str, str], customers: dict[str, str], commission_percent: Decimal
) -> Iterator[list[object]]:
    """Give one row per item; customers get a name and an address that are plainly made up."""
    customer = customers[part.order["customer_id"]][:12]
    for item in part.items:
        paid = item.price * item.quantity
        yield [
            part.seller,
            part.number,
            local(part.order["order_purchase_timestamp"]),
            CURRENCY,
            minor(part.freight),
            f"Customer {customer}",
            f"customer-{customer}@example.com",
            LANGUAGE,
            COUNTRY,
            item.name,
            item.product,
            (categories.get(item.product) or NO_CATEGORY).replace("_", " ").capitalize(),
            item.quantity,
            minor(paid),
            minor(paid * commission_percent / 100),
        ]


def parcel_rows(part: Part) -> Iterator[list[object]]:
    """Give one row per item of the parcel; no parcel where the order was not handed to the carrier."""
    handed_over = part.order["order_delivered_carrier_date"]
    if handed_over:
        tracking_number = f"OLIST-{part.number[:12]}-{part.seller[:6]}"  # Made up, too.
        same = [part.seller, part.parcel, part.number, "own", CARRIER, tracking_number, local(handed_over)]
        for item in part.items:
            yield [*same, item.name, item.quantity]


def scan_rows(part: Part) -> Iterator[list[object]]:
    """Give the one scan that the data knows, where there is a parcel that it can belong to."""
    delivered = part.order["order_delivered_customer_date"]
    if delivered and part.order["order_delivered_carrier_date"]:
        yield [part.seller, part.parcel, local(delivered), "delivered", "Entregue"]


def seller_row(code: str, city: str, state: str) -> list[object]:
    """Name a seller by its town: the data has no names."""
    return [code, f"Loja {code[:6]}, {city.title()} ({state})", COUNTRY, LANGUAGE, CURRENCY]


def local(text: str) -> str:
    """Write "2017-07-09 21:57:05" of São Paulo's clocks with its offset.

    Of an hour that the clocks show twice, the first is taken.
    """
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).isoformat()


def minor(amount: Decimal) -> int:
    """Write 99.9 as 9990; what is less than a centavo is dropped."""
    return int((amount * 100).to_integral_value(ROUND_DOWN))


def read(source: Path, name: str) -> Iterator[Row]:
    """Read one of the Olist files."""
    with (source / f"olist_{name}_dataset.csv").open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a CSV file; return how many rows it has."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


if __name__ == "__main__":
    main()
