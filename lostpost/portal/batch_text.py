"""What was pasted or sent as a file to be written off together: numbers, or a table from a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lostpost.core.text import quoted
from lostpost.write_off_batches.preview_batch import LINES_MAX
from lostpost.writeoffs.selection import SelectedUnits

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_QUANTITY = re.compile(r"[0-9]{1,6}")
_NAMED_DIVIDER = re.compile(r"sep=([\t;,])\s*\n", re.IGNORECASE)  # As Excel likes to begin.
LONGEST = 200_000  # Characters.
LARGEST_FILE = 256 * 1024  # Bytes.
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class TextProblem(ValueError):
    """A line that cannot be read: which one, what is wrong, what to write."""


@dataclass(frozen=True, slots=True)
class NamedUnits:
    """A number of a customer query or an order, and what of it; None: all that may be written off."""

    number: str
    units: SelectedUnits | None = None


def text_of_file(content: bytes) -> str:
    """Return what stands in a CSV file: in UTF-8, in UTF-16 where it says so, or else as Windows writes it.

    Numbers read the same in all of them; only headings have other letters. Raises: TextProblem for another file.
    """
    if len(content) > LARGEST_FILE:
        raise TextProblem(_("The file is larger than %(most)d KB. Send it in parts.") % {"most": LARGEST_FILE // 1024})
    try:
        text = content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text or content.startswith((b"PK\x03\x04", b"%PDF")):
        raise TextProblem(_("This is no CSV file. Save the sheet as CSV in your spreadsheet program, and choose that."))
    return text


def read_batch_text(text: str) -> Sequence[NamedUnits]:
    """Read one number a line, or four columns: number, parcel, item, quantity; a heading without digits is left out.

    Columns are divided by tabs, semicolons or commas. Raises: TextProblem with the line.
    """
    if len(text) > LONGEST:
        raise TextProblem(_("This is too much at once. Paste at most %(n)d lines.") % {"n": LINES_MAX})
    rows = [row for row in enumerate(_cells(text), start=1) if any(row[1])]
    if rows and not any(character.isdigit() for cell in rows[0][1] for character in cell):
        del rows[0]
    if not rows:
        raise TextProblem(_("Write down the number of at least one customer query or order."))
    if len(rows) > LINES_MAX:
        raise TextProblem(
            _("These are %(n)d lines; at most %(most)d can be looked at together.")
            % {"n": len(rows), "most": LINES_MAX}
        )
    return [_named(line, cells) for line, cells in rows]


def _cells(text: str) -> list[list[str]]:
    text = text.lstrip("\ufeff")
    if named := _NAMED_DIVIDER.match(text):
        text = "\n" + text[named.end() :]  # Its line still counts.
    divider = named[1] if named else next((sign for sign in "\t;," if sign in text), ",")
    rows = csv.reader(io.StringIO(text), delimiter=divider, quoting=csv.QUOTE_MINIMAL)
    try:
        return [[cell.strip() for cell in row] for row in rows]
    except csv.Error as error:
        raise TextProblem(
            _("Line %(line)d cannot be read: a quotation mark is not closed.") % {"line": rows.line_num}
        ) from error


def _named(line: int, cells: Sequence[str]) -> NamedUnits:
    filled = [cell for cell in cells if cell]
    if len(filled) not in (1, 4) or not all(_NAME.fullmatch(cell) for cell in filled[:3]):
        raise TextProblem(
            _("Line %(line)d is “%(text)s”. Write a number alone, or number, parcel, item and quantity.")
            % {"line": line, "text": quoted(" ".join(cells))}
        )
    if len(filled) == 1:
        return NamedUnits(filled[0])
    number, parcel, item, quantity = filled
    if not _QUANTITY.fullmatch(quantity) or int(quantity) == 0:
        raise TextProblem(
            _("Line %(line)d: the quantity is “%(text)s”; write a whole number from 1.")
            % {"line": line, "text": quoted(quantity)}
        )
    return NamedUnits(number, SelectedUnits(parcel, item, int(quantity)))
