"""Real orders: the public Olist files, converted and imported, give exactly what an independent count says.

The data may be used and not be handed on, so it is no part of the project; where it is not beside it, this is left out.
"""

from __future__ import annotations

import json
import runpy
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db.models import Count, Sum

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import change_policy
from lostpost.core.ownership import cross_seller
from lostpost.eligibility.assess import assess
from lostpost.eligibility.facts import ParcelFacts, ScanFact, ScanStatus, ShippingMethod, UnitFacts, newest
from lostpost.eligibility.policy import Policy
from lostpost.orders.models import Order, OrderItem, Parcel, ParcelUnit
from lostpost.tracking.models import Scan
from tests.searching import SEARCHING

PROJECT = Path(__file__).resolve().parents[2]
OLIST = PROJECT.parent / "shared" / "data" / "olist"
BRAZIL = Policy(time_zone="America/Sao_Paulo")
PUT_IN = datetime(2026, 3, 1, tzinfo=UTC)
AS_OF = datetime.fromisoformat("2018-03-01T12:00:00-03:00")


@dataclass(frozen=True)
class Counted:
    """What an independent count says; amounts in minor units. Orders that two sellers share count for each of them."""

    sellers: int
    orders: int
    orders_of_several: int
    parcels: int
    scans: int
    freight_minor: int
    units: int
    paid_minor: int
    eligible: int
    only_recent: int
    worth_minor: int


ALL = Counted(1_610, 7_433, 511, 6_424, 5_240, 172_288_39, 8_365, 1_093_264_35, 273, 75, 37_466_79)
OF_SOME_SELLERS = Counted(
    100, 390, 16, 356, 297, 9_601_85, 424, 52_234_87, 17, 9, 2_674_20
)  # Their codes begin with 0.

pytestmark = [
    pytest.mark.fuzz,
    pytest.mark.skipif(not OLIST.is_dir(), reason="left out: the Olist files are not in ../shared/data/olist"),
]


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Turn the files into Lostpost's own; in a plain run, a sixteenth of the sellers are left in them."""
    target = tmp_path_factory.mktemp("olist")
    runpy.run_path(str(PROJECT / "examples" / "olist" / "convert.py"))["convert"](OLIST, target)
    if not SEARCHING:
        for file in target.iterdir():
            header, *lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
            file.write_text("".join([header, *[line for line in lines if line.startswith("0")]]), encoding="utf-8")
    return target


@pytest.mark.django_db
def test_the_olist_files_give_exactly_what_was_counted(converted):
    # Given the files, imported
    told = import_files(converted)

    # Then everything is there
    counted = ALL if SEARCHING else OF_SOME_SELLERS
    assert told["orders"] == [counted.orders, 0, 0, 0]
    assert told["parcels"] == [counted.parcels, 0, 0, 0]
    assert told["scans"] == [counted.scans, 0, 0, 0]
    with cross_seller("a test counts everything"):
        totals = OrderItem.objects.aggregate(units=Sum("quantity"), paid=Sum("paid_minor"))
        several = OrderItem.objects.filter(quantity__gt=1).aggregate(orders=Count("order_id", distinct=True))
        found = Counted(
            Seller.objects.count(),
            Order.objects.count(),
            several["orders"],
            Parcel.objects.count(),
            Scan.objects.count(),
            Order.objects.aggregate(freight=Sum("delivery_costs_minor"))["freight"],
            totals["units"],
            totals["paid"],
            *as_of(AS_OF),  # And on 1 March 2018 at noon so much could be written off.
        )
        assert found == counted
        assert set(Order.objects.values_list("currency", flat=True)) == {"BRL"}
        assert Parcel.objects.filter(delivered=True).count() == counted.scans
        units = ParcelUnit.objects.aggregate(units=Sum("quantity"))["units"]
    assert units == parcel_units(converted)

    # And the radar says so, too: here by the default policy, in the marketplace's time zone
    change_policy(values={"time_zone": "America/Sao_Paulo"}, reason="Olist sells in Brazil", by="a test", now=PUT_IN)
    radar = radar_then(AS_OF)
    assert radar["as_of"] == AS_OF.isoformat()
    assert (radar["eligible"], radar["only_too_recent"]) == (counted.eligible, counted.only_recent)
    assert radar["value_minor"] == {"BRL": counted.worth_minor}
    assert len(radar["parcels"]) == counted.eligible
    assert sum(parcel["value_minor"] for parcel in radar["parcels"]) == counted.worth_minor


def radar_then(then: datetime) -> Any:
    out = StringIO()
    call_command("radar", as_of=then, json=True, stdout=out)
    return json.loads(out.getvalue())


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
