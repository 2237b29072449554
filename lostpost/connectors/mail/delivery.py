"""The way of an e-mail to the mail server, through Django's e-mail backend."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.translation import gettext as _
from django.utils.translation import override

from lostpost.connectors.mail.letter import Letter, header_line
from lostpost.connectors.mail.smtp import Backend
from lostpost.connectors.mail.smtputf8 import SmtpUtf8Missing, send_with_smtputf8
from lostpost.core.mail_address import cleaned_address, wire_address
from lostpost.customer_queries.models import Mail
from lostpost.customer_queries.settle_mail import ADDRESS_WRONG, SMTPUTF8_MISSING
from lostpost.relay.outgoing import Route, message_id

MARKETPLACE = "Lostpost"  # Where the operator gave a sender's address without a name.


class Undeliverable(Exception):
    """Trying again would not help: the mail server refused the address or the message for good.

    `code`: why, where it is we who know: of `customer_queries.settle_mail`.
    """

    def __init__(self, problem: str, *, code: str = "") -> None:
        super().__init__(problem)
        self.code = code


class Delayed(Exception):
    """It may go better later: no connection, no answer, or “try again later”."""


def deliver_mail(mail: Mail, letter: Letter, *, give_up: Callable[[], bool], route: Route | None = None) -> None:
    """Hand the e-mail to a customer to the mail server.

    Args: `route`: how it is addressed; none without relay addresses. The rest as in `deliver_message`.
    Raises: Undeliverable, Delayed, AnswerLost.
    """
    deliver_message(lambda: message_of(mail, letter, route), give_up=give_up)


def deliver_message(compose: Callable[[], EmailMultiAlternatives], *, give_up: Callable[[], bool]) -> None:
    """Hand an e-mail to the mail server; no transaction may be open, so that none waits for the network.

    A repeat has the same Message-ID, by which mail programs know it.

    Args: `compose`: builds the e-mail to one address; its ValueError says that the address cannot be written to.
    `give_up`: whether to wait no longer for an answer, as the worker has to end.
    Raises: Undeliverable, Delayed, AnswerLost.
    """
    try:
        message = compose()
        message.connection = get_connection()
        if isinstance(message.connection, Backend):
            message.connection.give_up = give_up
        (address,) = message.to
        if address.isascii():
            message.send()
        else:
            send_with_smtputf8(message, address)
    except SmtpUtf8Missing as missing:
        raise Undeliverable("The mail server does not offer SMTPUTF8.", code=SMTPUTF8_MISSING) from missing
    except smtplib.SMTPRecipientsRefused as refused:
        raise _refusal(*next(iter(refused.recipients.values()))) from refused
    except smtplib.SMTPDataError as refused:
        raise _refusal(refused.smtp_code, refused.smtp_error) from refused
    except (smtplib.SMTPException, OSError) as error:
        # Also for a sender or password that is refused permanently: the operator can correct those.
        raise Delayed(str(error) or type(error).__name__) from error
    except ValueError as error:  # Saved when addresses were checked less strictly.
        raise Undeliverable(str(error), code=ADDRESS_WRONG) from error


def message_of(mail: Mail, letter: Letter, route: Route | None = None) -> EmailMultiAlternatives:
    """Build the message of a letter: from the marketplace, on behalf of the shop.

    Raises: ValueError if the address is not one that can be written to.
    """
    to = wire_address(cleaned_address(mail.to))
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    with override(letter.language):
        sender = _("%(shop)s via %(marketplace)s") % {"shop": mail.seller.name, "marketplace": name or MARKETPLACE}
    shown = formataddr((header_line(sender), route.sender if route else address))
    return EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=route.bounces if route else shown,  # Of the envelope: mail servers report there.
        to=[to],
        headers={"Message-ID": message_id(mail.id), **_headers(mail, route, shown)},
        alternatives=[(letter.html, "text/html")],
        attachments=[(file.name, file.content, file.media_type) for file in letter.files],
    )


def _headers(mail: Mail, route: Route | None, shown: str) -> dict[str, str]:
    """Return who it is from, what it answers, and for a notice that no person wrote it."""
    headers: dict[str, str] = {}
    if mail.kind != "message":
        headers |= {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    if route:
        headers |= {"From": shown, "Reply-To": shown}
        if route.references:
            known = [one for one in map(header_line, route.references) if one.isascii()]
            headers |= {"In-Reply-To": known[-1], "References": " ".join(known)} if known else {}
    return headers


def _refusal(code: int, reply: bytes | str) -> Undeliverable | Delayed:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    problem = header_line(f"{code} {text}")
    return Undeliverable(problem) if code >= 500 else Delayed(problem)
