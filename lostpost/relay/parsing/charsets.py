"""Decode bytes by the charset that an e-mail claims: never an error, and what could not be read is said."""

from __future__ import annotations

import codecs
import re

# What mail programs write and Python's registry does not know, or knows as something else than what was meant.
_ALIASES = {
    "utf8mb4": "utf-8",
    "utf-8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "x-unicode-2-0-utf-8": "utf-8",
    "iso-8859-1": "cp1252",  # Bytes 0x80 to 0x9f are curly quotes and the euro sign, and never control characters.
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "ansi_x3.4-1968": "ascii",
    "us-ascii": "ascii",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "windows-1252http-equivcontent-type": "cp1252",
    "ks_c_5601-1987": "cp949",
    "x-gbk": "gbk",
    "gb2312": "gb18030",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
}
_NAME = re.compile(r"[a-z0-9][a-z0-9._:+-]{0,60}")


def decode(content: bytes, charset: str) -> tuple[str, bool]:
    """Return the text, and whether all of it could be read.

    The charset that is named comes first, then UTF-8 (which other bytes are hardly ever by chance), then Windows-1252.
    """
    name = charset.strip().strip("\"'").lower()
    claimed = _codec(_ALIASES.get(name, name))
    for codec in dict.fromkeys([claimed, "utf-8"] if claimed != "ascii" else ["utf-8"]):
        if codec:
            try:
                return content.decode(codec), True
            except (UnicodeError, ValueError):
                continue
    known = bool(claimed) and claimed != "ascii"
    if claimed in {"cp1252", "ascii", ""}:
        return content.decode("cp1252", errors="replace"), claimed == "cp1252"
    return content.decode(claimed if known else "utf-8", errors="replace"), False


def _codec(name: str) -> str:
    """Return Python's name of a codec that turns bytes into text; empty if there is none."""
    if not _NAME.fullmatch(name):
        return ""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    return found.name if getattr(found, "_is_text_encoding", True) else ""
