"""Importing orders, many at once: each is stored completely or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from lostpost.intake.import_orders import OrderImport, import_orders
from lostpost.orders.data import ItemData, OrderData, ParcelData, ReturnData, ScanData, UnitData
from lostpost.orders.models import Order, Parcel, ParcelUnit
from lostpost.tracking import scan_months
from lostpost.tracking.models import Scan
from tests.cast import KLAAS, NOW, row_counts

pytestmark = pytest.mark.django_db


def order(number: str, *, quantity: int = 2, **values: Any) -> OrderData:
    """Describe an order of lamps."""
    item = ItemData("1", "Desk lamp Aurora", quantity, 50_00, 6_00)
    return replace(OrderData(number, NOW - timedelta(days=10), "EUR", "Klaas de Vries", KLAAS, [item]), **values)


def bundle(number: str) -> OrderImport:
    """Describe an order of two lamps, sent in one parcel, scanned once, one of them on its way back."""
    parcel = f"P-{number}"
    return OrderImport(
        order=order(number),
        parcels=[ParcelData(parcel, number, "own", NOW - timedelta(days=9), [UnitData("1", 2)], "DPD", f"3S{number}")],
        returns=[ReturnData(f"R-{number}", number, "announced", [UnitData("1", 1, parcel)])],
        scans=[ScanData(parcel, NOW - timedelta(days=8), "in_transit", text="Sorted")],
    )


def test_an_order_is_imported_with_all_that_belongs_to_it(lampenhuis):
    outcome = import_orders(seller=lampenhuis, bundles=[bundle("1"), bundle("2")], now=NOW)

    assert not outcome.refused
    assert outcome.counts == {(kind, "created"): 2 for kind in ("order", "parcel", "return", "scan")} | {
        ("scan", "unchanged"): 0
    }
    assert Parcel.objects.filter(last_text="Sorted").count() == 2
    assert list(ParcelUnit.objects.values_list("quantity", "quantity_returned")) == [(2, 1), (2, 1)]


def test_a_repeated_import_changes_nothing(lampenhuis):
    import_orders(seller=lampenhuis, bundles=[bundle("1"), bundle("2")], now=NOW)
    before = row_counts()

    outcome = import_orders(seller=lampenhuis, bundles=[bundle("2"), bundle("1")], now=NOW)

    assert {key: count for key, count in outcome.counts.items() if count} == {
        (kind, "unchanged"): 2 for kind in ("order", "parcel", "return", "scan")
    }
    assert row_counts() == before


WRONG = [
    ("order", {"order": order("2", currency="?")}, "not one that ISO 4217 has in use"),
    ("parcel", {"order": order("2", quantity=1)}, "1 units are ordered and not cancelled, 2 would be shipped"),
    ("parcel", {"parcels": [replace(bundle("2").parcels[0], code="P-1")]}, "parcel “P-1”"),
    ("return", {"returns": [replace(bundle("2").returns[0], units=[UnitData("1", 3, "P-2")])]}, "only 2 units"),
    ("scan", {"scans": [replace(bundle("2").scans[0], status="lost")]}, "the status “lost” is none of"),
]


@pytest.mark.parametrize(("kind", "wrong", "sentence"), WRONG)
def test_a_refused_bundle_leaves_no_row_and_the_others_are_stored(lampenhuis, kind, wrong, sentence):
    import_orders(seller=lampenhuis, bundles=[bundle("1")], now=NOW)
    before = row_counts()

    # Given a wrong bundle between two that are right
    bundles = [bundle("0"), replace(bundle("2"), **wrong), bundle("3")]
    outcome = import_orders(seller=lampenhuis, bundles=bundles, now=NOW)

    # Then its refusals are returned, and the others are stored
    assert list(outcome.refused) == [1]
    assert any(sentence in str(refusal) for of_kind, _place, refusal in outcome.refused[1] if of_kind == kind)
    assert outcome.counts["order", "created"] == 2
    assert {*Order.objects.values_list("number", flat=True)} == {"0", "1", "3"}
    assert {*Parcel.objects.values_list("code", flat=True)} == {"P-0", "P-1", "P-3"}
    added = {table: count - before[table] for table, count in row_counts().items() if count != before[table]}
    of_one_bundle = ("order", "orderitem", "parcel", "parcelunit", "return", "returnunit", "scan", "sale")
    # Of each bundle its order, parcel, return and changed status are announced; three amounts are booked.
    refusals = {"lostpost_event": 8, "lostpost_transfer": 6}
    assert added == {f"lostpost_{table}": 2 for table in of_one_bundle} | refusals


def test_a_refused_change_of_a_known_order_leaves_it_as_it_was(lampenhuis):
    import_orders(seller=lampenhuis, bundles=[bundle("1")], now=NOW)

    # When its order may change, and its parcel may not
    known = bundle("1")
    changed = replace(
        known,
        order=order("1", customer_name="Klaas Vaak"),
        parcels=[replace(known.parcels[0], units=[UnitData("1", 3)])],
        scans=[replace(known.scans[0], text="Delivered", status="delivered")],
    )
    outcome = import_orders(seller=lampenhuis, bundles=[changed], now=NOW)

    # Then neither has changed
    assert [(kind, place) for kind, place, _refusal in outcome.refused[0]] == [("parcel", 0)]
    assert not +outcome.counts
    assert Order.objects.get().customer_name == "Klaas de Vries"
    assert not Parcel.objects.get().delivered
    assert Scan.objects.count() == 1


def test_scans_of_known_parcels_need_no_order(lampenhuis):
    import_orders(seller=lampenhuis, bundles=[bundle("1")], now=NOW)

    delivered = ScanData("P-1", NOW - timedelta(days=7), "delivered")
    outcome = import_orders(seller=lampenhuis, bundles=[OrderImport(scans=[delivered])], now=NOW)

    assert not outcome.refused
    assert Parcel.objects.get().delivered


def test_scans_without_a_parcel_are_returned(lampenhuis):
    early = ScanData("P-9", NOW - timedelta(days=7), "delivered")
    outcome = import_orders(seller=lampenhuis, bundles=[bundle("1"), OrderImport(scans=[early])], now=NOW)

    assert not outcome.refused
    assert outcome.unmatched == [early]
    assert outcome.counts["scan", "created"] == 1


def test_an_empty_import_is_accepted(lampenhuis):
    assert not import_orders(seller=lampenhuis, bundles=[], now=NOW).refused


def test_many_bundles_cost_a_few_statements(lampenhuis, monkeypatch, django_assert_max_num_queries):
    scan_months.ensure_months({date(2026, 3, 1)})
    monkeypatch.setattr(scan_months, "_known", {date(2026, 3, 1)})
    bundles = [replace(bundle(str(number)), returns=()) for number in range(100)]
    import_orders(seller=lampenhuis, bundles=bundles[:1], now=NOW)

    with django_assert_max_num_queries(22):  # Three of them read what was sold, and book it.
        import_orders(seller=lampenhuis, bundles=bundles, now=NOW)
