"""A query whose customer has a relay address, and e-mail that comes in for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lostpost.accounts.actor import Actor
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.relay.addresses import destination_of, reserve_addresses
from lostpost.relay.file_mail import file_mail
from lostpost.relay.models import IncomingMail
from lostpost.relay.parsing.limits import MailUnreadable
from lostpost.relay.parsing.parse import ParsedMail, parse_mail
from lostpost.relay.receive_mail import receive_mail
from lostpost.relay.received_files import check_received_files
from tests.cast import NOW, a_query, an_order


class Relay:
    """A query of Anna's with Klaas, and the addresses of the e-mail that opened it."""

    def __init__(self, anna: Actor) -> None:
        self.anna = anna
        self.query: CustomerQuery = a_query(an_order(anna.seller), anna)
        self.mail = Mail.objects.get(seller_id=anna.seller_id, query_id=self.query.id)
        addresses = reserve_addresses(mail=self.mail, now=NOW)
        assert addresses
        self.customer, self.bounces = addresses.sender, addresses.bounces

    def comes(
        self, raw: bytes, *, to: str = "", sender: str = "klaas@example.com", now: datetime = NOW
    ) -> IncomingMail:
        """Receive an e-mail and file it, as the job does, but read in this process."""
        incoming_id = receive_mail(
            destination=destination_of(to or self.customer), envelope_sender=sender, raw=raw, now=now
        )
        self.file(incoming_id, raw, null_sender=not sender, now=now)
        return IncomingMail.objects.get(seller_id=self.anna.seller_id, id=incoming_id)

    def file(self, incoming_id: Any, raw: bytes, *, null_sender: bool = False, now: datetime = NOW) -> str:
        mail: ParsedMail | None = None
        problem = ""
        try:
            mail = parse_mail(raw, null_sender=null_sender)
        except MailUnreadable as error:
            problem = str(error)
        about = {"seller_id": self.anna.seller_id, "incoming_id": incoming_id}
        files = check_received_files(mail) if mail else []
        return file_mail(**about, mail=mail, files=files, problem=problem, now=now)

    def stored(self) -> CustomerQuery:
        return CustomerQuery.objects.get(seller_id=self.query.seller_id, id=self.query.id)

    def stored_mail(self) -> Mail:
        return Mail.objects.get(seller_id=self.query.seller_id, id=self.mail.id)

    def entries(self, query: CustomerQuery | None = None) -> list[TimelineEntry]:
        """Return what came after the message that opened the query."""
        about = query or self.query
        rows = TimelineEntry.objects.filter(seller_id=about.seller_id, query_id=about.id).order_by("at", "id")
        return list(rows)[2:]

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.entries()]
