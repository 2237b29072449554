"""Add a note to a query, for the seller's own people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.core.errors import Rejected
from lostpost.core.idempotency import claim
from lostpost.core.ownership import uuid7
from lostpost.core.text import trimmed
from lostpost.customer_queries.mentions import mentioned_members
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.customer_queries.states import note_partnerservice_answer
from lostpost.customer_queries.timeline import LONGEST_TEXT, add_entry, lock_query
from lostpost.events.record import EventData, record_events


@transaction.atomic(durable=True)
def add_note(*, number: str, text: str, by: Actor, key: str, now: datetime) -> CustomerQuery:
    """Write a note on a query's timeline, whatever its state; no customer sees it. With the same key it stands once.

    People of the shop who are mentioned in it (@Bram) stand in the entry's data and in the feed, without its words.

    Raises: ReadOnly, QueryNotFound, Rejected if it is empty or too long, KeyReused.
    """
    require_writer(by, Section.QUERIES)
    text = trimmed(text)
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise Rejected(_("Write a note of 1 to %(most)d characters.") % {"most": LONGEST_TEXT})
    query = lock_query(number, seller_id=by.seller_id)
    if not claim(key, scope="note", seller_id=by.seller_id, content=[number, text], result_id=uuid7(), now=now):
        if query.partnerservice_answered_at:  # Somebody has read it, and does something about it.
            note_partnerservice_answer(query, at=None)
        members = mentioned_members(by.seller_id, text)
        mentions = [{"user_id": member.user_id, "name": member.name} for member in members]
        data = {"mentions": mentions} if mentions else {}
        entry = add_entry(query, "note.added", now=now, by=by, text=text, **data)
        if mentions:
            record_events(by.seller_id, [_mentioned(query, entry, mentions, by=by)], now)
    return query


def _mentioned(
    query: CustomerQuery, entry: TimelineEntry, mentions: Sequence[dict[str, Any]], *, by: Actor
) -> EventData:
    """Return the event of people who were mentioned, by their ids: notices to them are made of it."""
    users = [mention["user_id"] for mention in mentions]
    facts = {"customer_query": query.number, "order_number": query.order.number, "entry": str(entry.id)}
    return "customer-query.mentioned", {**facts, "users": users, "by_user": by.user_id}
