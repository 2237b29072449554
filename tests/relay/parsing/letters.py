"""Raw e-mails as mail programs write them."""

from __future__ import annotations

from base64 import b64encode

from asn1crypto import cms

ENCRYPTED = b"\x30\x03abc"  # Nobody can open it.
PERSON = b"""\
From: Klaas Vaak <klaas@example.com>
To: abc234@relay.example
Message-ID: <one@example.com>
Date: Tue, 3 Nov 2026 10:00:00 +0100
MIME-Version: 1.0
"""


def letter(text: str, *, head: bytes = b"", charset: str = "utf-8", subject: str = "Mijn pakket") -> bytes:
    """Return an e-mail of plain text."""
    return (
        PERSON
        + f"Subject: {subject}\n".encode()
        + head
        + f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n".encode()
        + text.encode()
    )


def multipart(*parts: bytes, kind: str = "mixed", head: bytes = b"", parameters: str = "") -> bytes:
    """Return an e-mail of several parts, each with its own head."""
    begin = PERSON + head + f'Content-Type: multipart/{kind}; boundary="sep"{parameters}\n\n'.encode()
    return begin + b"".join(b"--sep\n" + part + b"\n" for part in parts) + b"--sep--\n"


def part(content_type: str, content: bytes, *, head: bytes = b"") -> bytes:
    """Return one part."""
    return f"Content-Type: {content_type}\n".encode() + head + b"\n" + content


def report(*, action: str, status: str, original_id: str = "mail@relay.example", diagnostic: str = "") -> bytes:
    """Return a report of a mail server about one of our e-mails (RFC 3464)."""
    fields = f"Final-Recipient: rfc822; klaas@example.com\nAction: {action}\nStatus: {status}\n"
    if diagnostic:
        fields += f"Diagnostic-Code: smtp; {diagnostic}\n"
    return multipart(
        part("text/plain", b"This is the mail system."),
        part("message/delivery-status", b"Reporting-MTA: dns; mx.example.com\n\n" + fields.encode()),
        part("message/rfc822", f"Message-ID: <{original_id}>\nSubject: Uw pakket\n\nHallo".encode()),
        kind="report",
        parameters="; report-type=delivery-status",
        head=b"Auto-Submitted: auto-replied\n",
    )


def signed(content: bytes) -> bytes:
    """Return a part enclosed in an opaque S/MIME signature."""
    enclosed = {"content_type": "data", "content": content}
    by_nobody = {"version": "v1", "digest_algorithms": [], "encap_content_info": enclosed, "signer_infos": []}
    whole: bytes = cms.ContentInfo({"content_type": "signed_data", "content": by_nobody}).dump()
    return whole


def smime(content: bytes, *, head: bytes = b"") -> bytes:
    """Return an e-mail that is nothing but S/MIME."""
    base64 = b"Content-Transfer-Encoding: base64\n"
    return PERSON + head + part("application/pkcs7-mime; name=smime.p7m", b64encode(content), head=base64)
