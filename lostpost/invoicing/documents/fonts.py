"""The fonts of our documents, and which characters they have.

They are shipped, and the machine's own are not used: a document looks the same, to the byte, wherever it is made.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from functools import cache
from pathlib import Path

import typst

FOLDER = Path(__file__).parent / "fonts"
UNKNOWN = "\N{WHITE SQUARE}"  # Stands for a sign that no font of ours has.

_BREAK_AFTER = 24  # A word longer than this may be broken anywhere after so many signs.
_LONG_WORD = re.compile(rf"\S{{{_BREAK_AFTER}}}(?=\S)")
_BREAKS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")  # Not the space that keeps an amount and its sign together.
_BETWEEN = "\N{ZERO WIDTH SPACE}"


@cache
def shipped_fonts() -> typst.Fonts:
    """Read the fonts, once."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FOLDER])


@cache
def signs() -> frozenset[int]:
    """Return the code points that every weight of some font of ours can draw."""
    regular, semibold = (
        frozenset().union(*(_signs_of(path) for path in FOLDER.glob(f"*-{weight}.ttf")))
        for weight in ("Regular", "Semibold")
    )
    return regular & semibold


def drawable(text: str) -> str:
    """Return the text as our fonts can draw it: on one line, other signs as a square, endless words breakable."""
    composed = unicodedata.normalize("NFC", _BREAKS.sub(" ", text))
    drawn = "".join(sign if ord(sign) in signs() else _stand_in(sign) for sign in composed)
    return _LONG_WORD.sub(rf"\g<0>{_BETWEEN}", drawn)


def _stand_in(sign: str) -> str:
    """Replace a character that no font has: by nothing if it is invisible, else by a square."""
    return "" if unicodedata.category(sign) in {"Cc", "Cf", "Mn", "Me"} else UNKNOWN


def _signs_of(path: Path) -> frozenset[int]:
    """Read the font's table of signs (OpenType `cmap`, formats 4 and 12)."""
    font = path.read_bytes()
    tables = {}
    for place in range(struct.unpack_from(">H", font, 4)[0]):
        tag, _, offset, _ = struct.unpack_from(">4sLLL", font, 12 + 16 * place)
        tables[tag] = offset
    start = tables[b"cmap"]
    signs: set[int] = set()
    for place in range(struct.unpack_from(">H", font, start + 2)[0]):
        offset = start + struct.unpack_from(">HHL", font, start + 4 + 8 * place)[2]
        kind = struct.unpack_from(">H", font, offset)[0]
        if kind == 12:
            signs |= _segmented_coverage(font, offset)
        elif kind == 4:
            signs |= _segment_mapping(font, offset)
    return frozenset(signs)


def _segmented_coverage(font: bytes, offset: int) -> set[int]:
    groups = struct.unpack_from(">L", font, offset + 12)[0]
    signs: set[int] = set()
    for group in range(groups):
        first, last, _ = struct.unpack_from(">LLL", font, offset + 16 + 12 * group)
        signs.update(range(first, last + 1))
    return signs


def _segment_mapping(font: bytes, offset: int) -> set[int]:
    double = struct.unpack_from(">H", font, offset + 6)[0]
    lasts, firsts = offset + 14, offset + 16 + double
    signs: set[int] = set()
    for segment in range(0, double, 2):
        first = struct.unpack_from(">H", font, firsts + segment)[0]
        last = struct.unpack_from(">H", font, lasts + segment)[0]
        signs.update(sign for sign in range(first, last + 1) if sign != 0xFFFF)
    return signs
