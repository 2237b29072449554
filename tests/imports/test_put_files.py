"""Valid orders are imported; a repeat changes nothing; a contradiction leaves no row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lostpost.accounts.models import Seller
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.imports import put_files as module
from lostpost.imports.check import check_files
from lostpost.imports.put_files import FilesOutcome, put_files
from lostpost.imports.report import summary_lines
from lostpost.imports.shift import days_until_today
from lostpost.orders.models import Order, OrderItem, Parcel, ParcelUnit, Return
from lostpost.tracking.models import Scan
from tests.cast import row_counts
from tests.imports.writing import ORDER, PARCEL, RETURN, SCAN, SELLER, write, write_all, write_sound

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")

pytestmark = pytest.mark.django_db


def put(*paths: Path, now: datetime = NOW, shift_to_now: bool = False) -> FilesOutcome:
    """Import as the command does."""
    checked = check_files(paths, now=now)
    days = days_until_today(checked, now=now, zone=AMSTERDAM) if shift_to_now else 0
    done = put_files(checked, days=days, now=now)
    assert not [lot for shop in checked.shops.values() for lot in shop.lots]
    return done


def problems_of(done: FilesOutcome) -> list[str]:
    return [f"{Path(problem.place.file).name}:{problem.place.line}: {problem.text}" for problem in done.problems.first]


def left_out(done: FilesOutcome) -> list[str]:
    return [lot.name for lot in done.left_out]


def counted(done: FilesOutcome, state: str) -> dict[str, int]:
    return {kind: count for (kind, in_state), count in done.counts.items() if in_state == state and count}


ONE_OF_EACH = {"seller": 1, "order": 1, "parcel": 1, "return": 1, "scan": 1}


def test_an_order_is_imported_with_all_that_belongs_to_it(tmp_path):
    # Given files of one order
    done = put(write_sound(tmp_path))

    # Then everything is there as it was written
    assert counted(done, "created") == ONE_OF_EACH
    seller = Seller.objects.get(code="lampenhuis")
    assert seller.name == "Lampenhuis"
    order = Order.objects.get(seller_id=seller.id, number="1007")
    assert (order.placed_at, order.currency, order.delivery_costs_minor) == (
        datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
        "EUR",
        495,
    )
    assert (order.customer_name, order.customer_email) == ("Klaas de Vries", "klaas@example.com")
    item = OrderItem.objects.get(seller_id=seller.id, order_id=order.id)
    assert (item.item, item.sku, item.title) == ("1", "LAMP-W", "Desk lamp Aurora")
    assert (item.quantity, item.paid_minor, item.commission_minor) == (2, 7990, 958)
    parcel = Parcel.objects.get(seller_id=seller.id, order_id=order.id)
    assert (parcel.code, parcel.carrier, parcel.tracking_number) == ("P-1", "DPD", "3SABC123")
    assert (parcel.last_status, parcel.last_text) == ("in_transit", "Sorted")
    assert parcel.last_scanned_at == datetime(2026, 3, 4, 13, 32, tzinfo=UTC)
    unit = ParcelUnit.objects.get(seller_id=seller.id, parcel_id=parcel.id)
    assert (unit.quantity, unit.quantity_returned) == (2, 1)
    assert Return.objects.get(seller_id=seller.id).code == "R-1"
    assert Scan.objects.get(seller_id=seller.id, parcel_id=parcel.id).location == "Utrecht"


def test_importing_again_changes_nothing(tmp_path):
    folder = write_sound(tmp_path)
    put(folder)
    before = (
        row_counts(),
        list(Order.objects.values()),
        list(Parcel.objects.values()),
        list(ParcelUnit.objects.values()),
    )

    done = put(folder, now=NOW + timedelta(days=1))

    assert counted(done, "unchanged") == ONE_OF_EACH
    assert not counted(done, "created")
    assert not counted(done, "updated")
    after = (
        row_counts(),
        list(Order.objects.values()),
        list(Parcel.objects.values()),
        list(ParcelUnit.objects.values()),
    )
    assert after == before


def test_what_changed_in_the_files_changes(tmp_path):
    put(write_sound(tmp_path))

    done = put(
        write_sound(
            tmp_path,
            orders=[ORDER | {"customer_name": "Klaas Vaak"}],
            sellers=[SELLER | {"name": "Het Lampenhuis"}],
            scans=[SCAN, SCAN | {"id": "s-2", "status": "delivered", "occurred_at": "2026-03-05T10:00:00+01:00"}],
        )
    )

    assert counted(done, "updated") == {"seller": 1, "order": 1}
    assert counted(done, "created") == {"scan": 1}
    assert Order.objects.get().customer_name == "Klaas Vaak"
    assert Seller.objects.get().name == "Het Lampenhuis"
    assert Parcel.objects.get().delivered


def test_a_seller_named_only_in_orders_is_created_with_its_code_as_name(tmp_path):
    put(write_all(tmp_path, orders=[ORDER | {"currency": "SEK"}]))

    seller = Seller.objects.get()
    assert (seller.code, seller.name, seller.currency) == ("lampenhuis", "lampenhuis", "SEK")


def test_a_seller_that_is_there_stays_as_it_is_unless_its_own_file_says_otherwise(tmp_path):
    put_seller(seller=SellerData("lampenhuis", "Lampenhuis", language="nl"), now=NOW)

    done = put(write_all(tmp_path, orders=[ORDER]))

    assert counted(done, "unchanged") == {"seller": 1}
    assert Seller.objects.get().name == "Lampenhuis"


def test_a_contradiction_is_reported_with_its_line_and_refuses_the_order(tmp_path):
    # Given an order in the database, of which two units were sent
    put(write_sound(tmp_path))
    before = row_counts()

    # When files say that only one was ordered and that its address is another, and tell of an order that is right
    orders = [ORDER | {"order_number": "1008"}, ORDER | {"quantity": "1", "customer_name": "Klaas Vaak"}]
    (tmp_path / "parcels.csv").unlink()
    done = put(write_all(tmp_path, orders=orders, scans=[SCAN | {"id": "s-2"}], returns=[RETURN | {"return": "R-2"}]))

    # Then the right one is in, and nothing of the other one is
    assert problems_of(done) == ["orders.csv:3: item “1”: 2 units were shipped already; fewer cannot be ordered"]
    assert sorted(left_out(done)) == ["order 1007 of lampenhuis"]
    assert Order.objects.get(number="1007").customer_name == "Klaas de Vries"
    assert Return.objects.count() == 1
    changed = {table: count - before[table] for table, count in row_counts().items() if count != before[table]}
    assert changed == {"lostpost_event": 1, "lostpost_order": 1, "lostpost_orderitem": 1, "lostpost_scan": 1}


def test_a_new_order_whose_parcel_is_another_orders_leaves_no_row(tmp_path):
    put(write_sound(tmp_path))
    (tmp_path / "returns.csv").unlink()
    before = row_counts()

    orders = [ORDER | {"order_number": "1009"}]
    done = put(write_all(tmp_path, orders=orders, parcels=[PARCEL | {"order_number": "1009"}], scans=[SCAN]))

    assert problems_of(done) == ["parcels.csv:2: parcel “P-1” belongs to another order"]
    assert left_out(done) == ["order 1009 of lampenhuis"]
    assert row_counts() == before


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ({"parcels": [PARCEL]}, "parcels.csv:2: there is no such seller yet; put its orders in first"),
        ({"scans": [SCAN]}, "scans.csv:2: there is no such seller yet; put its orders in first"),
        ({"sellers": [SELLER], "parcels": [PARCEL]}, "parcels.csv:2: there is no order “1007” in this shop; put the"),
        ({"sellers": [SELLER], "returns": [RETURN]}, "returns.csv:2: there is no order “1007” in this shop; put the"),
    ],
)
def test_records_without_an_order_are_left_out(tmp_path, rows, sentence):
    done = put(write_all(tmp_path, **rows))

    (problem,) = problems_of(done)
    assert problem.startswith(sentence)
    assert len(done.left_out) == 1
    assert not Parcel.objects.exists()
    assert Seller.objects.count() == len(rows.get("sellers", []))


def test_scans_of_parcels_that_are_not_there_wait_for_them(tmp_path):
    done = put(write_all(tmp_path, sellers=[SELLER], scans=[SCAN]))
    assert problems_of(done) == []
    assert done.counts["scan", "waiting"] == 1
    assert "1 scan of parcels that are not there: kept until the parcel comes" in list(summary_lines(done.counts, []))

    put(write_sound(tmp_path))

    assert Parcel.objects.get().last_status == SCAN["status"]


@pytest.mark.parametrize("offset", ["+16:00", "-23:00"])
def test_an_instant_with_any_offset_is_stored(tmp_path, offset):
    far = {"placed_at": f"2026-03-01T10:00:00{offset}"}
    shipped, scanned_at = (
        {"shipped_at": f"2026-03-03T10:00:00{offset}"},
        {"occurred_at": f"2026-03-05T10:00:00{offset}"},
    )
    done = put(write_all(tmp_path, orders=[ORDER | far], parcels=[PARCEL | shipped], scans=[SCAN | scanned_at]))
    assert problems_of(done) == []
    assert Parcel.objects.get().last_scanned_at == datetime.fromisoformat(scanned_at["occurred_at"])

    again = put(write_all(tmp_path, orders=[ORDER | far], parcels=[PARCEL | shipped], scans=[SCAN | scanned_at]))
    assert again.counts["order", "unchanged"] == again.counts["scan", "unchanged"] == 1


def test_scans_of_parcels_that_are_there_need_no_other_file(tmp_path):
    put(write_sound(tmp_path))

    later = SCAN | {"id": "s-9", "status": "delivered", "occurred_at": "2026-03-06T10:00:00+01:00"}
    done = put(write(tmp_path / "later.csv", [later, SCAN]))

    assert counted(done, "created") == {"scan": 1}
    assert counted(done, "unchanged") == {"seller": 1, "scan": 1}
    assert Parcel.objects.get().last_status == "delivered"


def test_many_orders_go_in_batch_by_batch(tmp_path, monkeypatch):
    # Given batches of four orders, and a contradiction in one of ten
    monkeypatch.setattr(module, "LOTS_MAX", 4)
    put(write_sound(tmp_path))
    numbers = [str(number) for number in range(1003, 1013)]
    write(tmp_path / "orders.csv", [ORDER | {"order_number": number, "quantity": "1"} for number in numbers])

    done = put(tmp_path / "orders.csv")

    assert counted(done, "created") == {"order": 9}
    assert left_out(done) == ["order 1007 of lampenhuis"]
    assert Order.objects.count() == 10


# Moving to now -------------------------------------------------------------------------------------------------------


def test_dates_are_shifted_by_days_so_that_the_newest_is_today(tmp_path):
    # Given an order of March 2018, its last scan on 4 March at 14:32 by Amsterdam's clocks
    def old(text):
        return text.replace("2026-", "2018-")

    write_sound(
        tmp_path,
        orders=[ORDER | {"placed_at": old(ORDER["placed_at"])}],
        parcels=[PARCEL | {"shipped_at": old(PARCEL["shipped_at"])}],
        scans=[SCAN | {"occurred_at": old(SCAN["occurred_at"])}],
    )

    # When it is imported on 10 March 2026 with the shift
    put(tmp_path, shift_to_now=True)

    # Then the scan is of that day, at the same time of day, and the spans between are what they were
    parcel, order = Parcel.objects.get(), Order.objects.get()
    assert parcel.last_scanned_at is None  # 14:32 is still to come: the scan is kept, and does not count.
    assert Scan.objects.get().scanned_at == datetime(2026, 3, 10, 13, 32, tzinfo=UTC)
    assert Scan.objects.get().scanned_at - parcel.shipped_at == timedelta(days=2, hours=5, minutes=32)
    assert parcel.shipped_at - order.placed_at == timedelta(hours=23)


def test_a_repeated_import_uses_the_same_shift(tmp_path):
    folder = write_sound(tmp_path)
    evening = NOW.replace(hour=20)
    put(folder, shift_to_now=True, now=evening)
    before = (row_counts(), Order.objects.get().placed_at)

    done = put(folder, shift_to_now=True, now=evening + timedelta(days=5))

    assert counted(done, "unchanged") == ONE_OF_EACH
    assert (row_counts(), Order.objects.get().placed_at) == before


@pytest.mark.parametrize(
    ("newest", "now", "days"),
    [
        ("2026-03-10T23:30:00+01:00", "2026-03-10T00:30:00+01:00", 0),
        ("2026-03-09T23:30:00+01:00", "2026-03-10T00:30:00+01:00", 1),
        ("2026-01-15T23:30:00+01:00", "2026-07-15T12:00:00+02:00", 180),  # 181 days would be 00:30 on the 16th.
        ("2025-07-15T00:30:00+02:00", "2026-01-15T12:00:00+01:00", 185),  # 184 days would be 23:30 on the 14th.
        ("2026-03-10T13:00:00+01:00", "2026-03-09T14:00:00+01:00", -1),
    ],
)
def test_today_is_a_day_of_the_marketplace_over_summer_time_too(tmp_path, newest, now, days):
    at = datetime.fromisoformat(now)
    checked = check_files([write_all(tmp_path, orders=[ORDER | {"placed_at": newest}])], now=at)

    moved = days_until_today(checked, now=at, zone=AMSTERDAM)

    assert moved == days
    there = datetime.fromisoformat(newest) + timedelta(days=moved)
    assert there.astimezone(AMSTERDAM).date() == at.astimezone(AMSTERDAM).date()


def test_with_nothing_to_move_nothing_is_moved(tmp_path):
    checked = check_files([write_all(tmp_path, sellers=[SELLER])], now=NOW)

    assert days_until_today(checked, now=NOW, zone=AMSTERDAM) == 0
