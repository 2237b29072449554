"""Read the headers of an e-mail. The library's own readers raise for many of those that come; these never do."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from email.message import Message
from quopri import decodestring

from lostpost.core.text import INVISIBLE_RANGES, strip_unstorable
from lostpost.relay.parsing.charsets import decode
from lostpost.relay.parsing.limits import ADDRESSES_MAX, HEADER_VALUE_MAX, REFERENCES_MAX

_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?]{0,2000})\?=")
_CONTROL = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028\u2029{INVISIBLE_RANGES}]+")
_QUOTED_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_IN_BRACKETS = re.compile(r"<([^<>\s@]{1,128}@[^<>\s@]{1,253})>")
_BARE = re.compile(r"[^\s<>,;:\"()\[\]@]{1,128}@[^\s<>,;:\"()\[\]@]{1,253}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]*")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,250})>")


def first(message: Message, name: str) -> str:
    """Return the first header of a name as one line of readable text; empty if there is none."""
    raw = raw_value(message, name)
    return readable(raw)


def raw_value(message: Message, name: str) -> str:
    """Return the first header of a name as it stands, unfolded and cut to what is read; empty if there is none."""
    return next(raw_values(message, name), "")


def raw_values(message: Message, name: str) -> Iterator[str]:
    """Return all headers of a name, likewise."""
    wanted = name.lower()
    return (
        "".join(str(value).splitlines())[:HEADER_VALUE_MAX]
        for key, value in message.raw_items()
        if key.lower() == wanted
    )


def readable(raw: str) -> str:
    """Decode the encoded words of a header (RFC 2047) and return it as one line, so that it can start no other."""
    text, _ = decode(raw.encode("utf-8", errors="surrogateescape"), "")
    pieces: list[str] = []
    at, waiting, charset = 0, b"", ""
    for word in _ENCODED_WORD.finditer(text):
        between = text[at : word.start()]
        content = _content_of(word[2], word[3])
        named = word[1].partition("*")[0]  # The language that may stand behind it (RFC 2231) is left.
        if waiting and not between.strip() and named.lower() == charset:
            waiting += content  # A letter may be cut in two.
        else:
            pieces.append(decode(waiting, charset)[0])
            pieces.append("" if waiting and not between.strip() else between)
            waiting, charset = content, named.lower()
        at = word.end()
    pieces += [decode(waiting, charset)[0] if waiting else "", text[at:]]
    return one_line("".join(pieces))


def one_line(text: str) -> str:
    """Return the text without control characters and invisible signs, with single blanks."""
    return " ".join(_CONTROL.sub(" ", strip_unstorable(text)).split())


def _content_of(encoding: str, text: str) -> bytes:
    content = text.encode("utf-8", errors="surrogateescape")
    if encoding in "qQ":
        return decodestring(content, header=True)
    if not _BASE64.fullmatch(content):
        return content
    try:
        return binascii.a2b_base64(content + b"=" * (-len(content) % 4))
    except binascii.Error:
        return content


def sender(message: Message) -> tuple[str, str]:
    """Return the name and the address of `From`; an address in a quoted name is none."""
    raw = raw_value(message, "From")
    without_names = _QUOTED_STRING.sub(" ", raw)
    found = _IN_BRACKETS.findall(without_names) or _BARE.findall(without_names)
    address = found[-1] if found else ""
    name = readable(raw.replace(f"<{address}>", " ").replace('"', " ")) if address else readable(raw)
    name = name.replace("<", " ").replace(">", " ")
    return "" if name.strip() == address else " ".join(name.split())[:200], one_line(address)[:254]


def addresses(message: Message, *names: str) -> list[str]:
    """Return the addresses in headers of these names, in lower case, each once."""
    found: dict[str, None] = {}
    for name in names:
        for raw in raw_values(message, name):
            for address in _BARE.findall(_QUOTED_STRING.sub(" ", raw)):
                found.setdefault(one_line(address).lower())
    return list(found)[:ADDRESSES_MAX]


def message_id_of(message: Message) -> str:
    """Return the Message-ID without its brackets; empty if there is none that can be read."""
    found = _MESSAGE_ID.search(raw_value(message, "Message-ID"))
    return one_line(found[1]) if found else ""


def references(message: Message) -> list[str]:
    """Return the Message-IDs that it answers, the nearest first."""
    replied = _MESSAGE_ID.findall(raw_value(message, "In-Reply-To"))
    thread = _MESSAGE_ID.findall(raw_value(message, "References"))[::-1]
    return [one_line(each) for each in dict.fromkeys([*replied, *thread])][:REFERENCES_MAX]
