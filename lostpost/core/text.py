"""Text from outside: what can be stored, how it is compared, and how it is quoted in a sentence.

No database and no e-mail accepts a NUL or a lone surrogate. The same word comes in many spellings: composed or
decomposed, in wide letters, with a non-breaking space or an invisible character. It is stored as it came; one of the
forms below is compared.
"""

from __future__ import annotations

import re
from unicodedata import normalize

# Where a spreadsheet would find a formula: signs (the wide ones too) that begin a cell, or what becomes a cell of its
# own where semicolons or tabs separate, as in most of Europe. Blanks and quotation marks before them are passed over.
_FORMULA = re.compile(r'(?:^|(?<=[;\t\r\n]))(?=[\s"]*[=+\-@＝＋－＠])|^(?=[\t\r\n])')

_CANNOT_BE_KEPT = re.compile("[\x00\ud800-\udfff]")  # NUL, and the surrogates that JSON can write one at a time.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SHOWN_MAX = 60
_COMPACT_MAX = 128  # One letter may become eighteen, and an index holds 2,700 bytes.

# Signs of the Basic Multilingual Plane that take no place on a screen, as ranges of a regular expression (Python's,
# Rust's and ECMAScript's alike): Unicode's Default_Ignorable_Code_Point, the annotation marks, the blank pattern of
# Braille, and code points that are no characters.
INVISIBLE_RANGES = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    r"\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
)
_BEYOND = "".join(rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(1, 17))  # No characters either.
_INVISIBLE = re.compile(  # Control characters that are no blanks too.
    rf"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff{INVISIBLE_RANGES}"
    rf"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff{_BEYOND}]"
)


def is_storable(text: str) -> bool:
    """Whether the text can be stored; no row has a name that cannot."""
    return _CANNOT_BE_KEPT.search(text) is None


def strip_unstorable(text: str, *, instead: str = "") -> str:
    """Return the text with unstorable characters removed, or replaced by `instead`."""
    return _CANNOT_BE_KEPT.sub(instead, text)


def is_one_line(text: str) -> bool:
    """Whether the text has no line break or other control character."""
    return _CONTROL.search(text) is None


def is_blank(text: str) -> bool:
    """Whether nothing of the text is visible: it counts as empty where text is required."""
    return not _INVISIBLE.sub("", text).strip()


def trimmed(text: str) -> str:
    """Return the text without surrounding space and unstorable characters; empty if nothing of it is visible."""
    return "" if is_blank(text) else strip_unstorable(text).strip()


def spelling(text: str) -> str:
    """Return the text as it is read: composed, without invisible signs, with single blanks; capitals stay.

    Two texts with the same spelling are the same text, sent by two programs.
    """
    if text.isascii():
        return " ".join(_INVISIBLE.sub("", text).split())
    return " ".join(_INVISIBLE.sub("", normalize("NFC", _INVISIBLE.sub("", text))).split())


def search_form(text: str) -> str:
    """Return the form in which text is searched: the same for all spellings that look like the same word.

    Unicode's caseless match of compatible characters (chapter 3.13, D147), without invisible signs, with single blanks,
    and with the Turkish i's as one, since few people type with the keyboard of a name's language.
    """
    if text.isascii():
        return " ".join(_INVISIBLE.sub("", text).lower().split())
    folded = normalize("NFD", _INVISIBLE.sub("", text)).casefold()
    folded = normalize("NFKC", normalize("NFKC", folded).casefold())
    folded = folded.replace("\N{LATIN SMALL LETTER DOTLESS I}", "i").replace("i\N{COMBINING DOT ABOVE}", "i")
    return " ".join(_INVISIBLE.sub("", normalize("NFKC", folded)).split())


def compact_form(text: str) -> str:
    """Return the one form in which Track & Trace numbers and carriers are compared: the search form without blanks."""
    compact = search_form(search_form(text).replace(" ", ""))  # Without the blank a sign may join the letter before it.
    return compact[:_COMPACT_MAX]


def quoted(text: str) -> str:
    """Return a value to be quoted in a sentence: short, and without control characters."""
    shortened = text if len(text) <= _SHOWN_MAX else text[:_SHOWN_MAX] + "…"
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in shortened)


def harmless_in_spreadsheets(text: str) -> str:
    """Keep a spreadsheet from running what a customer or a shop wrote as a formula."""
    return _FORMULA.sub("'", text)
