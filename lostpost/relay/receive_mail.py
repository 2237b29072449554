"""Receive an e-mail: it is stored as it came before anybody hears that we have it, and read later."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Lower

from lostpost.accounts.models import Member
from lostpost.accounts.sections import Section
from lostpost.core.jobs import Job, defer
from lostpost.core.ownership import cross_seller, uuid7
from lostpost.core.queues import MAIL_IN
from lostpost.core.text import strip_unstorable
from lostpost.relay.addresses import Destination, Side
from lostpost.relay.models import IncomingMail
from lostpost.relay.parsing import headers
from lostpost.relay.parsing.limits import LARGEST_HEAD, LARGEST_MAIL, RECEIVED_LINES_MAX

FILE_MAIL = "mail-in.file"  # The job's name.
SENDER_HOURLY_MAX = 100  # Of one sender, at all addresses of all shops; likewise.
HOURLY_MAX = 200  # At one address; more is not stored, and the sender's server tries again later.
_RECEIVED = re.compile(rb"(?im)^received[ \t]*:")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


class MailRefused(Exception):
    """An e-mail is not taken, and nothing of it is stored: the sender's server hears so within the dialogue.

    `status`: of SMTP; 4xx to be tried again later.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


TOO_LARGE = MailRefused(552, f"5.3.4 At most {LARGEST_MAIL // 1024**2} MB.")


@transaction.atomic(durable=True)
def receive_mail(*, destination: Destination, envelope_sender: str, raw: bytes, now: datetime) -> UUID:
    """Store an e-mail for one recipient and defer its reading; return its id. The same one again is stored once.

    Raises: MailRefused for one that is too large or too many, goes in circles, is our own, or is of nobody who may
    write there.
    """
    head, body_at = _head(raw)
    envelope_sender = envelope_sender.strip().strip("<>")
    _require_no_loop(raw[:body_at], head, null_sender=not envelope_sender)
    address = destination.address
    if address and address.side == Side.SELLER:
        member_writing(destination.seller_id, headers.sender(head)[1])
    content_hash = hashlib.sha256(raw[body_at:]).hexdigest()
    message_id = strip_unstorable(headers.message_id_of(head)) or f"{content_hash}@{settings.RELAY_DOMAIN}"
    incoming = IncomingMail(
        seller_id=destination.seller_id,
        id=uuid7(),
        recipient=destination.recipient,
        envelope_sender=strip_unstorable(envelope_sender)[:254],
        address_id=address.id if address else None,
        query_id=address.query_id if address else None,
        raw=raw,
        size_bytes=len(raw),
        message_id=message_id[:255],
        content_hash=content_hash,
        received_at=now,
    )
    same = IncomingMail.objects.filter(
        seller_id=incoming.seller_id,
        recipient=incoming.recipient,
        message_id=incoming.message_id,
        content_hash=content_hash,
    ).values_list("id", flat=True)
    if existing := same.first():
        return existing
    _require_few(destination, envelope_sender=incoming.envelope_sender, now=now)
    IncomingMail.objects.bulk_create([incoming], ignore_conflicts=True)
    stored = same.get()
    if stored == incoming.id:
        defer(filing_job(incoming.seller_id, incoming.id))
    return stored


def filing_job(seller_id: UUID, incoming_id: UUID) -> Job:
    """Return the job that reads an e-mail and files it."""
    args = {"seller": str(seller_id), "incoming": str(incoming_id)}
    return Job(FILE_MAIL, MAIL_IN, args, waits_once=f"incoming mail {incoming_id}")


def member_writing(seller_id: UUID, address: str) -> Member:
    """Return who of a shop writes from an address of theirs.

    Raises: MailRefused for anybody else, and for who may not answer customers.
    """
    user_ids = User.objects.filter(email__iexact=address, is_active=True).values_list("id", flat=True)[:10]
    members = Member.objects.select_related("seller").filter(seller_id=seller_id, user_id__in=list(user_ids))
    member = members.first() if address else None
    if member is None or not member.may_manage(Section.QUERIES):
        raise MailRefused(550, "5.7.1 Write from the address with which you sign in, or answer on the page.")
    return member


def _head(raw: bytes) -> tuple[Message, int]:
    """Return the headers, and where they end. Raises MailRefused."""
    if len(raw) > LARGEST_MAIL:
        raise TOO_LARGE
    end = _END_OF_HEAD.search(raw)
    body_at = end.end() if end else len(raw)
    if body_at > LARGEST_HEAD:
        raise MailRefused(552, "5.3.4 The headers are too long.")
    return message_from_bytes(raw[:body_at]), body_at


def _require_no_loop(head_bytes: bytes, head: Message, *, null_sender: bool) -> None:
    """Refuse what goes in circles, and what we sent ourselves; reports of mail servers may come from our own."""
    if len(_RECEIVED.findall(head_bytes)) > RECEIVED_LINES_MAX:
        raise MailRefused(554, "5.4.6 This e-mail goes in circles.")
    if null_sender:
        return
    domain = settings.RELAY_DOMAIN
    sent_from = headers.sender(head)[1].rpartition("@")[2].lower()
    if sent_from == domain or headers.message_id_of(head).lower().endswith(f"@{domain}"):
        raise MailRefused(550, "5.4.6 This e-mail is our own.")


def _require_few(destination: Destination, *, envelope_sender: str, now: datetime) -> None:
    """Refuse for now what comes too often, at one address or of one sender.

    Reports of mail servers have no sender; at sellers' addresses only people of the shop are read, who may answer many.
    """
    recent = IncomingMail.objects.filter(
        seller_id=destination.seller_id, recipient=destination.recipient, received_at__gt=now - timedelta(hours=1)
    )
    if recent[: HOURLY_MAX + 1].count() > HOURLY_MAX:
        raise MailRefused(452, "4.7.1 Too many e-mails to this address. Try again later.")
    address = destination.address
    if not envelope_sender or (address and address.side == Side.SELLER):
        return
    with cross_seller("incoming mail: how much of one sender came in the last hour"):
        of_sender = IncomingMail.objects.alias(sender=Lower("envelope_sender")).filter(
            sender=envelope_sender.lower(), received_at__gt=now - timedelta(hours=1)
        )
        if of_sender[:SENDER_HOURLY_MAX].count() >= SENDER_HOURLY_MAX:
            raise MailRefused(452, "4.7.1 Too many e-mails of this sender. Try again later.")
