"""File an e-mail that came in: in its query, once; what is in doubt is parked for Partnerservice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lostpost.answering.take_customer_message import newest_query_about, opened_by_customer
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.open_query import LONGEST_SUBJECT
from lostpost.customer_queries.received_messages import latest_query
from lostpost.customer_queries.timeline import lock_query
from lostpost.relay.addresses import Side
from lostpost.relay.filed_as import Filing, Parked, file_for_customer, file_for_seller, file_report, keep_text, mask_of
from lostpost.relay.models import IncomingMail
from lostpost.relay.parsing.classify import Author
from lostpost.relay.parsing.parse import ParsedMail
from lostpost.relay.received_files import ReceivedFile
from lostpost.relay.senders_order import senders_order

State = IncomingMail.State


@transaction.atomic(durable=True)
def file_mail(
    *,
    seller_id: UUID,
    incoming_id: UUID,
    mail: ParsedMail | None,
    now: datetime,
    files: Sequence[ReceivedFile] = (),
    problem: str = "",
) -> str:
    """File an e-mail, and return its state; one that was settled before stays as it is.

    The row's state and what it adds to the timeline commit together.

    Args: `mail`: what it says; None where it could not be read, and `problem` says why: a code. `files`: from
    `check_received_files`, of what came along.
    """
    incoming = IncomingMail.objects.defer("raw").get(seller_id=seller_id, id=incoming_id)
    if incoming.query_id is None or incoming.address is None:
        return _file_for_shop(incoming, mail, files, problem or "unreadable", now=now)
    number = _query_of(incoming).number
    query = lock_query(number, seller_id=seller_id)
    locked = IncomingMail.objects.select_for_update().filter(seller_id=seller_id, id=incoming_id)
    if locked.values_list("state", flat=True).get() != State.RECEIVED:
        return incoming.state
    filing = Filing(incoming, query, now, files)
    try:
        if mail is None:
            raise Parked(problem or "unreadable")
        filing.keep(mail)
        if incoming.address.side == Side.BOUNCE:
            file_report(filing, mail)
        elif incoming.address.side == Side.SELLER:
            file_for_seller(filing, mail)
        else:
            file_for_customer(filing, mail)
    except Parked as parked:
        filing.announce_parked(parked.reason)
        return _settle(incoming, State.PARKED, reason=parked.reason, now=now)
    return _settle(incoming, State.FILED, now=now)


def _file_for_shop(
    incoming: IncomingMail, mail: ParsedMail | None, files: Sequence[ReceivedFile], problem: str, *, now: datetime
) -> str:
    """File what came to a shop as a whole, if it is the customer of the one order that it names."""
    if mail is None:
        return _settle(incoming, State.PARKED, reason=problem, now=now)
    if mail.author in (Author.MACHINE, Author.REPORT, Author.PERHAPS_MACHINE):
        return _settle(incoming, State.DROPPED, reason="automatic", now=now)
    order = senders_order(incoming.seller_id, mail)
    if order is None:
        mask = mask_of(incoming.seller_id, mail.sender_address, *mail.readers)
        keep_text(incoming, mail, mask)
        incoming.files = [{**file.listed(), "name": mask(file.name)} for file in mail.files]
        return _settle(incoming, State.PARKED, reason="no-order", now=now)
    locked = IncomingMail.objects.select_for_update().filter(seller_id=incoming.seller_id, id=incoming.id)
    if locked.values_list("state", flat=True).get() != State.RECEIVED:
        return incoming.state
    mask = mask_of(incoming.seller_id, order.customer_email, *mail.readers)
    subject = mask(mail.subject)[:LONGEST_SUBJECT] or order.number
    query = newest_query_about(order) or opened_by_customer(order, subject=subject, now=now)
    filing = Filing(incoming, query, now, files)
    filing.keep(mail)
    try:
        file_for_customer(filing, mail)
    except Parked as parked:
        filing.announce_parked(parked.reason)
        return _settle(incoming, State.PARKED, reason=parked.reason, now=now)
    return _settle(incoming, State.FILED, now=now)


def _query_of(incoming: IncomingMail) -> CustomerQuery:
    """Return the query that an address leads to today: one that was handled long ago goes on in another.

    What mail servers report stays with the e-mail that it is about.
    """
    assert incoming.query_id
    query = CustomerQuery.objects.get(seller_id=incoming.seller_id, id=incoming.query_id)
    if incoming.address and incoming.address.side == Side.BOUNCE:
        return query
    return latest_query(query)


def _settle(incoming: IncomingMail, state: State, *, now: datetime, reason: str = "") -> str:
    incoming.state, incoming.reason, incoming.settled_at = state, reason, now
    columns = ("state", "reason", "settled_at", "query_id", "entry_id", *Filing.KEPT)
    values = {column: getattr(incoming, column) for column in columns}
    waiting = IncomingMail.objects.filter(seller_id=incoming.seller_id, id=incoming.id, state=State.RECEIVED)
    waiting.update(**values)
    return state.value
