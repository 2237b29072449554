"""What becomes of an e-mail in its query, by who wrote it and at which of the query's addresses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Member
from lostpost.customer_queries.messages import MessageRefused, require_message, send_message
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.customer_queries.received_messages import add_received_message
from lostpost.customer_queries.settle_mail import note_bounce, note_delay, note_delivered
from lostpost.customer_queries.states import mark_open, require_open, restart_wait, stop_clock
from lostpost.customer_queries.timeline import LONGEST_TEXT, QueryHandled, QueryWithPartnerservice, add_entry
from lostpost.relay.masking import masked
from lostpost.relay.models import IncomingMail, RelayAddress
from lostpost.relay.not_read_notice import queue_not_read_notice
from lostpost.relay.parsing.classify import Author
from lostpost.relay.parsing.parse import ParsedMail
from lostpost.relay.parsing.reports import ReportOutcome
from lostpost.relay.receive_mail import MailRefused, member_writing
from lostpost.relay.received_files import ReceivedFile, keep_files, renamed

# Messages in one query: another helpdesk's confirmations come faster than people write.
BURST, BURST_MAX = timedelta(minutes=10), 5
NOTICE_EVERY = timedelta(hours=24)
MEMBERS_MAX = 200
SUBJECT_MAX = 300
NO_WORDS = {"unknown-report", "automatic"}  # Reasons to park what has no words of a customer.


class Parked(Exception):
    """The e-mail is left to Partnerservice. `reason`: a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class Filing:
    """An e-mail that is being filed in a locked query."""

    incoming: IncomingMail
    query: CustomerQuery
    now: datetime
    files: Sequence[ReceivedFile] = ()  # That came along, checked.

    KEPT: ClassVar = ("subject", "sender_name", "sender_address", "text", "quoted", "html", "files", "notes")

    def keep(self, mail: ParsedMail) -> None:
        """Keep what the e-mail says, masked."""
        incoming = self.incoming
        mask = mask_of(incoming.seller_id, self.query.order.customer_email, mail.sender_address, *mail.readers)
        keep_text(incoming, mail, mask)
        incoming.files = [{**file.listed(), "name": mask(file.name)} for file in mail.files]
        self.files = renamed(self.files, mask)
        incoming.notes = [*mail.notes, *self._further_notes(mail)]

    def add(self, kind: str, **data: Any) -> None:
        """Add a line to the timeline that leads to the e-mail."""
        self.came_as(add_entry(self.query, kind, now=self.now, mail=str(self.incoming.id), **data))

    def came_as(self, entry: TimelineEntry) -> None:
        """Lead to the e-mail and its files by an entry of the timeline, which may be in a later query."""
        self.incoming.entry_id, self.incoming.query_id = entry.id, entry.query_id
        self.keep_files(entry)

    def query_of(self, entry: TimelineEntry) -> CustomerQuery:
        """Return the query in which an entry stands: this one, or the one that goes on with it."""
        if entry.query_id == self.query.id:
            return self.query
        later = CustomerQuery.objects.get(seller_id=entry.seller_id, id=entry.query_id)
        later.order = self.query.order
        return later

    def keep_files(self, entry: TimelineEntry, *, by: Actor | None = None) -> None:
        """Keep the files with an entry; from then on they stand there, and not in the e-mail's list."""
        keep_files(entry, self.files, by=by, now=self.now)
        if self.files:
            self.incoming.files = []

    def announce_parked(self, reason: str) -> None:
        """Say on the timeline that something was parked: each answer of the shop that was not sent, else once a day.

        A handled query is the shop's turn again if its answer was not sent. The wait of one that waits for the customer
        starts again where they may have written.
        """
        side = self.incoming.address.side if self.incoming.address else RelayAddress.Side.CUSTOMER
        if side == RelayAddress.Side.SELLER:
            add_entry(self.query, "mail.not-sent", now=self.now)
            if self.query.state == CustomerQuery.State.HANDLED:
                mark_open(self.query, by=None, now=self.now)
            return
        if side == RelayAddress.Side.CUSTOMER and reason not in NO_WORDS:
            restart_wait(self.query, now=self.now)
        said = TimelineEntry.objects.filter(
            seller_id=self.query.seller_id,
            query_id=self.query.id,
            kind="mail.parked",
            at__gt=self.now - NOTICE_EVERY,
        )
        if not said.exists():
            add_entry(self.query, "mail.parked", now=self.now)

    @property
    def from_customer(self) -> bool:
        """Whether it came from the address that the order has."""
        return bool(self.incoming.sender_address.lower() == self.query.order.customer_email.lower())

    def _further_notes(self, mail: ParsedMail) -> list[str]:
        same_id = IncomingMail.objects.filter(
            seller_id=self.incoming.seller_id,
            recipient=self.incoming.recipient,
            message_id=self.incoming.message_id,
        ).exclude(id=self.incoming.id)
        return ["same-message-id"] if mail.message_id and same_id.exists() else []


