"""Parts that hide what a person wrote or sent: Outlook's winmail.dat, invitations, S/MIME."""

from __future__ import annotations

import struct

from asn1crypto import cms
from icalendar import Calendar
from tnefparse import TNEF

from lostpost.relay.parsing.headers import one_line
from lostpost.relay.parsing.limits import PARTS_MAX, TNEF_MAX
from lostpost.relay.parsing.parts import clean_name

_TNEF_HEAD = 6  # Bytes.


def files_in_tnef(content: bytes) -> list[tuple[str, bytes]] | None:
    """Return name and content of the files in a winmail.dat; None if it cannot be opened."""
    if len(content) > TNEF_MAX:
        return None
    try:
        unpacked = TNEF(content, do_checksum=False)
        files = [(str(each.long_filename() or each.name), bytes(each.data or b"")) for each in unpacked.attachments]
        end = _TNEF_HEAD + sum(each.length for each in unpacked.objects)
        if end > len(content) or content[end:].strip(b"\0\r\n"):
            return None  # Cut off.
    except (ValueError, LookupError, TypeError, AttributeError, NameError, ArithmeticError, struct.error):
        return None  # It knows no error of its own for most of what can be wrong.
    return [(clean_name(name), content) for name, content in files[:PARTS_MAX]]


def invitation(content: bytes) -> str:
    """Return title and beginning of an invitation as one line; nothing in it is expanded, nobody is answered."""
    try:
        calendar = Calendar.from_ical(content)
        event = next(iter(calendar.walk("VEVENT")), None)
        if event is None:
            return ""
        begins = event.get("DTSTART")
        when = begins.dt.isoformat(" ")[:16] if begins is not None else ""
        return one_line(f"{event.get('SUMMARY', '')} {when}")[:300]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return ""


def signed_content(content: bytes) -> bytes | None:
    """Return what an opaque S/MIME signature encloses, whoever signed it; None if it is encrypted or cannot be read."""
    try:
        info = cms.ContentInfo.load(content)
        if info["content_type"].native != "signed_data":
            return None
        enclosed = info["content"]["encap_content_info"]["content"].native
    except (ValueError, TypeError, KeyError):
        return None
    return enclosed if isinstance(enclosed, bytes) else None
