"""The specification as a file to take along, in pieces, however long it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from tempfile import TemporaryFile

from lostpost.invoicing.documents.tables import (
    SpecifiedLine,
    specification_csv,
    specification_json,
    specification_xlsx,
)

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
_PIECE_BYTES = 256 * 1024


def specification_file(
    form: str, lines: Iterable[SpecifiedLine], *, currency: str, number: str = "", language: str = "en", zone: tzinfo
) -> Iterator[bytes]:
    """Write the lines in a form (`CONTENT_TYPES`), piece by piece.

    Args: `number`: of the invoice; empty for one that is not issued yet. `language`, `zone`: of a workbook.
    """
    if form == "csv":
        return specification_csv(lines, currency=currency)
    if form == "json":
        return specification_json(lines, currency=currency, number=number)
    return _workbook(lines, currency, language, zone)


def _workbook(lines: Iterable[SpecifiedLine], currency: str, language: str, zone: tzinfo) -> Iterator[bytes]:
    with TemporaryFile() as file:  # A workbook is a ZIP: complete before its first byte can be sent.
        specification_xlsx(lines, file, currency=currency, language=language, zone=zone)
        file.seek(0)
        while piece := file.read(_PIECE_BYTES):
            yield piece
