"""Save what somebody has written in a query and not sent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.answering.answer_query import ANSWER
from lostpost.answering.models import AnswerDraft
from lostpost.core.errors import Rejected
from lostpost.core.idempotency import IdempotencyKey
from lostpost.core.text import is_storable, strip_unstorable
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import LONGEST_TEXT, query_not_found

LONGEST_DRAFT = 2 * LONGEST_TEXT  # A draft may be longer than what can be sent, and is shortened later.


@transaction.atomic(durable=True)
def save_draft(*, number: str, text: str, leave_open: bool | None, by: Actor, key: str, now: datetime) -> None:
    """Keep a draft for whoever writes it, and note that they are there; without text only the latter.

    Args: `key`: with which it would be sent. A draft that arrives after its answer was sent is not kept.
    Raises: ReadOnly, QueryNotFound, Rejected if it is far too long.
    """
    require_writer(by, Section.QUERIES)
    text = strip_unstorable(text)
    if len(text) > LONGEST_DRAFT:
        raise Rejected(_("A draft of more than %(most)d characters is not kept.") % {"most": LONGEST_DRAFT})
    queries = CustomerQuery.objects.select_for_update(no_key=True).filter(seller_id=by.seller_id, number=number)
    query = queries.first() if is_storable(number) else None  # Locked, so that no answer is sent meanwhile.
    if query is None:
        raise query_not_found(number)
    if IdempotencyKey.objects.filter(seller_id=by.seller_id, scope=ANSWER, key=key).exists():
        return
    mine = AnswerDraft.objects.filter(seller_id=by.seller_id, query_id=query.id, user_id=by.user_id)
    if mine.filter(held_until__isnull=False).update(seen_at=now):
        return  # It is about to be sent: what another page still has of it comes too late.
    AnswerDraft.objects.update_or_create(
        seller_id=by.seller_id,
        query_id=query.id,
        user_id=by.user_id,
        defaults={
            "user_name": by.name,
            "text": text.strip() and text,
            "leave_open": leave_open,
            "seen_at": now,
            "held_problem": "",
        },
    )
