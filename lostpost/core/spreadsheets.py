"""Files for spreadsheets: CSV in UTF-8, in which nothing that somebody wrote becomes a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from lostpost.core.text import harmless_in_spreadsheets

_BYTE_ORDER_MARK = "\ufeff"  # Spreadsheets take the file for UTF-8 by it.


def csv_file(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """Write rows as they come, a line each, below the names of their columns."""
    yield (_BYTE_ORDER_MARK + _line(columns)).encode()
    for cells in rows:
        yield _line(map(harmless_in_spreadsheets, cells)).encode()


def _line(cells: Iterable[str]) -> str:
    written = StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
