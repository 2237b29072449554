"""Hold an answer for some seconds before it is sent, so that whoever sent it can take it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.answering.answer_query import ANSWER, answer_content
from lostpost.answering.attachments import drop_unsent
from lostpost.answering.models import AnswerDraft
from lostpost.core.errors import Conflict
from lostpost.core.idempotency import earlier_result
from lostpost.core.jobs import Job, defer
from lostpost.core.queues import MAIL
from lostpost.customer_queries.messages import require_message
from lostpost.customer_queries.states import require_closable, require_newest_read, require_open
from lostpost.customer_queries.timeline import lock_query

SEND_HELD = "answering.send-held"  # The job's name.


class AnswerHeld(Conflict):
    """An answer of the same person in the same query is about to be sent."""

    code = "answer-held"
    sentence = gettext_lazy("Your answer before this one is about to be sent. Undo it, or wait some seconds.")


class AnswerOnItsWay(Conflict):
    """The time in which an answer can be taken back is over."""

    code = "answer-on-its-way"
    sentence = gettext_lazy("It is too late to undo: the answer is sent.")


@transaction.atomic(durable=True)
def hold_answer(
    *,
    number: str,
    message: str,
    leave_open: bool,
    last_message_id: UUID | None,
    attachments: Sequence[UUID] = (),
    hold_seconds: int,
    by: Actor,
    key: str,
    now: datetime,
) -> datetime | None:
    """Keep an answer as the writer's draft that is sent by itself; with the same key it is held once.

    It is judged now, and once more when it is sent: what stands in its way then gives it back as a draft.
    Return when it is sent; None: it was sent already.
    Raises: as `answer_query` does, and AnswerHeld.
    """
    require_writer(by, Section.QUERIES)
    text = require_message(message)
    query = lock_query(number, seller_id=by.seller_id)
    mine = AnswerDraft.objects.filter(seller_id=query.seller_id, query_id=query.id, user_id=by.user_id)
    held = mine.filter(held_until__isnull=False).first()
    content = answer_content(query, text, leave_open=leave_open, attachments=attachments)
    if earlier_result(key, scope=ANSWER, seller_id=by.seller_id, content=content):
        drop_unsent(query, attachments, by=by)
        return None
    files = sorted(map(str, attachments))
    if held:
        if (held.held_key, held.text, held.leave_open, held.held_files) == (key, text, leave_open, files):
            return held.held_until
        raise AnswerHeld
    require_open(query, now=now)
    require_newest_read(query, last_message_id)
    if not leave_open:
        require_closable(query)
    until = now + timedelta(seconds=hold_seconds)
    draft, _new = AnswerDraft.objects.update_or_create(
        seller_id=query.seller_id,
        query_id=query.id,
        user_id=by.user_id,
        defaults={
            "user_name": by.name,
            "text": text,
            "leave_open": leave_open,
            "seen_at": now,
            "held_until": until,
            "held_key": key,
            "held_files": files,
            "last_message_id": last_message_id,
            "held_sending": False,
            "held_problem": "",
        },
    )
    defer(send_held_job(draft))
    return until


@transaction.atomic(durable=True)
def undo_answer(*, number: str, by: Actor, now: datetime) -> bool:
    """Take an answer back that is held: it is the writer's draft again. Return whether there was one.

    Raises: ReadOnly, QueryNotFound, AnswerOnItsWay.
    """
    require_writer(by, Section.QUERIES)
    query = lock_query(number, seller_id=by.seller_id)
    mine = AnswerDraft.objects.filter(seller_id=query.seller_id, query_id=query.id, user_id=by.user_id)
    held = mine.filter(held_until__isnull=False).first()
    if held is None:
        return False
    if held.held_sending:
        raise AnswerOnItsWay
    give_back(held, problem="", now=now)
    return True


def give_back(draft: AnswerDraft, *, problem: str, now: datetime) -> None:
    """Make a held answer a draft again, in the caller's transaction; `problem`: why it was not sent.

    Where another one is held meanwhile, nothing happens.
    """
    AnswerDraft.objects.filter(seller_id=draft.seller_id, id=draft.id, held_key=draft.held_key).update(
        held_until=None,
        held_key="",
        held_files=[],
        last_message_id=None,
        held_sending=False,
        held_problem=problem[:500],
        seen_at=now,
    )


def send_held_job(draft: AnswerDraft) -> Job:
    """Return the job that sends a held answer once its time has come."""
    args = {"seller": str(draft.seller_id), "draft": str(draft.id)}
    return Job(SEND_HELD, MAIL, args, scheduled_at=draft.held_until)


def not_sent_text(problem: str) -> str:
    """Say that a held answer was given back, and why."""
    return _("Your answer was not sent: %(problem)s") % {"problem": problem}
