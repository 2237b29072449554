"""The specification of a sales invoice as a table: every transfer behind its lines, streamed however many there are.

CSV and JSON are for programs: the same names and notation in every language. XLSX is for people: words of their
language, numbers that add up, dates that sort.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from decimal import Decimal
from io import StringIO
from itertools import islice
from typing import IO, Protocol, TypeVar
from uuid import UUID

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from lostpost.core.money import exponent
from lostpost.core.text import harmless_in_spreadsheets
from lostpost.invoicing.documents.languages import written_language
from lostpost.invoicing.documents.ubl import amount_text
from lostpost.ledger.models import InvoiceLineKind

XLSX_ROWS_MAX = 1_000_000  # A sheet ends at 1,048,576 rows; what is more goes on on the next.

_LINES_AT_ONCE = 500
_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_COLUMNS = (
    "id", "line_type", "order_number", "item", "sku", "title", "parcel", "document", "quantity", "effective_at",
    "currency", "net", "vat_category", "vat_rate", "vat",
)  # fmt: skip


class SpecifiedLine(Protocol):
    """One line of a specification, as these tables need it."""

    # fmt: off
    @property
    def id(self) -> UUID | str: ...
    @property
    def kind(self) -> str: ...
    @property
    def order_number(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def sku(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def parcel(self) -> str: ...
    @property
    def document(self) -> str: ...  # Number of the write-off or restoration; empty for a sale.
    @property
    def quantity(self) -> int: ...
    @property
    def effective_at(self) -> datetime: ...
    @property
    def net_minor(self) -> int: ...
    @property
    def vat_minor(self) -> int: ...
    @property
    def vat_rate_bp(self) -> int: ...
    @property
    def vat_category(self) -> str: ...
    # fmt: on


_Item = TypeVar("_Item")


def specification_csv(lines: Iterable[SpecifiedLine], *, currency: str) -> Iterator[bytes]:
    """Write the lines as CSV (RFC 4180: commas, a point before the decimals, instants with their zone).

    It begins with a byte order mark: without one, spreadsheets take UTF-8 for an old code page and spoil every name
    with an accent; programs read it as `utf-8-sig`. Text that a spreadsheet would run as a formula gets an apostrophe.
    """
    yield _csv_rows([_COLUMNS], before=_BYTE_ORDER_MARK)
    for some in _batches(lines):
        yield _csv_rows(
            (
                harmless_in_spreadsheets(str(line.id)),
                str(line.kind),
                harmless_in_spreadsheets(line.order_number),
                harmless_in_spreadsheets(line.item),
                harmless_in_spreadsheets(line.sku),
                harmless_in_spreadsheets(line.title),
                harmless_in_spreadsheets(line.parcel),
                harmless_in_spreadsheets(line.document),
                line.quantity,
                line.effective_at.isoformat(),
                currency,
                amount_text(line.net_minor, currency),
                line.vat_category,
                _rate_text(line.vat_rate_bp),
                amount_text(line.vat_minor, currency),
            )
            for line in some
        )


def specification_json(lines: Iterable[SpecifiedLine], *, currency: str, number: str = "") -> Iterator[bytes]:
    """Write the lines as JSON in UBL's names, as marketplaces do.

    Amounts are written with all decimals of the currency, so that a reader of decimals gets them exactly.

    Args: `number`: of the invoice; empty for one that is not issued yet.
    """
    head = json.dumps({"invoiceId": number, "documentCurrencyCode": currency}, ensure_ascii=False)
    yield f'{head[:-1]}, "invoiceSpecification": ['.encode()
    comma = ""
    for some in _batches(lines):
        yield (comma + ",\n".join(_json_line(line, number, currency) for line in some)).encode()
        comma = ",\n"
    yield b"]}\n"


def specification_xlsx(
    lines: Iterable[SpecifiedLine],
    file: IO[bytes],
    *,
    currency: str,
    language: str = "en",
    zone: tzinfo | None = None,
) -> None:
    """Write the lines as a workbook into `file`, row by row.

    Text is stored as text and never as a formula, numbers as numbers that are shown with the currency's decimals.

    Args: `zone`: of the dates, as a workbook knows none; the settings' where none is given.
    """
    zone = zone or timezone.get_default_timezone()
    with translation.override(written_language(language)), Workbook(file, {"constant_memory": True}) as book:
        sheets = _Sheets(book, currency)
        for line in lines:
            sheets.write(line, zone)
        sheets.finish()


class _Sheets:
    """The sheets of a workbook, of which the last is being written."""

    def __init__(self, book: Workbook, currency: str) -> None:
        decimals = exponent(currency)
        shown = "#,##0" + ("." + "0" * decimals if decimals else "")
        self.decimals = decimals
        self.book = book
        self.headings = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.amounts: Format = book.add_format({"num_format": f"{shown};[Red]-{shown}"})
        self.instants: Format = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.rates: Format = book.add_format({"num_format": "0.##%"})
        self.columns = (  # Heading and width.
            (_("Line"), 26),
            (_("Order"), 16),
            (_("Item"), 10),
            (_("EAN or your code"), 16),
            (_("Title"), 40),
            (_("Parcel"), 18),
            (_("Write-off or restoration"), 18),
            (_("Quantity"), 9),
            (_("Date"), 17),
            (_("Net (%(currency)s)") % {"currency": currency}, 14),
            (_("VAT category"), 10),
            (_("VAT rate"), 9),
            (_("VAT (%(currency)s)") % {"currency": currency}, 12),
            (_("Total (%(currency)s)") % {"currency": currency}, 14),
            (_("Reference"), 38),
        )
        self.words = {kind.value: str(kind.label) for kind in InvoiceLineKind}
        self.sheet = self._begun()

    def _begun(self) -> Worksheet:
        sheet = self.book.add_worksheet()
        self.row = 0
        for column, (heading, width) in enumerate(self.columns):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, heading, self.headings)
        sheet.freeze_panes(1, 0)
        return sheet

    def write(self, line: SpecifiedLine, zone: tzinfo) -> None:
        """Write one line into its row."""
        if self.row == XLSX_ROWS_MAX:
            self.finish()
            self.sheet = self._begun()
        self.row = row = self.row + 1
        sheet, text = self.sheet, self.sheet.write_string
        text(row, 0, self.words.get(line.kind, line.kind))
        named = (line.order_number, line.item, line.sku, line.title, line.parcel, line.document)
        for column, value in enumerate(named, start=1):
            text(row, column, value)
        sheet.write_number(row, 7, line.quantity)
        sheet.write_datetime(row, 8, line.effective_at.astimezone(zone).replace(tzinfo=None), self.instants)
        sheet.write_number(row, 9, self._number(line.net_minor), self.amounts)
        text(row, 10, line.vat_category)
        sheet.write_number(row, 11, line.vat_rate_bp / 10_000, self.rates)
        sheet.write_number(row, 12, self._number(line.vat_minor), self.amounts)
        sheet.write_number(row, 13, self._number(line.net_minor + line.vat_minor), self.amounts)
        text(row, 14, str(line.id))

    def _number(self, minor: int) -> float:
        """Give the number nearest to the amount: a workbook's 15 digits show every amount that can be booked."""
        return float(Decimal(minor).scaleb(-self.decimals))

    def finish(self) -> None:
        """Close the sheet's table with a filter over what was written."""
        self.sheet.autofilter(0, 0, self.row, len(self.columns) - 1)


