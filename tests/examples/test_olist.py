"""Real orders: the public Olist files, converted and imported, give exactly what an independent count says.

The data may be used and not be handed on, so it is no part of the project; where it is not beside it, this is left out.
"""

from __future__ import annotations

import runpy
from collections import defaultdict
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db.models import Count, Sum

from lostpost.accounts.models import Seller
from lostpost.core.ownership import cross_seller
from lostpost.eligibility.assess import assess
from lostpost.eligibility.facts import ParcelFacts, ScanFact, ScanStatus, ShippingMethod, UnitFacts, newest
from lostpost.eligibility.policy import Policy
from lostpost.orders.models import Order, OrderItem, Parcel, ParcelUnit
from lostpost.tracking.models import Scan

PROJECT = Path(__file__).resolve().parents[2]
OLIST = PROJECT.parent / "shared" / "data" / "olist"
BRAZIL = Policy(time_zone="America/Sao_Paulo")
AS_OF = datetime.fromisoformat("2018-03-01T12:00:00-03:00")

pytestmark = [
    pytest.mark.fuzz,
    pytest.mark.skipif(not OLIST.is_dir(), reason="left out: the Olist files are not in ../shared/data/olist"),
]


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Turn the files into Lostpost's own."""
    target = tmp_path_factory.mktemp("olist")
    runpy.run_path(str(PROJECT / "examples" / "olist" / "convert.py"))["convert"](OLIST, target)
    return target


@pytest.mark.django_db
def test_the_olist_files_give_exactly_what_was_counted(converted):
    # Given the files, imported
    told = import_files(converted)

    # Then everything is there
    assert told["orders"] == [7_433, 0, 0, 0]
    assert told["parcels"] == [6_424, 0, 0, 0]
    assert told["scans"] == [5_240, 0, 0, 0]
    with cross_seller("a test counts everything"):
        assert Seller.objects.count() == 1_610
        assert Order.objects.count() == 7_433
        assert Parcel.objects.count() == 6_424
        assert Scan.objects.count() == 5_240
        assert Order.objects.aggregate(freight=Sum("delivery_costs_minor")) == {"freight": 172_288_39}
        totals = OrderItem.objects.aggregate(units=Sum("quantity"), paid=Sum("paid_minor"))
        assert totals == {"units": 8_365, "paid": 1_093_264_35}
        assert set(Order.objects.values_list("currency", flat=True)) == {"BRL"}
        several = OrderItem.objects.filter(quantity__gt=1).aggregate(orders=Count("order_id", distinct=True))
        assert several["orders"] <= 511  # Orders that two sellers share count twice there and once here.
        assert Parcel.objects.filter(delivered=True).count() == 5_240
        units = ParcelUnit.objects.aggregate(units=Sum("quantity"))["units"]
    assert units == parcel_units(converted)

    # And on 1 March 2018 at noon these could be written off
    eligible, only_recent, worth_minor = as_of(AS_OF)
    assert (eligible, only_recent, worth_minor) == (273, 75, 37_466_79)


def import_files(folder: Path) -> dict[str, list[int]]:
    """Run the command; return its table: new, changed, unchanged, left out."""
    out = StringIO()
    call_command("import_files", str(folder), stdout=out)
    rows = [line.replace(",", "").split() for line in out.getvalue().splitlines()[1:]]
    return {kind: [int(number) for number in numbers] for kind, *numbers in rows}


def parcel_units(folder: Path) -> int:
    lines = (folder / "parcels.csv").read_text(encoding="utf-8").splitlines()[1:]
    return sum(int(line.rsplit(",", 1)[1]) for line in lines)


def as_of(now: datetime) -> tuple[int, int, int]:
    """Judge every parcel handed over until then, by the scans made until then.

    Returns how many may be written off, how many are refused for nothing but being too recent, and what the first are
    worth.
    """
    scans: dict[UUID, list[ScanFact]] = defaultdict(list)
    eligible = only_recent = worth_minor = 0
    with cross_seller("a test judges everything"):
        for row in Scan.objects.filter(scanned_at__lte=now):
            scans[row.parcel_id].append(ScanFact(row.scanned_at, ScanStatus(row.status)))
        units: dict[UUID, list[Any]] = defaultdict(list)
        for unit in ParcelUnit.objects.select_related("parcel__order", "order_item").filter(
            parcel__shipped_at__lte=now
        ):
            units[unit.parcel_id].append(unit)
    for parcel_id, in_parcel in units.items():
        codes: set[str] = set()
        for unit in in_parcel:
            codes |= {
                refusal.code for refusal in assess(facts_of(unit, scans[parcel_id], now), BRAZIL, now=now).refusals
            }
        only_recent += codes == {"recent-update"}
        if not codes:
            eligible += 1
            worth_minor += sum(unit.order_item.paid_minor for unit in in_parcel)
    return eligible, only_recent, worth_minor


def facts_of(unit: Any, scans: list[ScanFact], now: datetime) -> UnitFacts:
    parcel = ParcelFacts(
        parcel=unit.parcel.code,
        shipping_method=ShippingMethod(unit.parcel.shipping_method),
        carrier=unit.parcel.carrier,
        tracking_number=unit.parcel.tracking_number,
        shipped_at=unit.parcel.shipped_at,
        tracking_number_changed_at=unit.parcel.tracking_number_changed_at,
        last_scan=newest(scans, now, placed_at=unit.parcel.order.placed_at),
    )
    placed_at, item = unit.parcel.order.placed_at, unit.order_item
    return UnitFacts(placed_at, item.item, item.quantity, parcel, unit.quantity, 0, 0)
