"""Read the cells of one row of a file by its columns."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from lostpost.imports.columns import read_words
from lostpost.imports.problem import CellPlace, RowProblems
from lostpost.imports.table import Table, TableRow

Values = dict[str, Any]


def read_cells(table: Table, row: TableRow, problems: RowProblems, words: dict[str, str]) -> tuple[Values, bool]:
    """Return the values by column, and whether all are valid; what is wrong goes to `problems`, with its column.

    Args: `words`: all words so far, so that equal ones are stored once.
    """
    cells, place = row.cells, CellPlace(table.path, row.line)
    if len(cells) < table.width or any(cells[table.width :]):
        sentence = _(
            "the row has %(n)d cells, the first line names %(columns)d columns; is a delimiter missing or too many, "
            "or a text with one in it not in quotation marks?"
        )
        problems.add(place, sentence % {"n": len(cells), "columns": table.width})
        return {}, False
    values: Values = {}
    valid = True
    for name, read, default in table.format.columns:
        at = table.places.get(name)
        text = "" if at is None else cells[at].strip()
        try:
            values[name] = _value(text, read, default, words)
        except ValueError as error:
            problems.add(place, f"{name} {error}")
            valid = False
    return values, valid


def _value(text: str, read: Any, default: Any, words: dict[str, str]) -> Any:
    if not text:
        if default is None:
            raise ValueError(_("is empty; fill it in"))
        return default
    if "\0" in text:
        raise ValueError(_("has a NUL character in it; take it out"))
    return words.setdefault(text, text) if read is read_words else read(text)
