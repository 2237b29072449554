"""Concurrent intake of the same records: each is stored once, without a deadlock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from lostpost.accounts.models import Seller
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.intake.import_orders import OrderImport, import_orders
from lostpost.intake.put_orders import put_orders
from lostpost.intake.put_parcels import put_parcels
from lostpost.intake.put_returns import put_returns
from lostpost.orders.data import OrderData, ParcelData, ReturnData, ScanData, UnitData
from lostpost.orders.models import Order, Parcel, ParcelUnit, Return
from lostpost.tracking import scan_months
from lostpost.tracking.models import Scan
from lostpost.tracking.put_scans import put_scans
from tests.cast import KLAAS, NOW, an_item
from tests.races.together import together

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = 12


def orders() -> list[OrderData]:
    return [
        OrderData(f"O-{n}", NOW - timedelta(days=10), "EUR", "Klaas", KLAAS, [an_item(quantity=2)])
        for n in range(COUNT)
    ]


def parcels(*, suffix: str = "") -> list[ParcelData]:
    return [
        ParcelData(f"P-{n}{suffix}", f"O-{n}", "own", NOW - timedelta(days=9), [UnitData("1", 2)], "DPD", f"3S{n}")
        for n in range(COUNT)
    ]


def scans(*, hours: int = 0) -> list[ScanData]:
    return [
        ScanData(f"P-{n}", NOW - timedelta(days=5, hours=hours), "in_transit", text=f"{hours}") for n in range(COUNT)
    ]


def returns() -> list[ReturnData]:
    return [ReturnData(f"R-{n}", f"O-{n}", "announced", [UnitData("1", 1, f"P-{n}")]) for n in range(COUNT)]


@pytest.fixture
def shop(transactional_db: None) -> Seller:
    return put_seller(seller=SellerData("lampenhuis", "Lampenhuis"), now=NOW)


def test_a_shop_created_many_times_at_once_exists_once(transactional_db):
    ran = together(*[partial(put_seller, seller=SellerData("lampenhuis", "Lampenhuis"), now=NOW)] * 6)

    assert {result.value.id for result in ran} == {Seller.objects.get().id}


def test_orders_created_many_times_at_once_exist_once(shop):
    ran = together(
        *[
            partial(put_orders, seller=shop, orders=some, now=NOW)
            for some in (orders(), orders()[::-1])
            for _ in range(3)
        ]
    )

    states = sorted(outcome.state for result in ran for outcome in result.value)
    assert states == ["created"] * COUNT + ["unchanged"] * 5 * COUNT
    assert Order.objects.count() == COUNT


def test_parcels_created_at_once_never_exceed_the_order(shop):
    put_orders(seller=shop, orders=orders(), now=NOW)

    ran = together(*[partial(put_parcels, seller=shop, parcels=parcels(suffix=f"-{n}"), now=NOW) for n in range(4)])

    states = sorted(outcome.state for result in ran for outcome in result.value)
    assert states == ["created"] * COUNT + ["refused"] * 3 * COUNT
    assert ParcelUnit.objects.count() == COUNT


def test_concurrent_intake_commands_do_not_deadlock(shop):
    put_orders(seller=shop, orders=orders(), now=NOW)
    put_parcels(seller=shop, parcels=parcels(), now=NOW)
    corrected = [replace(parcel, carrier="PostNL") for parcel in parcels()]
    bundles = [
        OrderImport(order, [parcel], scans=[scan])
        for order, parcel, scan in zip(orders(), corrected, scans(hours=9), strict=True)
    ]

    together(
        *[partial(put_scans, seller=shop, scans=scans(hours=n)[:: (-1) ** n], now=NOW) for n in range(4)],
        partial(put_parcels, seller=shop, parcels=corrected[::-1], now=NOW),
        partial(put_returns, seller=shop, returns=returns()[::-1], now=NOW),
        partial(import_orders, seller=shop, bundles=bundles[::-1], now=NOW),
        jitter_seconds=0.005,
    )

    assert Scan.objects.count() == 5 * COUNT
    assert {*Parcel.objects.values_list("last_text", "carrier")} == {("0", "PostNL")}
    assert Return.objects.count() == COUNT


def test_a_scan_sent_many_times_at_once_is_stored_once(shop):
    put_orders(seller=shop, orders=orders(), now=NOW)
    put_parcels(seller=shop, parcels=parcels(), now=NOW)

    ran = together(*[partial(put_scans, seller=shop, scans=scans(), now=NOW)] * 6)

    assert sum(result.value.accepted for result in ran) == COUNT
    assert sum(result.value.duplicates for result in ran) == 5 * COUNT
    assert Scan.objects.count() == COUNT


def test_the_first_scans_of_a_month_may_be_concurrent(shop, monkeypatch):
    monkeypatch.setattr(scan_months, "_known", set())
    put_orders(seller=shop, orders=orders(), now=NOW)
    put_parcels(seller=shop, parcels=parcels(), now=NOW)
    months = [[replace(scan, scanned_at=NOW.replace(year=2011, month=1 + n % 3)) for scan in scans()] for n in range(6)]

    ran = together(*[partial(put_scans, seller=shop, scans=some, now=NOW) for some in months])

    assert sum(result.value.accepted for result in ran) == 3 * COUNT
