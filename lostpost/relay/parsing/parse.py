"""Read a whole e-mail: who wrote it, what is new in it, what is quoted, which files came along."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from email.message import Message
from typing import Any

from lostpost.core.text import strip_unstorable
from lostpost.relay.parsing import headers
from lostpost.relay.parsing.charsets import decode
from lostpost.relay.parsing.classify import Author, asks_for_silence, author_of, is_forwarded
from lostpost.relay.parsing.html import safe_html, text_of
from lostpost.relay.parsing.limits import TEXT_MAX, MailUnreadable
from lostpost.relay.parsing.parts import Part, leaves, read_message
from lostpost.relay.parsing.quotes import fold
from lostpost.relay.parsing.reports import Report, ReportOutcome, report_of
from lostpost.relay.parsing.special_parts import files_in_tnef, invitation, signed_content

_NOTHING_BUT_A_HINT = 200  # Characters of a plain part that says “see the HTML”.
_SIGNED_OR_ENCRYPTED = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_INSIDE = 2  # How often an e-mail in a signature in a signature is opened.


@dataclass(slots=True)
class File:
    """A file that came along.

    `place`: its number among the parts; `inside`: its number in that part, if that holds several. `size`: in bytes.
    `note`: why it could not be opened. `content`: decoded; nobody has checked it.
    """

    place: int
    name: str
    content_type: str
    size: int
    inside: int | None = None
    note: str = ""
    content: bytes = field(default=b"", repr=False)

    def listed(self) -> dict[str, Any]:
        """Return what is known of it without what is in it, as JSON values."""
        return {name: value for name, value in asdict(self).items() if name != "content"}


@dataclass(slots=True)
class ParsedMail:
    """What an e-mail says. All text is storable; nothing in it is trusted.

    `text` is new, `quoted` stood before; `html` is all of it, safe to show. `notes` are codes of what could not be
    read as it was meant: `letters-unreadable`, `encrypted`, `signature-not-checked`, `no-new-text`, `no-text`,
    `html-too-long`, `html-too-deep`, `invitation`, `cut`.
    """

    author: Author = Author.PERSON
    subject: str = ""
    sender_name: str = ""
    sender_address: str = ""
    message_id: str = ""
    references: list[str] = field(default_factory=list)
    readers: list[str] = field(default_factory=list)  # Addresses in To and Cc.
    forwarded: bool = False
    auto_replied: bool = False  # It says so: an answer to an e-mail of ours, and no report about it.
    asks_for_silence: bool = False  # Wants no automatic answer, whoever wrote it.
    text: str = ""
    quoted: str = ""
    html: str = ""
    invitation: str = ""
    files: list[File] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    report: Report | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        files = [{**each.listed(), "content": b64encode(each.content).decode()} for each in self.files]
        return {**asdict(self), "files": files}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> ParsedMail:
        """Return what `as_json` wrote. Raises TypeError, ValueError or KeyError for anything else."""
        report = values.pop("report")
        files = [File(**{**each, "content": b64decode(each["content"])}) for each in values.pop("files")]
        author = Author(values.pop("author"))
        if report:
            report = Report(ReportOutcome(report["outcome"]), report["problem"], report["original_id"])
        return cls(author=author, files=files, report=report, **values)


def parse_mail(raw: bytes, *, null_sender: bool = False) -> ParsedMail:
    """Read an e-mail as it came.

    Args: `null_sender`: its envelope names no sender, as reports and automatic answers have it.
    Raises: MailUnreadable where it goes beyond the limits.
    """
    try:
        return _parse(read_message(raw), null_sender=null_sender)
    except RecursionError:
        raise MailUnreadable("nested-too-deep") from None


def _parse(message: Message, *, null_sender: bool) -> ParsedMail:
    name, address = headers.sender(message)
    subject = headers.first(message, "Subject")[:300]
    mail = ParsedMail(
        author=author_of(message, null_sender=null_sender),
        subject=subject,
        sender_name=name,
        sender_address=address,
        message_id=headers.message_id_of(message),
        references=headers.references(message),
        readers=headers.addresses(message, "To", "Cc"),
        forwarded=is_forwarded(subject),
        asks_for_silence=asks_for_silence(message),
        auto_replied=headers.first(message, "Auto-Submitted").lower().startswith("auto-replied"),
    )
    if mail.author in (Author.REPORT, Author.MACHINE):
        mail.report = report_of(message)
    _read_body(mail, leaves(message))
    mail.notes = list(dict.fromkeys(note for note in mail.notes if note))
    return mail


def _read_body(mail: ParsedMail, parts: Iterable[Part]) -> None:
    plain: list[str] = []
    html: list[str] = []
    for part in parts:
        _read_part(mail, part, plain, html, inside=0)
    whole_html = "\n".join(html)
    text = "\n\n".join(filter(str.strip, plain))
    if whole_html:
        mail.html, note = safe_html(whole_html)
        mail.notes.append(note)
        if len(text.strip()) < _NOTHING_BUT_A_HINT:
            text = _longer(text, text_of(whole_html))
    if len(text) > TEXT_MAX:
        text = text[:TEXT_MAX]
        mail.notes.append("cut")
    mail.text, mail.quoted = fold(text)
    if not mail.text.strip():
        mail.notes.append("no-new-text" if mail.quoted else "no-text")


def _longer(hint: str, text: str) -> str:
    """Return the text of the HTML part unless the plain part says as much."""
    return text if len("".join(text.split())) > 2 * len("".join(hint.split())) else hint or text


def _read_part(mail: ParsedMail, part: Part, plain: list[str], html: list[str], *, inside: int) -> None:
    """Take one part as text, as HTML, as a file, or as what it hides."""
    if not part.is_file:
        text, complete = decode(part.content(), str(part.message.get_param("charset", "us-ascii") or ""))
        mail.notes.append("" if complete else "letters-unreadable")
        text = strip_unstorable(text.replace("\r\n", "\n").replace("\r", "\n"))
        (html if part.content_type == "text/html" else plain).append(text)
        return
    content = part.content()
    if part.content_type == "text/calendar":
        mail.notes.append("invitation")
        if line := invitation(content):
            mail.invitation = mail.invitation or line
            return  # All that is said of it.
    elif part.content_type == "application/ms-tnef" or part.name.lower() == "winmail.dat":
        _list_tnef(mail, part, content)
        return
    elif part.content_type in _SIGNED_OR_ENCRYPTED or part.name.lower() == "smime.p7m":
        enclosed = signed_content(content)
        if enclosed is not None and inside < _INSIDE:
            mail.notes.append("signature-not-checked")
            for each in leaves(read_message(enclosed)):
                _read_part(mail, each, plain, html, inside=inside + 1)
            return
        mail.notes.append("encrypted")
    elif part.message.get_content_maintype() == "message" and mail.report:
        return  # The report has been read; what it returns is our own e-mail.
    if not inside and not _is_signature(part):
        name = part.name or _unnamed(part)
        mail.files.append(File(part.place, name, part.content_type, len(content), content=content))


def _is_signature(part: Part) -> bool:
    return part.content_type in {"application/pgp-signature", "application/pkcs7-signature"}


def _list_tnef(mail: ParsedMail, part: Part, content: bytes) -> None:
    files = files_in_tnef(content)
    if files is None:
        name = part.name or "winmail.dat"
        mail.files.append(File(part.place, name, part.content_type, len(content), note="unreadable"))
    kind = "application/octet-stream"
    for number, (name, inner) in enumerate(files or ()):
        mail.files.append(File(part.place, name or "file", kind, len(inner), inside=number, content=inner))


def _unnamed(part: Part) -> str:
    """Name a part that has no name by what it is."""
    ending = {"image/jpeg": "jpg", "message/rfc822": "eml", "text/calendar": "ics", "text/plain": "txt"}
    kind = part.content_type
    return f"{kind.partition('/')[0]}.{ending.get(kind, kind.rpartition('/')[2][:10])}"