def mask_of(seller_id: UUID, *addresses: str) -> Callable[[str], str]:
    """Return what masks these addresses in a text, those of the shop's people, our own, and the customer's link."""
    user_ids = Member.objects.filter(seller_id=seller_id).values_list("user_id", flat=True)
    of_shop = User.objects.filter(id__in=list(user_ids[:MEMBERS_MAX])).values_list("email", flat=True)
    return partial(masked, addresses=[*addresses, *of_shop], domain=settings.RELAY_DOMAIN)


def keep_text(incoming: IncomingMail, mail: ParsedMail, mask: Callable[[str], str]) -> None:
    """Keep who wrote an e-mail, and what it says, masked."""
    incoming.sender_name, incoming.sender_address = mail.sender_name, mail.sender_address
    incoming.subject = mask(mail.subject)[:SUBJECT_MAX]  # A mask may be longer than what it stands for.
    incoming.text, incoming.quoted, incoming.html = map(mask, (mail.text, mail.quoted, mail.html))


def file_for_customer(filing: Filing, mail: ParsedMail) -> None:
    """File what came in at the customer's address. Raises Parked.

    Machines never reopen, wake or start a clock; neither does a stranger who passes something on.
    """
    if mail.author is Author.REPORT:
        _apply_report(filing, mail, known=_is_about_query(filing, mail))
        return
    _require_no_burst(filing)
    if mail.author in (Author.MACHINE, Author.PERHAPS_MACHINE):
        filing.add("mail.automatic")
    elif mail.forwarded and not filing.from_customer:
        filing.add("mail.forwarded")
    else:
        incoming = filing.incoming
        text, notes = message_in(incoming)
        facts = {
            "mail": str(incoming.id),
            "other_address": not filing.from_customer,
            "readers": len(_other_readers(filing, mail)),
            "files": len(incoming.files),
            "notes": notes,
        }
        entry = add_received_message(filing.query, text, now=filing.now, **facts)
        filing.came_as(entry)
        if mail.invitation:
            _note_invitation(filing, entry, mail)
        queue_not_read_notice(filing.query_of(entry), entry, mail=mail, now=filing.now)


def message_in(incoming: IncomingMail) -> tuple[str, list[str]]:
    """Return the words of an e-mail as the timeline has them, and its notes: whether there is more of it."""
    text, notes = incoming.text.strip(), list(incoming.notes)
    if len(text) > LONGEST_TEXT and "cut" not in notes:
        notes.append("cut")
    return text[:LONGEST_TEXT].strip(), notes


def _note_invitation(filing: Filing, entry: TimelineEntry, mail: ParsedMail) -> None:
    """Note title and day of an invitation on the timeline alone: somebody's words are no part of an event."""
    mask = mask_of(entry.seller_id, filing.query.order.customer_email, mail.sender_address, *mail.readers)
    entry.data = {**entry.data, "invitation": mask(mail.invitation)}
    entry.save(update_fields=["data"])


