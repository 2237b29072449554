"""Do an action: query by query, each in a transaction of its own, and record what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, ReadOnly
from lostpost.accounts.actor_again import actor_again
from lostpost.answering.answer_query import ANSWER, answer_query
from lostpost.core.errors import Refused
from lostpost.core.idempotency import IdempotencyKey
from lostpost.core.ownership import cross_seller
from lostpost.customer_queries.assign_query import assign_query
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.put_aside import put_aside
from lostpost.query_actions.models import QueryActionLine, QueryActionRun

Kind = QueryActionRun.Kind
State = QueryActionLine.State


def run_action(*, seller_id: UUID, run_id: UUID, clock: Callable[[], datetime]) -> None:
    """Do what is left of a run, in the order of its lines. Safe to break off at any point and to repeat.

    A line that was done when a process died before it was settled is done again: an answer with the same key, which
    sends nothing more; the others change nothing where all is as they leave it.
    """
    run = QueryActionRun.objects.filter(seller_id=seller_id, id=run_id, ended_at=None).first()
    if run is None:
        return
    pending = QueryActionLine.objects.filter(seller_id=seller_id, run_id=run_id, state=State.PENDING)
    with translation.override(run.language):
        for line in pending.order_by("position"):
            _do(run, line, now=clock())
    QueryActionRun.objects.filter(seller_id=seller_id, id=run_id, ended_at=None).update(ended_at=clock())


def runs_left(*, before: datetime) -> Sequence[QueryActionRun]:
    """Return runs of all shops that began before an instant and have not ended, the oldest first."""
    with cross_seller("actions in several queries that no job does any more"):
        left = QueryActionRun.objects.filter(ended_at=None, started_at__lt=before)
        return list(left.order_by("started_at")[:100])


def _do(run: QueryActionRun, line: QueryActionLine, *, now: datetime) -> None:
    keys = IdempotencyKey.objects.filter(seller_id=line.seller_id, scope=ANSWER, key=_key(line))
    if keys.exists():  # A process died beside it; whoever started it may have lost the right since.
        _settle(line, now, state=State.DONE)
        return
    try:
        _act(run, line, by=_who_started(run), now=now)
        _settle(line, now, state=State.DONE)
    except Refused as refusal:
        _settle(line, now, state=State.REFUSED, refusal_code=refusal.code, refusal=str(refusal)[:1000])


def _act(run: QueryActionRun, line: QueryActionLine, *, by: Actor, now: datetime) -> None:
    number, last_message_id = line.query_number, line.last_message_id
    if run.kind == Kind.ANSWER:
        answer_query(
            number=number,
            message=line.text,
            leave_open=bool(run.leave_open),
            last_message_id=last_message_id,
            by=by,
            key=_key(line),
            now=now,
        )
    elif run.kind == Kind.ASSIGN:
        assign_query(number=number, user_id=run.assignee_user_id, by=by, now=now)
    elif run.kind == Kind.FOLLOW_UP_LATER:
        put_aside(
            number=number,
            state=run.kind,
            follow_up_on=run.follow_up_on,
            reason=run.reason,
            last_message_id=last_message_id,
            by=by,
            now=now,
        )
    else:
        close_query(number=number, last_message_id=last_message_id, by=by, now=now)


def _key(line: QueryActionLine) -> str:
    return f"action-{line.id}"


def _settle(line: QueryActionLine, now: datetime, **result: object) -> None:
    pending = QueryActionLine.objects.filter(seller_id=line.seller_id, id=line.id, state=State.PENDING)
    pending.update(settled_at=now, text="", **result)


def _who_started(run: QueryActionRun) -> Actor:
    """Return who started the run, with the rights of now. Raises ReadOnly for somebody who left the shop."""
    actor = actor_again(seller_id=run.seller_id, user_id=run.by_user_id, client_id=run.by_client_id)
    if actor is None:
        raise ReadOnly(_("%(name)s may not act for this shop any more.") % {"name": run.by_name})
    return actor
