"""E-mail to addresses with letters beyond ASCII before the @, which a mail server may take or not (RFC 6531)."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.utils import parseaddr
from smtplib import SMTP

from django.core.mail import EmailMultiAlternatives, get_connection


class SmtpUtf8Missing(Exception):
    """The mail server does not offer SMTPUTF8, without which such an address cannot be named to it."""


def send_with_smtputf8(message: EmailMultiAlternatives, address: str) -> None:
    """Send a message whose one recipient is `address`, its headers and recipient in UTF-8.

    Where e-mail is written to a folder there is no server to ask, and it is written like any other.
    Raises: SmtpUtf8Missing, and whatever sending any message raises.
    """
    backend = message.connection = message.connection or get_connection()
    opened = backend.open()
    try:
        smtp = getattr(backend, "connection", None)
        if not isinstance(smtp, SMTP):
            message.send()
            return
        smtp.ehlo_or_helo_if_needed()
        if not smtp.has_extn("smtputf8"):
            raise SmtpUtf8Missing
        smtp.sendmail(
            parseaddr(message.from_email)[1],
            [address],
            _in_utf8(message, address),
            mail_options=["SMTPUTF8", "BODY=8BITMIME"],
        )
    finally:
        if opened:
            backend.close()


def _in_utf8(message: EmailMultiAlternatives, address: str) -> bytes:
    """Write the message with its headers as RFC 6532 has them; Django writes ASCII, which is another address."""
    written = message_from_bytes(message.message().as_bytes(), policy=policy.SMTPUTF8)
    del written["To"]
    written["To"] = address
    return written.as_bytes()
