"""Tell who wrote an e-mail: a person, surely a machine, or perhaps one.

Surely: what RFC 3834 and RFC 3464 mark, and what has no sender. `X-Auto-Response-Suppress` only asks for silence: it
does not say that a machine wrote.
"""

from __future__ import annotations

from email.message import Message
from enum import StrEnum

from lostpost.relay.parsing.headers import first, raw_value


class Author(StrEnum):
    """Who wrote it."""

    PERSON = "person"
    LIST = "list"  # A person, by way of a mailing list or in bulk: read, but not confirmed.
    PERHAPS_MACHINE = "perhaps-machine"  # Shown folded; no clock starts.
    MACHINE = "machine"  # A line on the timeline.
    REPORT = "report"  # A mail server, about an e-mail of ours.


_AUTOMATIC_SUBJECTS = (
    *(
        "automatisch antwoord",
        "automatic reply",
        "automatische antwort",
        "réponse automatique",
        "auto-reply",
        "autoreply",
    ),
    *("out of office", "afwezigheidsbericht", "afwezig:", "abwesenheit", "absence du bureau", "auto:"),
)
_FORWARDED = ("fwd:", "fw:", "wg:", "tr:", "doorst:", "i:", "enc:")


def author_of(message: Message, *, null_sender: bool) -> Author:
    """Return who wrote an e-mail. `null_sender`: its envelope names no sender."""
    content_type = message.get_content_type()
    if content_type == "multipart/report" or content_type == "message/delivery-status":
        return Author.REPORT
    submitted = first(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if (submitted and submitted != "no") or null_sender:
        return Author.MACHINE
    precedence = first(message, "Precedence").strip().lower()
    if precedence == "auto_reply" or any(raw_value(message, name) for name in ("X-Autoreply", "X-Autorespond")):
        return Author.PERHAPS_MACHINE
    if submitted != "no" and first(message, "Subject").lower().startswith(_AUTOMATIC_SUBJECTS):
        return Author.PERHAPS_MACHINE
    if precedence in {"bulk", "junk", "list"} or raw_value(message, "List-Id"):
        return Author.LIST
    return Author.PERSON


def asks_for_silence(message: Message) -> bool:
    """Whether the sender wants no automatic answer, which says nothing of who wrote it (MS-OXCMAIL)."""
    suppressed = {each.strip().lower() for each in first(message, "X-Auto-Response-Suppress").split(",")}
    return bool(suppressed & {"all", "autoreply"})


def is_forwarded(subject: str) -> bool:
    """Whether somebody passes on what was written to them, by the subject."""
    return subject.lower().startswith(_FORWARDED)
