"""Problems of files are reported with their line and what to do, and their orders are left out."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lostpost.imports.problem import PROBLEMS_MAX
from lostpost.imports.report import PROBLEMS_SHOWN, left_out_lines, problem_lines
from lostpost.orders.data import CustomerInvoiceData
from tests.imports.checking import accepted_lots, checked, left_out_lots, problems
from tests.imports.writing import (
    ORDER,
    PARCEL,
    RETURN,
    SCAN,
    SOUND,
    order_of,
    write,
    write_all,
    write_sound,
)

OTHER = {"order_number": "1008", "parcel": "P-2"}  # Another order, which must go in whatever is wrong with the first.


def test_sound_files_have_no_problems(tmp_path):
    files = checked(write_sound(tmp_path))

    assert not files.problems
    assert accepted_lots(files) == ["order 1007 of lampenhuis"]
    (lot,) = files.lots
    assert order_of(lot).items[0].paid_minor == 7990
    assert order_of(lot).placed_at == datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    assert [parcel.code for parcel in lot.bundle.parcels] == ["P-1"]
    assert [data.units[0].parcel for data in lot.bundle.returns] == ["P-1"]
    assert [scan.id for scan in lot.bundle.scans] == ["s-1"]


def test_the_payment_and_the_customers_invoice_are_read(tmp_path):
    more = {
        "vat_rate_bp": "900",
        "payment_provider": "mollie",
        "payment_reference": "tr_1",
        "customer_invoice_number": "2026-1",
        "customer_invoice_issued_on": "2026-03-01",
        "customer_invoice_city": "Utrecht",
        "customer_invoice_country": "BE",
        "customer_invoice_registration_number": "0417497106",
        "customer_invoice_electronic_address": "0208:0417497106",
    }
    (lot,) = checked(write_sound(tmp_path, orders=[{**ORDER, **more}])).lots

    order = order_of(lot)
    assert order.items[0].vat_rate_bp == 900
    assert (order.payment_provider, order.payment_reference) == ("mollie", "tr_1")
    assert order.customer_invoice == CustomerInvoiceData(
        "2026-1",
        date(2026, 3, 1),
        city="Utrecht",
        country="BE",
        registration_number="0417497106",
        electronic_address="0208:0417497106",
    )


WRONG = [
    # The cells
    ("orders", {"placed_at": "3 March"}, "placed_at is “3 March”; write date and time like 2026-"),
    ("orders", {"placed_at": "2026-03-01T10:00:00"}, "placed_at is “2026-03-01T10:00:00”, without a time zone;"),
    ("orders", {"placed_at": "2026-02-30T10:00:00+01:00"}, "placed_at is “2026-02-30"),
    ("orders", {"placed_at": "0001-01-01T00:00:00+14:00"}, "placed_at is"),
    ("orders", {"placed_at": "9999-12-31T23:59:59-14:00"}, "placed_at is"),
    ("orders", {"placed_at": "1999-12-31T10:00:00Z"}, "it must lie between 2000-01-01 and 2026-03-11"),
    ("orders", {"placed_at": "2026-03-12T10:00:00Z"}, "it must lie between 2000-01-01 and 2026-03-11"),
    ("orders", {"placed_at": ""}, "placed_at is empty; fill it in"),
    ("orders", {"paid_minor": "79.90"}, "“79.90”; write it in minor units (cents) without a point, such as 7990"),
    ("orders", {"paid_minor": "79,90"}, "such as 7990"),
    ("orders", {"paid_minor": "-7990"}, "it cannot be negative"),
    ("orders", {"paid_minor": "€ 79"}, "write a whole number in digits"),
    ("orders", {"paid_minor": "٣"}, "write a whole number in digits"),
    ("orders", {"paid_minor": "1e5"}, "write a whole number in digits"),
    ("orders", {"paid_minor": "9" * 5000}, "a number may have 15 digits"),
    ("orders", {"paid_minor": "1000000000001"}, "paid_minor is 1000000000001; it must be between 0 and"),
    ("orders", {"delivery_costs_minor": "4.95"}, "such as 495"),
    ("orders", {"commission_minor": "x"}, "commission_minor is “x”"),
    ("orders", {"vat_rate_bp": "21%"}, "vat_rate_bp is “21%”; write a whole number"),
    ("orders", {"vat_rate_bp": "10001"}, "vat_rate_bp is 10001"),
    ("orders", {"payment_provider": "paypal"}, "none of manual, mollie, stripe"),
    ("orders", {"customer_invoice_number": "2026-1"}, "customer_invoice_issued_on must be filled in"),
    ("orders", {"customer_invoice_city": "Utrecht"}, "customer_invoice_number and customer_invoice_issued_on must be"),
    ("orders", {"customer_invoice_issued_on": "3 March"}, "is “3 March”; write a day like 2026-03-04"),
    ("orders", {"customer_invoice_issued_on": "2026-02-30"}, "write a day like"),
    ("orders", {"quantity": "0"}, "quantity is 0; it must be between 1 and 10000"),
    ("orders", {"quantity": "10001"}, "quantity is 10001; it must be between 1 and 10000"),
    ("orders", {"quantity": "1.5"}, "quantity is “1.5”; write a whole number"),
    ("orders", {"quantity_cancelled": "3"}, "quantity_cancelled must be between 0 and the quantity of 2"),
    ("orders", {"currency": "EURO"}, "the currency “EURO” is not one that ISO 4217 has in use"),
    ("orders", {"currency": "NLG"}, "the currency “NLG” is not one that ISO 4217 has in use"),
    ("orders", {"customer_country": "UK"}, "the country “UK” is not a code of ISO 3166"),
    ("orders", {"customer_email": "klaas"}, "“klaas” is not an e-mail address"),
    ("orders", {"customer_email": "a@example.com,b@example.com"}, "“a@example.com,b@example.com” cannot be delivered"),
    ("orders", {"customer_email": "klaas(x)@example.com"}, "“klaas(x)@example.com” cannot be delivered as it is"),
    ("orders", {"customer_name": "Klaas\nde Vries"}, "has a line break or another control character in it"),
    ("orders", {"customer_name": "Kl\0aas"}, "customer_name has a NUL character in it; take it out"),
    ("orders", {"customer_language": "Dutch"}, "the language “Dutch” is no code such as nl"),
    ("orders", {"customer_language": "nl-" + "x" * 8}, "is no code such as nl"),
    ("orders", {"customer_country": "Holland"}, "the country “Holland” is not a code of ISO 3166"),
    ("orders", {"item": "x" * 65}, "the item “" + "x" * 60 + "…” must be 1 to 64 letters"),
    ("orders", {"title": "x" * 100_000}, "the title of item “1” must have 1 to 300 characters"),
    ("orders", {"title": "\x1b[31mred"}, "the title “�[31mred” has a line break or another control character"),
    ("orders", {"sku": "x" * 65}, "the sku of item “1” is longer than 64"),
    ("parcels", {"shipping_method": "post"}, "the shipping method “post” is none of own, logistics_via_platform"),
    ("parcels", {"shipped_at": "2026-03-02"}, "without a time zone"),
    ("parcels", {"quantity": "3"}, "3 units of item “1” are in parcels, and 2 are ordered and not"),
    ("parcels", {"item": "2"}, "order 1007 has no item “2”; name it as in the order"),
    ("parcels", {"carrier": "x" * 65}, "have at most 64 characters each"),
    ("parcels", {"tracking_number": "3S\0"}, "tracking_number has a NUL character in it"),
    ("scans", {"status": "lost"}, "the status “lost” is none of announced, with_carrier"),
    ("scans", {"occurred_at": "2027-03-12T12:00:00Z"}, "occurred_at is 2027-03-12T12:00:00+00:00; it must lie between"),
    ("scans", {"occurred_at": "yesterday"}, "occurred_at is “yesterday”"),
    ("scans", {"text": "x" * 301}, "the text is longer than 300 characters"),
    ("scans", {"id": "x" * 201}, "the id is longer than 200 characters"),
    ("returns", {"status": "lost"}, "the status “lost” is none of announced, in_transit, received, cancelled"),
    ("returns", {"quantity": "2"}, "with this row 3 units of item “1” come back, and 2 are in parcel “P-1”"),
    ("returns", {"item": "2"}, "parcel “P-1” holds no item “2”"),
    ("returns", {"parcel": "P-2"}, "parcel “P-2” is of order 1008"),
    ("sellers", {"currency": "XAU"}, "the currency “XAU” is not one that ISO 4217 has in use"),
    ("sellers", {"country": "Netherlands"}, "the country “Netherlands” is not a code of ISO 3166"),
    ("sellers", {"invoice_cadence": "weekly"}, "the invoice cadence “weekly” is none of monthly, twice_a_month"),
    ("sellers", {"name": "Lampen\thuis"}, "the seller's name has a line break or another control character"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "wrong", "sentence"), WRONG)
def test_an_invalid_cell_is_reported_with_its_line_and_its_order_is_left_out(tmp_path, kind, wrong, sentence):
    # Given another order on line 2, and the wrong one on line 3
    row = SOUND[kind]
    others = {"orders": ORDER | {"order_number": "1008"}, "parcels": PARCEL | OTHER, "scans": SCAN | {"parcel": "P-2"}}
    before = others.get(kind, row | {"seller": "carlas-keramiek"})
    write_sound(
        tmp_path,
        **{name: [other, SOUND[name]] for name, other in others.items()} | {kind: [before, row | wrong]},
    )
    if kind == "returns":
        write(tmp_path / "returns.csv", [row, row | {"return": "R-2"} | wrong])

    # When the files are checked
    files = checked(tmp_path)

    # Then the line is named, once, and the order stays out with all that belongs to it
    texts = [str(problem) for problem in files.problems.first]
    assert any(text.startswith(f"{tmp_path / kind}.csv:3: ") and sentence in text for text in texts), texts
    assert all(len(text) < 400 + len(str(tmp_path)) for text in texts)
    assert "order 1007 of lampenhuis" not in accepted_lots(files)
    if kind != "sellers":
        assert "order 1008 of lampenhuis" in accepted_lots(files)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"order_number": "10 07"}, "the order number “10 07” must be 1 to 64 letters"),
        ({"order_number": ""}, "order_number is empty"),
        ({"seller": "Lampen huis"}, "the seller “Lampen huis” must be 1 to 64 letters"),
        ({"seller": ""}, "seller is empty"),
    ],
)
def test_a_row_without_an_order_is_reported(tmp_path, wrong, sentence):
    folder = write_all(tmp_path, orders=[ORDER | {"order_number": "1008"}, ORDER | wrong])

    (problem,) = problems(folder)
    assert problem.startswith("orders.csv:3: ")
    assert sentence in problem


def test_a_row_that_names_no_order_keeps_out_those_beside_it(tmp_path):
    # Given five rows of one item each, and the one in the middle says of no order
    numbers = ["1001", "1002", "", "1003", "1004"]
    folder = write_all(
        tmp_path, orders=[ORDER | {"order_number": number, "item": f"i-{number}-x"} for number in numbers]
    )

    # When the files are checked
    files = checked(folder)

    # Then it may have been an item of the order before or after it
    assert left_out_lots(files) == ["order 1002 of lampenhuis", "order 1003 of lampenhuis"]
    assert accepted_lots(files) == ["order 1001 of lampenhuis", "order 1004 of lampenhuis"]


def test_a_ragged_row_keeps_every_order_out_that_it_may_be_about(tmp_path):
    # Given a title with a delimiter in it, and another row of the same order that is right
    folder = write_all(tmp_path, orders=[ORDER, ORDER | {"item": "2"}, ORDER | {"order_number": "1008"}])
    lines = (folder / "orders.csv").read_text().splitlines()
    lines[2] = lines[2].replace("Desk lamp", "Lamp, white")
    (folder / "orders.csv").write_text("\n".join(lines))

    # When the files are checked
    files = checked(folder)

    # Then the row is reported, and its order is left out
    (problem,) = files.problems.first
    assert str(problem).startswith(f"{folder}/orders.csv:3: the row has 17 cells, the first line names 16 columns;")
    assert accepted_lots(files) == ["order 1008 of lampenhuis"]
    assert left_out_lots(files) == ["order 1007 of lampenhuis"]


def test_a_row_that_is_too_short_is_ragged_too(tmp_path):
    write_sound(tmp_path)
    with (tmp_path / "scans.csv").open("a") as file:
        file.write("lampenhuis,P-1\n")

    assert problems(tmp_path)[0].startswith("scans.csv:3: the row has 2 cells, the first line names 8 columns;")
    assert accepted_lots(checked(tmp_path)) == []  # The row was about its parcel: perhaps it said “delivered”.


def test_empty_cells_at_the_end_and_empty_rows_are_what_spreadsheets_do(tmp_path):
    write_sound(tmp_path)
    file = tmp_path / "scans.csv"
    file.write_text("\r\n".join(f"{line},," for line in file.read_text().splitlines()) + "\r\n,,,,,,,,,\r\n\r\n")

    assert problems(tmp_path) == []


def test_the_items_of_an_order_may_stand_anywhere_in_its_files(tmp_path):
    first = write(tmp_path / "first.csv", [ORDER, ORDER | {"order_number": "1008"}, ORDER | {"item": "2"}])
    second = write(tmp_path / "second.csv", [ORDER | {"item": "3"}])

    files = checked(first, second)

    assert not files.problems
    items = {order_of(lot).number: [item.item for item in order_of(lot).items] for lot in files.lots}
    assert items == {"1007": ["1", "2", "3"], "1008": ["1"]}


@pytest.mark.parametrize(
    ("kind", "other", "sentence"),
    [
        ("orders", {"item": "2", "placed_at": "2026-03-01T10:00:01+01:00"}, "placed_at is “2026-03-01 10:00:01+01:00”"),
        ("orders", {"item": "2", "currency": "USD"}, "“USD” here and “EUR” in {folder}/orders.csv:2; all rows of"),
        ("orders", {"item": "2", "delivery_costs_minor": "0"}, "delivery_costs_minor is “0” here and “495” in"),
        ("parcels", {"item": "2", "tracking_number": "3SXYZ"}, "all rows of parcel “P-1” must say the same"),
        ("returns", {"item": "2", "status": "received"}, "all rows of return “R-1” must say the same"),
        ("orders", {}, "item “1” stands here and in {folder}/orders.csv:2; give each line of the order its own name"),
        ("parcels", {}, "item “1” stands here and in {folder}/parcels.csv:2; add the quantities up in one row"),
        ("returns", {}, "item “1” stands here and in {folder}/returns.csv:2; add the quantities up in one row"),
        ("sellers", {}, "seller “lampenhuis” stands here and in {folder}/sellers.csv:2; keep one of the rows"),
        ("parcels", {"order_number": "1009"}, "parcel “P-1” is of order 1009 here and of order 1007 before;"),
        ("returns", {"order_number": "1009"}, "return “R-1” is of order 1009 here and of order 1007 before;"),
    ],
)  # fmt: skip
def test_contradicting_rows_are_reported_at_the_second_one(tmp_path, kind, other, sentence):
    write_sound(tmp_path, **{kind: [SOUND[kind], SOUND[kind] | other]})

    files = checked(tmp_path)

    texts = [str(problem) for problem in files.problems.first]
    assert any(
        text.startswith(f"{tmp_path}/{kind}.csv:3: ") and sentence.format(folder=tmp_path) in text for text in texts
    ), texts
    assert "order 1007 of lampenhuis" in left_out_lots(files)
    assert accepted_lots(files) == []


def test_repeated_scans_are_no_problem(tmp_path):
    assert problems(write_sound(tmp_path, scans=[SCAN, SCAN])) == []


def test_an_invalid_seller_is_reported_once_and_its_orders_are_left_out(tmp_path):
    folder = write_all(
        tmp_path,
        orders=[ORDER | {"seller": "Lampen huis", "order_number": str(number)} for number in range(3)],
    )

    assert len(problems(folder)) == 1
    assert len(left_out_lots(checked(folder))) == 3


def test_a_cancelled_return_counts_nothing(tmp_path):
    cancelled = RETURN | {"status": "cancelled", "quantity": "2"}
    folder = write_sound(tmp_path, returns=[cancelled, RETURN | {"return": "R-2", "quantity": "2"}])

    assert problems(folder) == []


def test_units_of_several_parcels_add_up(tmp_path):
    folder = write_sound(tmp_path, parcels=[PARCEL, PARCEL | {"parcel": "P-3", "quantity": "1"}])

    (problem,) = problems(folder)
    assert problem.startswith("parcels.csv:3: with this row 3 units of item “1” are in parcels, and 2 are ordered")


def test_columns_that_may_be_missing_have_a_value(tmp_path):
    optional = {"delivery_costs_minor", "customer_language", "customer_country", "sku", "quantity_cancelled"}
    file = write(tmp_path / "orders.csv", [{name: cell for name, cell in ORDER.items() if name not in optional}])

    (lot,) = checked(file).lots

    order = order_of(lot)
    assert (order.delivery_costs_minor, order.customer_language, order.customer_country) == (0, "en", "NL")
    assert order.customer_postal_code == ""
    (lot,) = checked(write(tmp_path / "orders.csv", [{**ORDER, "customer_postal_code": "3511 AB"}])).lots
    assert order_of(lot).customer_postal_code == "3511 AB"
    assert (order.items[0].sku, order.items[0].quantity_cancelled) == ("", 0)


def test_scans_of_a_parcel_outside_the_files_stay_together(tmp_path):
    file = write(tmp_path / "scans.csv", [SCAN, SCAN | {"id": "s-2", "status": "lost"}, SCAN | {"parcel": "P-2"}])

    files = checked(file)

    assert accepted_lots(files) == ["parcel P-2 of lampenhuis"]
    assert left_out_lots(files) == ["parcel P-1 of lampenhuis"]


def test_problems_of_every_row_are_reported_in_a_bounded_number_of_lines(tmp_path):
    count = PROBLEMS_MAX + 500
    write(tmp_path / "orders.csv", [ORDER | {"order_number": f"{n}", "quantity": "0"} for n in range(count)])

    files = checked(tmp_path)

    assert files.problems.count == count
    assert len(files.problems.first) == PROBLEMS_MAX
    lines = [*problem_lines(files.problems), *left_out_lines(files.left_out)]
    assert len(lines) < PROBLEMS_SHOWN + 30
    assert f"… and {count - PROBLEMS_SHOWN:,} more problems; mend these first" in lines
    assert lines[-1] == f"Left out: {count - 20:,} more"


def test_records_left_out_with_an_order_are_reported(tmp_path):
    folder = write_sound(tmp_path, orders=[ORDER | {"quantity": "0"}], scans=[SCAN, SCAN | {"id": "s-2"}])

    assert list(left_out_lines(checked(folder).left_out)) == [
        "Left out: order 1007 of lampenhuis, and with it 1 parcel, 1 return, 2 scans"
    ]
