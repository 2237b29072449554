"""Mask e-mail addresses and the customer's link in what one side wrote, before the other side reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from urllib.parse import unquote

from lostpost.core.link_masking import mask_customer_links

MASK = "***@***"

_AT = re.compile(r"@|%(?:25)?40|&#64;|&#x40;", flags=re.IGNORECASE)
_SIGN = re.compile(r"%[0-7][0-9a-f]|(?:%[89a-f][0-9a-f])+|.", flags=re.IGNORECASE | re.DOTALL)
_TOKEN = re.compile(r"[a-z0-9._%+=-]{1,80}\Z", flags=re.IGNORECASE)
_ENCODED = 12  # So many characters one may take that is percent-encoded.


def masked(text: str, addresses: Iterable[str], *, domain: str) -> str:
    """Return the text without these addresses and all of the domain, however they are written: also in links.

    Mail programs quote “To:” lines with real addresses, and percent-encode them in `mailto:`. The customer's links are
    masked too. The time that it takes grows with the text, however many addresses there are: anybody may write both.
    """
    known = _KnownAddresses(addresses, domain=domain.lower())
    pieces: list[str] = []
    done = begins = 0
    for at, following in pairwise([*_AT.finditer(text), None]):
        assert at
        ends = following.start() if following else len(text)
        host, host_length = known.host_before(text[at.end() : ends])
        name_length = known.name_behind(text[begins : at.start()], host) if host else 0
        begins = at.end()
        if name_length:
            pieces += [text[done : at.start() - name_length], MASK]
            done = begins = at.end() + host_length
    return mask_customer_links("".join([*pieces, text[done:]]))


class _KnownAddresses:
    """The addresses to be masked, by their hosts."""

    def __init__(self, addresses: Iterable[str], *, domain: str) -> None:
        self.domain = domain
        self.names_of: dict[str, set[str]] = {domain: set()} if domain else {}
        for address in addresses:
            name, _at, host = address.lower().rpartition("@")
            if name and host:
                self.names_of.setdefault(host, set()).add(name)
        self.longest_host = max(map(len, self.names_of), default=0)
        self.longest_name = max((len(name) for names in self.names_of.values() for name in names), default=0)

    def host_before(self, text: str) -> tuple[str, int]:
        """Return the longest of the hosts with which the text begins, and its length as written; empty for none."""
        signs = _signs(text[: _ENCODED * (self.longest_host + 1)])
        host, length, plain, plain_length = "", 0, "", 0
        for number, sign in enumerate(signs[: self.longest_host]):
            plain += unquote(sign).lower()
            plain_length += len(sign)
            whole = number + 1 == len(signs) or not _goes_on(signs[number + 1])
            if plain in self.names_of and (whole or plain == self.domain):
                host, length = plain, plain_length
        return host, length

    def name_behind(self, text: str, host: str) -> int:
        """Return the length, as written, of the longest name at the host with which the text ends; 0 for none."""
        signs = _signs(text[-_ENCODED * (self.longest_name + 1) :])
        length, plain, plain_length = 0, "", 0
        for number, sign in enumerate(reversed(signs[-self.longest_name :]) if self.longest_name else ()):
            plain = unquote(sign).lower() + plain
            plain_length += len(sign)
            whole = number + 1 == len(signs) or not _goes_on(signs[-number - 2])
            if whole and plain in self.names_of[host]:
                length = plain_length
        if host == self.domain and (token := _TOKEN.search(text[-80:])):
            length = max(length, len(token[0]))
        return length


def _signs(text: str) -> list[str]:
    return _SIGN.findall(text)


def _goes_on(sign: str) -> bool:
    """Whether a sign makes a longer word of the one that it stands beside."""
    plain = unquote(sign)[-1:]
    return plain.isascii() and plain.isalnum()
