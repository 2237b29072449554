"""Answer the customer in a query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.answering.attachments import attach_to_message, digests_of, drop_unsent
from lostpost.answering.drafts import end_draft
from lostpost.answering.text_for_customer import text_for_customer
from lostpost.core.idempotency import IdempotencyClaim, claim, keeps_answer
from lostpost.core.ownership import uuid7
from lostpost.customer_queries.messages import require_message, send_message
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import mark_handled, require_newest_read, require_open, stop_clock
from lostpost.customer_queries.timeline import lock_query

ANSWER = "answer"  # The scope of the keys of answers.


@transaction.atomic(durable=True)
@keeps_answer(ANSWER)
def answer_query(
    *,
    number: str,
    message: str = "",
    template: str = "",
    leave_open: bool,
    last_message_id: UUID | None = None,
    attachments: Sequence[UUID] = (),
    by: Actor,
    key: str | IdempotencyClaim,
    now: datetime,
) -> CustomerQuery:
    """Send a message from a query and leave it open, or close it; with the same key it is sent once.

    The sender's draft ends with it. Args: `last_message_id`: the newest message that the sender has seen; None: send
    it whatever came since. `attachments`: files that were attached before, by the same person or by programs.
    `template`: by its name, instead of a message: it is filled in under the lock, in the customer's language.

    Raises: ReadOnly, QueryNotFound, QueryHandled, QueryWithPartnerservice, NewerMessage, MessageRefused, FileRefused,
    AttachmentMissing, CannotClose, KeyReused, TemplateNotFound, TemplateRefused.
    """
    require_writer(by, Section.QUERIES)
    text = "" if template else require_message(message)
    query = lock_query(number, seller_id=by.seller_id)
    content = answer_content(query, text, leave_open=leave_open, attachments=attachments, template=template)
    if claim(key, scope=ANSWER, seller_id=by.seller_id, content=content, result_id=uuid7(), now=now):
        drop_unsent(query, attachments, by=by)
        return query
    require_open(query, now=now)
    require_newest_read(query, last_message_id)
    if template:
        text = require_message(text_for_customer(query, template, agent=by.name))
    end_draft(query, by=by)
    mail = send_message(query, text, by=by, now=now)
    if attachments and mail.about_id:
        attach_to_message(query, attachments, entry_id=mail.about_id, by=by)
    if leave_open:
        stop_clock(query, now=now)
    else:
        mark_handled(query, by=by, now=now)
    return query


def answer_content(
    query: CustomerQuery, text: str, *, leave_open: bool, attachments: Sequence[UUID], template: str = ""
) -> list[Any]:
    """Return what makes an answer another one, for its key."""
    content: list[Any] = [query.number, text, leave_open, *(digests_of(query, attachments) if attachments else ())]
    return [*content, {"template": template}] if template else content
