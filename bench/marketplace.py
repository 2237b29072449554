"""A shop large enough to measure in: thousands of orders, and as many silent parcels with an open query as needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import connection

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Member, Seller
from lostpost.accounts.policy import change_policy, current_policy
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.answering.start_contact import start_contact
from lostpost.imports.progress import progress
from lostpost.intake.put_orders import put_orders
from lostpost.intake.put_parcels import put_parcels
from lostpost.orders.data import ItemData, OrderData, ParcelData, ScanData, UnitData
from lostpost.tracking.put_scans import put_scans
from lostpost.writeoffs.selection import SelectedUnits

NOW = datetime.now(UTC).replace(microsecond=0)  # A server reads the clock, so what it is asked about must be recent.
BATCH = 500
SCANS = 1000  # In one batch: as many as the API takes at once.


class Case(NamedTuple):
    """An order with an open query, ready to be written off."""

    order_number: str
    query: str
    selection: list[SelectedUnits]


class Shop(NamedTuple):
    """Who sells, and who acts."""

    seller: Seller
    member: Actor


def a_shop(code: str = "lampenhuis") -> Shop:
    """Make a shop, its owner, and a policy that somebody decided, as a marketplace at work has."""
    seller = put_seller(seller=SellerData(code, "Lampenhuis"), now=NOW)
    member = Actor.of_member(Member.objects.create(seller=seller, user_id=1, name="Anna", role="owner"))
    if current_policy().version:
        return Shop(seller, member)
    # A run writes off more than a shop may in a day.
    no_limits = {"daily_write_off_count_max": 0, "daily_write_off_minor_max": 0}
    change_policy(values={"quiet_days": 4, **no_limits}, reason="Patience", by="Olga", now=NOW)
    return Shop(seller, member)


def sell(shop: Shop, numbers: list[str], *, items: int, quantity: int, label: str) -> None:
    """Sell and send orders of so many items in one parcel; the carrier scanned each parcel three times."""
    for place, some in enumerate(progress(list(_batches(numbers)), label)):
        placed_at = NOW - timedelta(days=20)
        lines = [
            ItemData(str(n), f"Desk lamp {n}", quantity, 25_00 * quantity + n, 3_00 * quantity, sku=f"SKU-{n}")
            for n in range(1, items + 1)
        ]
        orders = [
            OrderData(number, placed_at, "EUR", "Klaas de Vries", "klaas@example.com", lines, 4_95) for number in some
        ]
        units = [UnitData(line.item, quantity) for line in lines]
        parcels = [
            ParcelData(f"P-{number}", number, "own", placed_at + timedelta(days=1), units, "DPD", f"T{number}")
            for number in some
        ]
        scans = [
            ScanData(f"P-{number}", placed_at + timedelta(days=2, hours=hours), "in_transit", "S1", "Sorted", "Utrecht")
            for number in some
            for hours in (1, 8, 20)
        ]
        put_orders(seller=shop.seller, orders=orders, now=NOW)
        put_parcels(seller=shop.seller, parcels=parcels, now=NOW)
        put_scans(seller=shop.seller, scans=scans, now=NOW)
        if place == 0:
            analyze()


def analyze() -> None:
    """Let the database know what its tables hold, as it does by itself, a minute later, where it is at work."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def cases(shop: Shop, numbers: list[str], *, items: int, quantity: int, label: str) -> list[Case]:
    """Open a query about each of these orders; everything in it is to be written off."""
    about_orders = []
    for number in progress(numbers, label):
        query = start_contact(
            order_number=number,
            subject="Where is my parcel?",
            message="We are asking the carrier where your parcel is.",
            leave_open=True,
            by=shop.member,
            key=f"contact-{number}",
            now=NOW,
        )
        selection = [SelectedUnits(f"P-{number}", str(item), quantity) for item in range(1, items + 1)]
        about_orders.append(Case(number, query.number, selection))
    return about_orders


def scan_batches(numbers: Sequence[str], *, count: int, first: int = 0) -> list[list[ScanData]]:
    """Make batches of scans, each of the next thousand of these orders' parcels, each newer than any before.

    Every scan moves its parcel forward, which is the most that a scan can cost. `first`: how many were made before.
    """
    return [
        [
            ScanData(
                f"P-{numbers[(place * SCANS + at) % len(numbers)]}",
                NOW - timedelta(days=15) + timedelta(minutes=place, seconds=at % 60),
                "in_transit",
                "S2",
                "The parcel was sorted",
                "Utrecht",
            )
            for at in range(SCANS)
        ]
        for place in range(first, first + count)
    ]


def _batches(numbers: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(numbers), BATCH):
        yield numbers[start : start + BATCH]