def _json_line(line: SpecifiedLine, number: str, currency: str) -> str:
    """Write one line; its amounts by hand, for `json` knows binary fractions only."""
    about = {
        "EAN": line.sku,
        "orderId": line.order_number,
        "orderItemId": line.item,
        "shipmentId": line.parcel,
        "documentId": line.document,
        "quantity": str(line.quantity),
    }
    head = {
        "id": str(line.id),
        "invoiceLineRef": f"{number}#{line.kind}",
        "effectiveDate": line.effective_at.isoformat(),
        "invoicedQuantity": {"value": -1 if line.net_minor < 0 else 1, "unitCode": "ZZ"},
        "item": {
            "name": {"value": line.title or str(line.kind)},
            "classifiedTaxCategory": {"id": line.vat_category, "percent": {"value": line.vat_rate_bp / 100}},
            "additionalItemProperty": [{"name": name, "value": value} for name, value in about.items() if value],
        },
    }
    net, vat, price = (
        f'{{"value": {amount_text(minor, currency)}, "currencyID": "{currency}"}}'
        for minor in (line.net_minor, line.vat_minor, abs(line.net_minor))
    )
    return (
        f'{json.dumps(head, ensure_ascii=False)[:-1]}, "lineExtensionAmount": {net}, '
        f'"taxTotal": {{"taxAmount": {vat}}}, "price": {{"priceAmount": {price}}}}}'
    )


def _csv_rows(rows: Iterable[Iterable[object]], *, before: str = "") -> bytes:
    written = StringIO()
    written.write(before)
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()


def _rate_text(rate_bp: int) -> str:
    return f"{(Decimal(rate_bp) / 100).normalize():f}"


def _batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, _LINES_AT_ONCE)):
        yield batch
