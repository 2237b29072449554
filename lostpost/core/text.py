"""What text can be kept: no database and no e-mail takes a NUL or half a character, whoever sends it."""

from __future__ import annotations

import re

_CANNOT_BE_KEPT = re.compile("[\x00\ud800-\udfff]")  # NUL, and the surrogates that JSON can write one at a time.


def can_be_kept(text: str) -> bool:
    """Tell whether the text can stand in a row; a name that cannot is the name of nothing."""
    return _CANNOT_BE_KEPT.search(text) is None


def keepable(text: str) -> str:
    """Return the text without what cannot be kept."""
    return _CANNOT_BE_KEPT.sub("", text)
