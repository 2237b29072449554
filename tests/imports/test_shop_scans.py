"""A shop's own file of scans: each parcel's go in whole, a repeat changes nothing, and no delivery is undone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lostpost.accounts.actor import ReadOnly
from lostpost.imports import shop_scans as module
from lostpost.imports.problem import Unreadable
from lostpost.imports.shop_scans import ShopScansReport, put_shop_scans
from lostpost.imports.table import SentFile
from lostpost.orders.models import Parcel
from lostpost.tracking.models import EnteredScan, Scan, UnmatchedScan
from tests.cast import NOW, a_parcel, a_scan, an_order, row_counts

pytestmark = pytest.mark.django_db

HEAD = "tracking_number;occurred_at;status;text;id"


@pytest.fixture
def parcel(anna) -> Parcel:
    return a_parcel(an_order(anna.seller), code="P-1", tracking_number="3S 1", shipped_days=9)


def at(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat()


def put(by, *rows: str, head: str = HEAD) -> ShopScansReport:
    return put_shop_scans(file=SentFile("mine.csv", "\n".join([head, *rows]).encode()), by=by, now=NOW)


def problems(report: ShopScansReport) -> list[str]:
    return [f"{problem.place.line}: {problem.text}" for problem in report.first_problems(9)]


def test_a_file_goes_in_once_and_says_who_sent_it(anna, parcel):
    a_scan(parcel, days=5, text="Sorted", scan_id="known")
    rows = [f"3s1;{at(5)};in_transit;Sorted;known", f"3S1;{at(2)};exception;Torn;", f"3S9;{at(2)};in_transit;;"]

    first, again = put(anna, *rows), put(anna, *rows)

    assert (first.rows, first.new, first.known, first.waiting) == (3, 1, 1, [4])
    assert (again.new, again.known, again.waiting) == (0, 2, [4])
    assert Parcel.objects.get().last_text == "Torn"
    entered = EnteredScan.objects.get()
    assert (entered.by_name, entered.scanned_at) == (anna.name, NOW - timedelta(days=2))
    assert UnmatchedScan.objects.get().shop_id == anna.seller_id


def test_of_a_parcel_with_a_wrong_line_nothing_goes_in_and_the_others_do(anna, parcel):
    a_parcel(an_order(anna.seller), code="P-2", tracking_number="3S2")
    head = f"parcel;{HEAD}"

    report = put(
        anna,
        f";3S1;{at(5)};in_transit;Sorted;",
        f"P-1;;{at(3)};lost;;",
        f"P-2;;{at(4)};in_transit;;",
        f";3S3;{at(-1)};delivered;;",
        "P-4;;2026-03-01 10:00;delivered;;",
        head=head,
    )

    assert [scan.parcel.code for scan in Scan.objects.all()] == ["P-2"]
    assert report.left_out == {"3S1": 1}
    status, ahead, naive = problems(report)
    assert status.startswith("3: the status “lost” is none of announced")
    assert ahead == "5: That time is still to come. Say when the carrier recorded it."
    assert naive.startswith("6: occurred_at is “2026-03-01 10:00”, without a time zone")


def test_a_row_that_cannot_be_told_apart_keeps_those_out_that_it_names_and_those_beside_it(anna, parcel):
    for number in ("2", "3", "4"):
        a_parcel(an_order(anna.seller), code=f"P-{number}", tracking_number=f"3S{number}")
    good = [f"3S{number};{at(4)};in_transit;;" for number in ("1", "2", "3", "4")]

    report = put(anna, good[0], good[1], f"{at(1)};3S4", good[2], good[3])

    assert [scan.parcel.code for scan in Scan.objects.all()] == ["P-1"]
    assert report.left_out == {"3S2": 1, "3S3": 1, "3S4": 1}


def test_what_contradicts_an_earlier_scan_leaves_the_parcel_alone(anna, parcel):
    a_scan(parcel, days=5, scan_id="s-1")
    before = row_counts()

    report = put(anna, f"3S1;{at(5)};delivered;;s-1", f"3S1;{at(4)};delivered;;s-2")

    assert "told before with another status" in problems(report)[0]
    assert row_counts() == before


@pytest.mark.parametrize("file_first", [True, False])
def test_no_movement_in_a_shops_file_undoes_a_delivery(anna, parcel, file_first):
    def send_file() -> None:
        assert put(anna, f"3S1;{at(1)};in_transit;;").new == 1

    if file_first:
        send_file()
        a_scan(parcel, days=4, status="delivered")
    else:
        a_scan(parcel, days=4, status="delivered")
        send_file()

    assert Parcel.objects.get().delivered


def test_another_shops_parcel_is_none_and_a_viewer_sends_nothing(anna, carla, vera, parcel):
    assert put(carla, f"3S1;{at(1)};delivered;;").waiting == [2]
    other = put(carla, f"lampenhuis;P-1;{at(1)};delivered", head="seller;parcel;occurred_at;status")
    assert problems(other) == ["2: the seller is another one than this shop; leave the column out"]
    before = row_counts()
    with pytest.raises(ReadOnly):
        put(vera, f"3S1;{at(1)};delivered;;")
    assert row_counts() == before
    assert not Scan.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty; its first line must name the columns"),
        (b"parcel,status\nP-1,delivered\n", "a file of scans needs the column occurred_at; add it"),
        (b"parcel,occurred_at,state\n", "a file of scans needs the column status; add it; the column “state”"),
        ("parcel;occurred_at;status;text\nP-1;x;y;Zürich".encode("cp1252"), "the byte 0xfc at place 10 is not UTF-8"),
        (b"parcel,occurred_at,status\n" + b"P-1,x,y\n" * 4, "the file has more than 3 rows; send it in parts"),
        (b"x" * 201, "the file is larger than 0 KB; send it in parts"),
    ],
)
def test_what_cannot_be_read_leaves_nothing(anna, parcel, monkeypatch, content, sentence):
    monkeypatch.setattr(module, "ROWS_MAX", 3)
    monkeypatch.setattr(module, "BYTES_MAX", 200)
    before = row_counts()
    with pytest.raises(Unreadable) as caught:
        put_shop_scans(file=SentFile("mine.csv", content), by=anna, now=NOW)
    assert caught.value.problem.text.startswith(sentence)
    assert row_counts() == before
