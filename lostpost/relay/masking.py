"""Mask e-mail addresses in what one side wrote, before the other side reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "***@***"


def masked(text: str, addresses: Iterable[str], *, domain: str) -> str:
    """Return the text without these addresses and all of the domain, however they are written: also in links.

    Mail programs quote “To:” lines with real addresses, and percent-encode them in `mailto:`.
    """
    known = [_pattern(address) for address in dict.fromkeys(addresses) if "@" in address]
    if domain:
        known.append(rf"[a-z0-9._%+=-]{{1,80}}{_AT}{_name(domain)}")
    return re.sub("|".join(known), MASK, text, flags=re.IGNORECASE) if known else text


_AT = "(?:@|%40|&#64;|&#x40;)"


def _pattern(address: str) -> str:
    name, _at, domain = address.rpartition("@")
    return rf"(?<![a-z0-9]){_name(name)}{_AT}{_name(domain)}(?![a-z0-9])"


def _name(text: str) -> str:
    """Return a pattern of a name whose signs may be percent-encoded."""
    return "".join(sign if sign.isalnum() and sign.isascii() else _encoded(sign) for sign in text)


def _encoded(sign: str) -> str:
    percent = "".join(f"%{byte:02x}" for byte in sign.encode())
    return f"(?:{re.escape(sign)}|{percent})"
