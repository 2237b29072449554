"""Settle e-mail that was parked: Partnerservice files it in a query, or drops it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.core.errors import Conflict, NotFound, Rejected
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.received_messages import add_received_message
from lostpost.customer_queries.timeline import lock_query
from lostpost.relay.addresses import Side
from lostpost.relay.filed_as import NO_WORDS, SUBJECT_MAX, mask_of, message_in
from lostpost.relay.models import IncomingMail
from lostpost.relay.received_files import ReceivedFile, keep_files, renamed

State = IncomingMail.State


@transaction.atomic(durable=True)
def file_parked_mail(
    *,
    seller_id: UUID,
    incoming_id: UUID,
    number: str,
    by: Actor,
    now: datetime,
    files: Sequence[ReceivedFile] = (),
) -> CustomerQuery:
    """File a parked e-mail as the customer's message in a query of the same shop; return the query.

    Args: `files`: from `recheck_received_files`, of what came along.
    Raises: QueryNotFound, NotFound, Conflict if somebody has settled it, Rejected if no customer wrote it.
    """
    query = lock_query(number, seller_id=seller_id)
    incoming = _locked(seller_id, incoming_id)
    if not may_be_filed(incoming):
        raise Rejected(_("There is no text of a customer in it that could be filed. Read it, and drop it."))
    mask = mask_of(seller_id, query.order.customer_email, incoming.sender_address)
    incoming.subject = mask(incoming.subject)[:SUBJECT_MAX]
    incoming.text, incoming.quoted, incoming.html = map(mask, (incoming.text, incoming.quoted, incoming.html))
    other = incoming.sender_address.lower() != query.order.customer_email.lower()
    text, notes = message_in(incoming)
    facts = {"mail": str(incoming.id), "other_address": other, "files": len(incoming.files), "notes": notes}
    entry = add_received_message(query, text, now=now, **facts)
    incoming.entry_id, incoming.query_id = entry.id, entry.query_id
    keep_files(entry, renamed(files, mask), now=now)
    if files:
        incoming.files = []
    _settle(incoming, State.FILED, by=by, now=now)
    return query


@transaction.atomic(durable=True)
def drop_parked_mail(*, seller_id: UUID, incoming_id: UUID, by: Actor, now: datetime) -> None:
    """Drop a parked e-mail: nothing of it stands in a query. Raises NotFound, Conflict."""
    incoming = _locked(seller_id, incoming_id)
    incoming.files = []
    _settle(incoming, State.DROPPED, by=by, now=now)


def may_be_filed(incoming: IncomingMail) -> bool:
    """Whether it holds words of a customer that were read."""
    from_customer = incoming.address is None or incoming.address.side == Side.CUSTOMER
    return from_customer and incoming.reason not in NO_WORDS and bool(incoming.text.strip())


def _locked(seller_id: UUID, incoming_id: UUID) -> IncomingMail:
    rows = IncomingMail.objects.select_for_update().filter(seller_id=seller_id, id=incoming_id)
    incoming = rows.defer("raw").first()
    if incoming is None:
        raise NotFound(_("There is no such e-mail."))
    if incoming.state != State.PARKED:
        raise Conflict(_("Somebody has settled this e-mail meanwhile."))
    return incoming


def _settle(incoming: IncomingMail, state: State, *, by: Actor, now: datetime) -> None:
    IncomingMail.objects.filter(seller_id=incoming.seller_id, id=incoming.id).update(
        state=state,
        settled_at=now,
        settled_by_name=by.name,
        query_id=incoming.query_id,
        entry_id=incoming.entry_id,
        subject=incoming.subject,
        text=incoming.text,
        quoted=incoming.quoted,
        html=incoming.html,
        files=incoming.files,
    )
