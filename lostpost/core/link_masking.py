"""Mask the customer's link in what people write: whoever has it may act as the customer.

The customer's answer quotes the e-mail that it answers, and with it their link. Mail programs wrap it over lines, quote
those lines, encode it within other links and put it into markup.
"""

from __future__ import annotations

import re

MASK = "…"
TOKEN_LENGTH = 43  # SHA-256 in URL-safe base64.

_SLASH = r"(?:/|%(?:25){0,3}2f|&#(?:47|x2f);)"
_SIGN = r"(?:[a-z0-9_-]|%(?:25){0,3}(?:2d|5f))"
_BREAK = (
    r"(?:=?[ \t]*+\r?\n[ \t>|]*+|<[^<>]{1,300}>|&(?:gt|shy|#173|#8203|#xad|#x200b);"
    r"|[\u00ad\u200b-\u200d\u2060\ufeff])"
)
# `_c_`: as one service writes slashes that rewrites links.
_LINK = re.compile(
    rf"({_SLASH}{_BREAK}{{0,3}}+c{_BREAK}{{0,3}}+{_SLASH}|_c_)((?:{_SIGN}|{_BREAK})++)", flags=re.IGNORECASE
)
_PIECE = re.compile(rf"(?P<signs>{_SIGN}++)|{_BREAK}", flags=re.IGNORECASE)
_WHOLE_PATH = re.compile(rf"{_SLASH}c{_SLASH}", flags=re.IGNORECASE)
_ENCODED = re.compile(r"%(?:25)*[0-9a-f]{2}", flags=re.IGNORECASE)


def mask_customer_links(text: str) -> str:
    """Return the text without the tokens of customers' links, however they are written or broken.

    What follows `/c/` in one piece is always masked; what stands behind a break only where it makes up a token.
    """
    return _LINK.sub(_masked, text)


def _masked(link: re.Match[str]) -> str:
    path, token = link[1], link[2]
    length, first_ends = 0, 0
    for piece in _PIECE.finditer(token):
        signs = piece["signs"]
        if not signs:
            continue
        if piece.start() == 0:
            first_ends = piece.end()
        length += len(_ENCODED.sub("-", signs))
        if length >= TOKEN_LENGTH:
            return f"{path}{MASK}{token[piece.end() :]}"
    if first_ends and _WHOLE_PATH.fullmatch(path):
        return f"{path}{MASK}{token[first_ends:]}"
    return link[0]
