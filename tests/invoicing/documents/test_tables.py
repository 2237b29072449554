"""The specification as CSV, XLSX and JSON: exact, harmless, streamed, and read by other libraries."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lostpost.core.money import LARGEST_MINOR, exponent
from lostpost.invoicing.documents import tables
from lostpost.invoicing.documents.tables import specification_csv, specification_json, specification_xlsx

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True)
class Specified:
    id: str = "23984471#1#TURNOVER"
    kind: str = "TURNOVER"
    order_number: str = "23984471"
    item: str = "1"
    sku: str = "8712345678906"
    title: str = "Ceramic lamp, white"
    parcel: str = "3SABC123"
    document: str = ""
    quantity: int = 2
    effective_at: datetime = datetime(2026, 10, 31, 22, 30, tzinfo=UTC)
    net_minor: int = -79_90
    vat_minor: int = 0
    vat_rate_bp: int = 0
    vat_category: str = "B"


COMMISSION = Specified(
    id="23984471#2#COMMISSION",
    kind="COMMISSION",
    net_minor=9_59,
    vat_minor=2_01,
    vat_rate_bp=2100,
    vat_category="S",
    title="Καφές “special”",
)
DANGEROUS = ["=1+1", "+31 20", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1+1"]


def rows_of(parts: Iterator[bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(b"".join(parts).decode("utf-8-sig"), newline="")))


def sheet_of(lines, currency="EUR", language="en") -> "openpyxl.worksheet.worksheet.Worksheet":
    file = BytesIO()
    specification_xlsx(lines, file, currency=currency, language=language, zone=AMSTERDAM)
    return openpyxl.load_workbook(file).active


def test_csv_says_every_line_exactly():
    turnover, commission = rows_of(specification_csv([Specified(), COMMISSION], currency="EUR"))

    assert turnover["net"] == "-79.90"
    assert turnover["effective_at"] == "2026-10-31T22:30:00+00:00"
    assert (commission["line_type"], commission["net"], commission["vat_rate"], commission["vat"]) == (
        "COMMISSION",
        "9.59",
        "21",
        "2.01",
    )
    assert commission["title"] == "Καφές “special”"


def test_csv_begins_with_a_byte_order_mark_once():
    document = b"".join(specification_csv([Specified()] * 3, currency="EUR"))

    assert document.startswith("\ufeffid,".encode())
    assert document.count("\ufeff".encode()) == 1


@pytest.mark.parametrize("title", DANGEROUS)
def test_no_spreadsheet_runs_what_somebody_wrote(title):
    line = replace(Specified(), title=title, sku=title, order_number=title)

    (row,) = rows_of(specification_csv([line], currency="EUR"))
    (written,) = {row["title"], row["sku"], row["order_number"]}
    assert written.startswith("'")
    assert written.replace("'", "") == title.replace("'", "")
    assert row["net"] == "-79.90", "a negative amount is a number, not a formula"

    cell = sheet_of([line])["E2"]
    assert cell.data_type == "s"


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize(
    "title",
    [
        ";=1+1",
        "Lamp; +31 6",
        "Lamp;\t=1+1",
        'Lamp;"=1+1"',
        'Lamp; "" @SUM(1)',
        "Lamp\t-1",
        "Lamp\r\n=1+1",
        "\t=1",
        "a;＝1",
    ],
)
def test_no_spreadsheet_that_separates_by_another_sign_runs_it_either(title, delimiter):
    document = b"".join(specification_csv([replace(Specified(), title=title, net_minor=1)], currency="EUR"))

    cells = [
        cell
        for row in csv.reader(StringIO(document.decode("utf-8-sig"), newline=""), delimiter=delimiter)
        for cell in row
    ]

    assert len(cells) > 1
    assert [cell for cell in cells if cell.lstrip(' \t\r\n"').startswith(tuple("=+-@＝＋－＠"))] == []


def test_what_is_no_formula_stays_as_it_was_written():
    for title in ("Lamp = light", "Lamp; blue", "50 % - now", "A;B;C", "e-mail@home, +1"):
        (row,) = rows_of(specification_csv([replace(Specified(), title=title)], currency="EUR"))
        assert row["title"] == title


def test_a_workbook_has_numbers_dates_and_words():
    sheet = sheet_of([Specified(), COMMISSION], language="nl")
    headings = [cell.value for cell in sheet[1]]

    assert headings[9] == "Netto (EUR)"
    assert (sheet["J2"].value, sheet["J3"].value, sheet["M3"].value, sheet["N3"].value) == (-79.9, 9.59, 2.01, 11.6)
    assert sheet["J2"].number_format == "#,##0.00;[Red]-#,##0.00"
    assert sheet["L3"].value == 0.21
    assert sheet["I2"].value == datetime(2026, 10, 31, 23, 30)  # noqa: DTZ001  # Workbooks know no zones.
    assert sheet["D2"].value == "8712345678906"  # Text, or it would be shown as 8.71E+12.
    assert sheet["A2"].value == "Omzet"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:O3"


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "#,##0;[Red]-#,##0"), ("KWD", "#,##0.000;[Red]-#,##0.000")])
def test_each_currency_has_its_own_decimals(currency, shown):
    sheet = sheet_of([replace(Specified(), net_minor=-1234)], currency=currency)
    assert sheet["J2"].number_format == shown
    (row,) = rows_of(specification_csv([replace(Specified(), net_minor=-1234)], currency=currency))
    assert row["net"] == {"JPY": "-1234", "KWD": "-1.234"}[currency]


def test_json_has_the_names_of_ubl():
    document = json.loads(b"".join(specification_json([COMMISSION], currency="EUR", number="A-7")), parse_float=Decimal)
    (line,) = document.pop("invoiceSpecification")

    assert document == {"invoiceId": "A-7", "documentCurrencyCode": "EUR"}
    assert line["id"] == COMMISSION.id
    assert line["invoiceLineRef"] == "A-7#COMMISSION"
    assert line["lineExtensionAmount"] == {"value": Decimal("9.59"), "currencyID": "EUR"}
    assert line["taxTotal"]["taxAmount"]["value"] == Decimal("2.01")
    assert line["item"]["classifiedTaxCategory"] == {"id": "S", "percent": {"value": 21}}
    assert {"name": "EAN", "value": "8712345678906"} in line["item"]["additionalItemProperty"]


def test_nothing_to_specify_is_a_table_without_lines():
    assert rows_of(specification_csv([], currency="EUR")) == []
    assert json.loads(b"".join(specification_json([], currency="EUR")))["invoiceSpecification"] == []
    assert sheet_of([]).max_row == 1


@given(
    amounts=st.lists(
        st.tuples(st.integers(-LARGEST_MINOR, LARGEST_MINOR), st.integers(-LARGEST_MINOR, LARGEST_MINOR)), max_size=5
    ),
    currency=st.sampled_from(["EUR", "JPY", "BRL", "KWD"]),
    title=st.text(max_size=30).filter(lambda text: "\0" not in text),
)
def test_every_table_says_the_same_to_the_last_unit(amounts, currency, title):
    lines = [replace(Specified(), net_minor=net, vat_minor=vat, title=title) for net, vat in amounts]
    minor = Decimal(1).scaleb(-exponent(currency))
    expected = [(net * minor, vat * minor) for net, vat in amounts]

    read_csv = rows_of(specification_csv(lines, currency=currency))
    read_json = json.loads(b"".join(specification_json(lines, currency=currency)), parse_float=Decimal)
    sheet = sheet_of(lines, currency=currency)
    read_xlsx = [(row[9], row[12]) for row in sheet.iter_rows(min_row=2, values_only=True)]

    assert [(Decimal(row["net"]), Decimal(row["vat"])) for row in read_csv] == expected
    assert [
        (line["lineExtensionAmount"]["value"], line["taxTotal"]["taxAmount"]["value"])
        for line in read_json["invoiceSpecification"]
    ] == expected
    assert [(Decimal(repr(net)), Decimal(repr(vat))) for net, vat in read_xlsx] == expected


def test_lines_are_written_as_they_come():
    # Given a source that says how far it was read
    read = 0

    def lines() -> Iterator[Specified]:
        nonlocal read
        for number in range(2_000):
            read = number
            yield replace(Specified(), effective_at=Specified.effective_at + timedelta(seconds=number))

    for parts in (specification_csv(lines(), currency="EUR"), specification_json(lines(), currency="EUR")):
        # When a reader takes the heading and the first piece
        next(parts)
        next(parts)
        # Then the rest was not read yet
        assert read < 600
        assert sum(len(part) for part in parts) > 100_000


def test_a_sheet_that_is_full_is_followed_by_another(monkeypatch):
    monkeypatch.setattr(tables, "XLSX_ROWS_MAX", 3)
    file = BytesIO()
    specification_xlsx([Specified()] * 7, file, currency="EUR")

    sheets = openpyxl.load_workbook(file).worksheets
    assert [sheet.max_row for sheet in sheets] == [4, 4, 2]
    assert [sheet.auto_filter.ref for sheet in sheets] == ["A1:O4", "A1:O4", "A1:O2"]
