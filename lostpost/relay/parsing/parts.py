"""Walk the parts of an e-mail within limits: which are its text, and which are files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from lostpost.core.text import INVISIBLE_RANGES
from lostpost.relay.parsing.headers import raw_value, readable
from lostpost.relay.parsing.limits import (
    BOUNDARY_LINES_MAX,
    DEPTH_MAX,
    LARGEST_HEAD,
    LARGEST_MAIL,
    NAME_MAX,
    PARAMETERS_MAX,
    PARTS_MAX,
    MailUnreadable,
)

_BOUNDARY_LINE = re.compile(rb"\n--[^\n]")
_HEADER_OF_PART = re.compile(rb"(?im)^content-(?:type|disposition)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*")
_NOT_IN_NAMES = re.compile(rf"[\x00-\x1f\x7f-\x9f/\\:*?\"<>|{INVISIBLE_RANGES}]+")
_NAME_PARAMETER = re.compile(r"\b(?:file)?name\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^;\s]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of the tree of parts. `place`: its number, by which it is found again."""

    place: int
    message: Message
    content_type: str
    name: str
    is_file: bool
    in_related: bool

    def content(self) -> bytes:
        """Return the decoded content; broken encodings give what could be read."""
        try:
            payload = self.message.get_payload(decode=True)
        except (ValueError, LookupError, AssertionError):
            payload = str(self.message.get_payload()).encode("utf-8", errors="surrogateescape")
        if isinstance(payload, bytes):
            return payload
        inner = self.message.get_payload()
        if isinstance(inner, list) and inner and isinstance(inner[0], Message):
            return _as_bytes(inner[0])
        return b""


def read_message(raw: bytes) -> Message:
    """Read the raw e-mail. Raises MailUnreadable for one that is built to take long."""
    if len(raw) > LARGEST_MAIL:
        raise MailUnreadable("too-large")
    head = re.split(rb"\r?\n\r?\n", raw[: LARGEST_HEAD + 4], maxsplit=1)[0]
    if len(head) > LARGEST_HEAD:
        raise MailUnreadable("head-too-large")
    if sum(1 for _ in _BOUNDARY_LINE.finditer(raw)) > BOUNDARY_LINES_MAX:
        raise MailUnreadable("too-many-parts")
    if any(len(header[0]) > PARAMETERS_MAX for header in _HEADER_OF_PART.finditer(raw)):
        raise MailUnreadable("head-too-large")
    try:
        return message_from_bytes(raw)
    except RecursionError:
        raise MailUnreadable("nested-too-deep") from None


def leaves(message: Message) -> Iterator[Part]:
    """Return the first of the parts that are not made of others, in order. Raises MailUnreadable if too deep."""
    for place, (part, in_related) in enumerate(_walk(message, 0, in_related=False)):
        if place >= PARTS_MAX:
            return
        name = _name(part)
        content_type = part.get_content_type()
        disposition = raw_value(part, "Content-Disposition").partition(";")[0].strip().lower()
        is_text = content_type in {"text/plain", "text/html"}
        is_file = disposition == "attachment" or bool(name) or not is_text
        yield Part(place, part, content_type, name, is_file, in_related)


def _walk(message: Message, depth: int, *, in_related: bool) -> Iterator[tuple[Message, bool]]:
    if depth > DEPTH_MAX:
        raise MailUnreadable("nested-too-deep")
    payload = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(payload, list):
        related = in_related or message.get_content_subtype() == "related"
        for each in payload:
            if isinstance(each, Message):
                yield from _walk(each, depth + 1, in_related=related)
    else:
        yield message, in_related


def clean_name(name: str) -> str:
    """Return the name of a file without paths, and without signs that hide what kind it is."""
    name = " ".join(_NOT_IN_NAMES.sub(" ", name).split()).strip(". ")
    if len(name) <= NAME_MAX:
        return name
    stem, point, ending = name.rpartition(".")
    return f"{stem[: NAME_MAX - 12]}{point}{ending[:10]}" if point else name[:NAME_MAX]


def _name(part: Message) -> str:
    head = f"{raw_value(part, 'Content-Disposition')}; {raw_value(part, 'Content-Type')}"
    found = ""
    if head.isascii():
        try:
            found = part.get_filename("")
        except (ValueError, LookupError, TypeError):
            found = ""  # Parameters in pieces (RFC 2231) that do not fit.
    if not found and (named := _NAME_PARAMETER.search(head)):
        found = named[1].strip('"')
    return clean_name(readable(found))


def _as_bytes(message: Message) -> bytes:
    try:
        return message.as_bytes()
    except (ValueError, LookupError, RecursionError, TypeError, KeyError):
        return b""
