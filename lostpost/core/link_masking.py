"""Mask the customer's link in what people write: whoever has it may act as the customer.

The customer's answer quotes the e-mail that it answers, and with it their link. Mail programs wrap it over lines, quote
those lines, encode it within other links and put it into markup. Links of other sites that look alike stay.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings

MASK = "…"
TOKEN_LENGTH = 43  # SHA-256 in URL-safe base64.
_HALF = 22  # With fewer characters than these shown, the rest of a token still cannot be guessed.

_SLASH = r"(?:/|%(?:25){0,3}2f|&#(?:47|x2f);)"
_PORT = r"(?:(?::|%(?:25){0,3}3a)[0-9]{1,5})?"
_SIGN = r"(?:[a-z0-9_-]|%(?:25){0,3}(?:2d|5f))"
_BREAK = (
    r"(?:=?[ \t]*+\r?\n[ \t>|]*+|<[^<>]{1,300}>|&(?:gt|shy|#173|#8203|#xad|#x200b);"
    r"|[\u00ad\u200b-\u200d\u2060\ufeff])"
)
_PIECE = re.compile(rf"(?P<signs>{_SIGN}++)|{_BREAK}", flags=re.IGNORECASE)
_WHOLE_PATH = re.compile(rf"{_SLASH}c{_SLASH}", flags=re.IGNORECASE)
_ENCODED = re.compile(r"%(?:25)*[0-9a-f]{2}", flags=re.IGNORECASE)


def mask_customer_links(text: str) -> str:
    """Return the text without the tokens of customers' links, however they are written or broken.

    Behind our own address all that follows `/c/` in one piece is masked; elsewhere, and behind a break, what may be a
    token or half of one.
    """
    return _links(urlsplit(settings.LOSTPOST_URL).hostname or "").sub(_without_token, text)


@lru_cache(maxsize=4)
def _links(host: str) -> re.Pattern[str]:
    """Return the pattern of links. `_c_`: as one service writes slashes that rewrites links."""
    ours = rf"(?P<ours>{re.escape(host)}{_PORT})?"
    path = rf"(?P<path>{_SLASH}{_BREAK}{{0,3}}+c{_BREAK}{{0,3}}+{_SLASH}|_c_)"
    return re.compile(rf"{ours}{path}(?P<token>(?:{_SIGN}|{_BREAK})++)", flags=re.IGNORECASE)


def _without_token(link: re.Match[str]) -> str:
    ours, path, token = link["ours"] or "", link["path"], link["token"]
    whole_path = _WHOLE_PATH.fullmatch(path) is not None
    joined, ends = "", 0
    for piece in _PIECE.finditer(token):
        if not piece["signs"]:
            continue
        joined += _ENCODED.sub("-", piece["signs"])
        if piece.start() == 0 and whole_path and (ours or _may_be_secret(joined)):
            ends = piece.end()
        if len(joined) >= TOKEN_LENGTH:
            ends = piece.end() if _may_be_secret(joined) else ends
            break
    return f"{ours}{path}{MASK}{token[ends:]}" if ends else link[0]


def _may_be_secret(signs: str) -> bool:
    """Whether signs may be half a token or more: capitals and small letters mixed, as no title in a link has them."""
    return len(signs) >= _HALF and signs != signs.lower() and signs != signs.upper()
