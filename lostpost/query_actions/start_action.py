"""Start an action for several queries: what was previewed is confirmed, and a job does it line by line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.core.errors import Rejected
from lostpost.core.idempotency import IdempotencyClaim, claim, keeps_answer
from lostpost.core.jobs import Job, defer
from lostpost.core.ownership import uuid7
from lostpost.core.queues import DOCUMENTS
from lostpost.customer_queries.put_aside import require_reason
from lostpost.query_actions.models import QueryActionLine, QueryActionRun
from lostpost.query_actions.preview_action import ActionLine, QueryAction, QueryWish, preview_action

RUN_ACTION = "query-actions.run"
STARTS = "query-action"  # The scope of the keys.

Kind = QueryActionRun.Kind


@transaction.atomic(durable=True)
@keeps_answer(STARTS)
def start_action(
    *,
    action: QueryAction,
    wishes: Sequence[QueryWish],
    by: Actor,
    key: str | IdempotencyClaim,
    now: datetime,
) -> QueryActionRun:
    """Record an action and have it done in each query. A retry with the same `key` returns the first run.

    Lines that are refused now are recorded with the reason, and hold no other up. What an answer says is settled here.

    Raises: ReadOnly, KeyReused, TooManyQueries, Rejected (no line is ready, and what `preview_action` raises); none of
    them leaves a trace.
    """
    require_writer(by, Section.QUERIES)
    run_id = uuid7()
    content = [*_as_json(action), [[wish.query, wish.token] for wish in wishes]]
    if earlier := claim(key, scope=STARTS, seller_id=by.seller_id, content=content, result_id=run_id, now=now):
        return QueryActionRun.objects.get(seller_id=by.seller_id, id=earlier)
    preview = preview_action(action, wishes, by=by, now=now)
    if not preview.ready:
        raise Rejected(_("Nothing can be done in any of these customer queries; each line says why."))
    if preview.refusal:
        raise preview.refusal
    run = QueryActionRun(
        seller_id=by.seller_id,
        id=run_id,
        kind=action.kind,
        template=action.template if action.kind == Kind.ANSWER else "",
        leave_open=action.leave_open if action.kind == Kind.ANSWER else None,
        assignee_user_id=preview.assignee.user_id if preview.assignee else None,
        assignee_name=preview.assignee.name if preview.assignee else "",
        follow_up_on=action.follow_up_on if action.kind == Kind.FOLLOW_UP_LATER else None,
        reason=require_reason(action.reason) if action.kind == Kind.FOLLOW_UP_LATER else "",
        language=get_language() or "en",
        started_at=now,
        by_user_id=by.user_id,
        by_client_id=by.client_id,
        by_name=by.name,
    )
    run.save(force_insert=True)
    QueryActionLine.objects.bulk_create(
        _row(run, position, line, now) for position, line in enumerate(preview.lines, start=1)
    )
    defer(action_job(run))
    return run


def action_job(run: QueryActionRun) -> Job:
    """Return the job that does a run, one at a time."""
    name = f"{RUN_ACTION}:{run.id}"
    return Job(RUN_ACTION, DOCUMENTS, {"seller": str(run.seller_id), "run": str(run.id)}, lock=name, waits_once=name)


def _as_json(action: QueryAction) -> list[object]:
    return [
        *(action.kind, action.template, action.message, action.leave_open),
        *(action.user_id, action.follow_up_on, action.reason),
    ]


def _row(run: QueryActionRun, position: int, line: ActionLine, now: datetime) -> QueryActionLine:
    state = QueryActionLine.State
    guarded = line.query if run.kind != Kind.ASSIGN else None
    return QueryActionLine(
        seller_id=run.seller_id,
        run_id=run.id,
        position=position,
        query_number=line.wish.query[:20],
        order_number=line.order_number,
        last_message_id=guarded.last_message_id if guarded else None,
        text="" if line.refusal else line.text,
        state=state.REFUSED if line.refusal else state.PENDING,
        refusal_code=line.refusal.code if line.refusal else "",
        refusal=str(line.refusal)[:1000] if line.refusal else "",
        settled_at=now if line.refusal else None,
    )
