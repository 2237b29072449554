"""Add a note to a query, for the seller's own people."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.core.errors import Rejected
from lostpost.core.idempotency import claim
from lostpost.core.ownership import uuid7
from lostpost.core.text import trimmed
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import LONGEST_TEXT, add_entry, lock_query


@transaction.atomic(durable=True)
def add_note(*, number: str, text: str, by: Actor, key: str, now: datetime) -> CustomerQuery:
    """Write a note on a query's timeline, whatever its state; no customer sees it. With the same key it stands once.

    Raises: ReadOnly, QueryNotFound, Rejected if it is empty or too long, KeyReused.
    """
    require_writer(by)
    text = trimmed(text)
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise Rejected(_("Write a note of 1 to %(most)d characters.") % {"most": LONGEST_TEXT})
    query = lock_query(number, seller_id=by.seller_id)
    if not claim(key, scope="note", seller_id=by.seller_id, content=[number, text], result_id=uuid7(), now=now):
        add_entry(query, "note.added", now=now, by=by, text=text)
    return query
