"""Words from outside: what of them can be kept, and how they are repeated in a sentence.

No database and no e-mail takes a NUL or half a character, whoever sends it.
"""

from __future__ import annotations

import re

_CANNOT_BE_KEPT = re.compile("[\x00\ud800-\udfff]")  # NUL, and the surrogates that JSON can write one at a time.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SHOWN_MAX = 60


def can_be_kept(text: str) -> bool:
    """Tell whether the text can stand in a row; a name that cannot is the name of nothing."""
    return _CANNOT_BE_KEPT.search(text) is None


def keepable(text: str, *, instead: str = "") -> str:
    """Return the text without what cannot be kept, or with something else in its place."""
    return _CANNOT_BE_KEPT.sub(instead, text)


def is_one_line(text: str) -> bool:
    """Tell whether the text has no line break and no other control character in it."""
    return _CONTROL.search(text) is None


def shown(text: str) -> str:
    """Make a value fit to stand in a sentence: short, and with nothing in it that a terminal would obey."""
    cut = text if len(text) <= _SHOWN_MAX else text[:_SHOWN_MAX] + "…"
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in cut)
