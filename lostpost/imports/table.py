"""Read one CSV file row by row: its encoding, its delimiter, its columns; what stands in the cells is for others."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO, NamedTuple, NoReturn

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lostpost.core.text import quoted
from lostpost.imports.columns import FORMATS, Format
from lostpost.imports.problem import Unreadable

LOOK_BYTES = 65_536
NAMES_SHOWN = 8
_UTF_16_OR_32 = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


class SentFile(NamedTuple):
    """A file that came with a request; no file of strangers lies on our disk."""

    name: str
    content: bytes

    def __str__(self) -> str:
        return self.name


TableFile = Path | SentFile


class TableRow(NamedTuple):
    """The cells of one row as they stand, and the line on which it begins."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """One file: its kind, and where each of its columns stands."""

    path: str  # As the operator wrote it.
    format: Format
    places: dict[str, int]
    width: int
    rows: Iterator[TableRow]


@contextmanager
def open_table(path: TableFile, *, formats: Sequence[Format] = FORMATS) -> Iterator[Table]:
    """Open a file and read its first line; the rows are read lazily.

    Args: `formats`: of which of these kinds it may be.
    Raises: Unreadable, also while rows are read, where the file cannot be read row by row.
    """
    try:
        delimiter = _delimiter(path)
        with io.TextIOWrapper(_opened(path), encoding="utf-8-sig", newline="") as file:
            rows = _rows(path, csv.reader(file, delimiter=delimiter, strict=True))
            header = next(rows, None)
            if header is None:
                raise Unreadable(str(path), 1, _("the file is empty; its first line must name the columns"))
            names = [cell.strip().lower() for cell in header.cells]
            while names and not names[-1]:
                names.pop()  # Spreadsheets like to end every row with delimiters.
            format_of_file = _detect_format(path, header.line, names, formats)
            places = {name: place for place, name in enumerate(names) if name}
            yield Table(str(path), format_of_file, places, len(names), rows)
    except OSError as error:
        raise Unreadable(
            str(path), 1, _("the file cannot be read (%(problem)s)") % {"problem": error.strerror}
        ) from None


def _opened(path: TableFile) -> BinaryIO:
    return io.BytesIO(path.content) if isinstance(path, SentFile) else path.open("rb")


def _delimiter(path: TableFile) -> str:
    """Look at the first line: which of the two delimiters stands in it more often."""
    with _opened(path) as file:
        start = file.read(LOOK_BYTES)
    if start.startswith(_UTF_16_OR_32):
        raise Unreadable(str(path), 1, _("the file is in UTF-16 or UTF-32; save it as CSV in UTF-8"))
    if start.startswith(b"PK\x03\x04"):
        raise Unreadable(str(path), 1, _("the file is a spreadsheet or an archive; save the sheet as CSV in UTF-8"))
    first, end, _rest = start.partition(b"\n")
    if not end and len(start) == LOOK_BYTES:
        raise Unreadable(str(path), 1, _("the first line does not end; this is no CSV file"))
    if b"\0" in first:
        raise Unreadable(str(path), 1, _("there are NUL characters in the first line; save the file as CSV in UTF-8"))
    return ";" if first.count(b";") > first.count(b",") else ","


def _rows(path: TableFile, reader: Iterator[list[str]]) -> Iterator[TableRow]:
    """Hand on the rows that hold anything, with their lines."""
    line_num = 0
    try:
        while True:
            line = line_num + 1
            cells = next(reader, None)
            if cells is None:
                return
            line_num = reader.line_num  # type: ignore[attr-defined]
            if any(cells):
                yield TableRow(line, cells)
    except UnicodeDecodeError:
        _detect_encoding(path)
    except csv.Error as error:
        raise Unreadable(str(path), line, _in_words(str(error))) from None


def _in_words(error: str) -> str:
    """Say what the reader of CSV stumbled over; it knows these few things."""
    if "field limit" in error:
        return _("a cell is longer than %(n)s characters; is a quotation mark not closed?") % {
            "n": f"{csv.field_size_limit():,}"
        }
    if "unexpected end" in error:
        return _("a quotation mark is opened in this row and never closed; close it")
    if "expected after" in error:
        return _('a quoted cell goes on after its end; write a quotation mark within a cell twice, as in "3"" pipe"')
    return _("the row cannot be read as CSV (%(problem)s)") % {"problem": error}


def _detect_encoding(path: TableFile) -> NoReturn:
    """Find the line that is not UTF-8: text is decoded in large pieces, so the error itself does not know."""
    with _opened(path) as file:
        for line, text in enumerate(file, start=1):
            try:
                text.decode("utf-8")
            except UnicodeDecodeError as error:
                raise Unreadable(
                    str(path),
                    line,
                    _(
                        "the byte 0x%(byte)s at place %(place)d is not UTF-8; save the file as CSV in UTF-8 "
                        "(not in Windows-1252 or Latin-1)"
                    )
                    % {"byte": f"{text[error.start]:02x}", "place": error.start + 1},
                ) from None
    raise Unreadable(str(path), 1, _("the file is not in UTF-8; save it as CSV in UTF-8"))


def _detect_format(path: TableFile, line: int, names: list[str], known: Sequence[Format]) -> Format:
    """Return the format with these columns. Raises Unreadable if there is none."""
    formats = list(known) if len(known) == 1 else [kind for kind in known if kind.required <= set(names)]
    if len(formats) != 1:
        by_name = [kind for kind in formats or known if kind.name == Path(path.name).stem]
        nearest = sorted(formats or known, key=lambda kind: len(set(names) & set(kind.names)))[-1]
        if not by_name and len(set(names) & nearest.required) < 2:
            kinds = "; ".join(f"{kind.name}: {', '.join(sorted(kind.required))}" for kind in known)
            raise Unreadable(
                str(path),
                line,
                _("the first line names the columns of no kind of file; the kinds need %(kinds)s") % {"kinds": kinds},
            )
        formats = by_name or [nearest]
    if problems := list(_header_problems(formats[0], names)):
        raise Unreadable(str(path), line, "; ".join(problems))
    return formats[0]


def _header_problems(kind: Format, names: list[str]) -> Iterator[str]:
    if missing := [name for name in kind.names if name in kind.required and name not in names]:
        yield ngettext(
            "a file of %(kind)s needs the column %(columns)s; add it",
            "a file of %(kind)s needs the columns %(columns)s; add them",
            len(missing),
        ) % {"kind": kind.name, "columns": ", ".join(missing)}
    for name in [name for name in dict.fromkeys(names) if name not in kind.names][:NAMES_SHOWN]:
        if not name:
            yield _("a column has no name; name it or take it out")
            continue
        near = get_close_matches(name, kind.names, n=1)
        known = {"it": quoted(name), "kind": kind.name, "meant": near[0] if near else ", ".join(kind.names)}
        if near:
            yield _("the column “%(it)s” is not known in a file of %(kind)s; did you mean %(meant)s?") % known
        else:
            yield _("the column “%(it)s” is not known in a file of %(kind)s; take it out; known are %(meant)s") % known
    for name, times in Counter(names).items():
        if name in kind.names and times > 1:
            yield _("the column %(it)s stands there %(n)d times; keep one") % {"it": name, "n": times}