def file_for_seller(filing: Filing, mail: ParsedMail) -> None:
    """Send the customer what one of the shop's people answered by e-mail. Raises Parked.

    Whoever it says it is from was checked when it was received; the new text alone goes on, its addresses masked.
    """
    if mail.author is not Author.PERSON:
        raise Parked("automatic")
    _require_no_burst(filing)
    try:
        by = Actor.of_member(member_writing(filing.query.seller_id, mail.sender_address))
        text = require_message(filing.incoming.text)
        require_open(filing.query, now=filing.now)
    except MailRefused:
        raise Parked("not-of-the-shop") from None
    except MessageRefused:
        raise Parked("no-text") from None
    except (QueryHandled, QueryWithPartnerservice) as refusal:
        raise Parked(refusal.code) from None
    sent = send_message(filing.query, text, by=by, now=filing.now)
    stop_clock(filing.query, now=filing.now)
    assert sent.about_id
    filing.incoming.entry_id = sent.about_id
    filing.keep_files(TimelineEntry.objects.get(seller_id=sent.seller_id, id=sent.about_id), by=by)


def file_report(filing: Filing, mail: ParsedMail) -> None:
    """Take what came in at the address for bounces of one e-mail. Raises Parked.

    Automatic answers come here, too: they are sent to the envelope's sender.
    """
    report = mail.report
    if mail.author is Author.MACHINE and (report is None or report.outcome is ReportOutcome.UNKNOWN):
        if filing.incoming.envelope_sender or mail.auto_replied:
            _require_no_burst(filing)
            filing.add("mail.automatic")
            return
        raise Parked("unknown-report")
    _apply_report(filing, mail, known=True)


def _apply_report(filing: Filing, mail: ParsedMail, *, known: bool) -> None:
    report = mail.report
    if not known or report is None or report.outcome is ReportOutcome.UNKNOWN:
        raise Parked("unknown-report")
    address = filing.incoming.address
    if address and address.ended_at:
        return  # The e-mail was sent again since: this is about the first sending.
    mail_id = (address.mail_id if address else None) or UUID(report.original_id.partition("@")[0])
    problem = masked(report.problem, [filing.query.order.customer_email], domain=settings.RELAY_DOMAIN)
    if report.outcome is ReportOutcome.FAILED:
        note_bounce(filing.query, mail_id, problem=problem, now=filing.now)
    elif report.outcome is ReportOutcome.DELAYED:
        note_delay(filing.query, mail_id, problem=problem, now=filing.now)
    else:
        note_delivered(filing.query, mail_id, now=filing.now)
    filing.incoming.query_id = filing.query.id


def _is_about_query(filing: Filing, mail: ParsedMail) -> bool:
    """Whether a report is about an e-mail that we sent in this query, once: else it may be about either sending."""
    name = mail.report.original_id.partition("@")[0] if mail.report else ""
    try:
        mail_id = UUID(name)
    except ValueError:
        return False
    mails = Mail.objects.filter(seller_id=filing.query.seller_id, query_id=filing.query.id, id=mail_id)
    earlier = RelayAddress.objects.filter(seller_id=filing.query.seller_id, mail_id=mail_id, ended_at__isnull=False)
    return mails.exists() and not earlier.exists()


def _require_no_burst(filing: Filing) -> None:
    recent = IncomingMail.objects.filter(
        seller_id=filing.query.seller_id,
        recipient=filing.incoming.recipient,
        state=IncomingMail.State.FILED,
        settled_at__gt=filing.now - BURST,
    )
    if filing.incoming.address_id is None:  # At the shop's own address many customers write.
        recent = recent.filter(query_id=filing.query.id)
    if recent[:BURST_MAX].count() >= BURST_MAX:
        raise Parked("too-many")


def _other_readers(filing: Filing, mail: ParsedMail) -> list[str]:
    """Return who else has the e-mail: they get nothing from us."""
    known = {filing.query.order.customer_email.lower(), mail.sender_address.lower()}
    return [address for address in mail.readers if address not in known and not _is_ours(address)]


def _is_ours(address: str) -> bool:
    return address.rpartition("@")[2] == settings.RELAY_DOMAIN
