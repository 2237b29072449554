"""Answer, assign, put aside or close many customer queries at once: preview, start, read what came of each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router

from lostpost.accounts.actor import Actor
from lostpost.accounts.reads import member_of_email
from lostpost.api.http.auth import ApiRequest, acting_in_shop, acting_seller, scope
from lostpost.api.http.idempotency import KeyHeader, json_text, with_idempotency_key
from lostpost.api.http.pagination import Shop
from lostpost.api.query_actions.schemas import NOBODY, ActionIn, ActionPreviewOut, ActionRunOut
from lostpost.core.errors import Refused, Rejected
from lostpost.query_actions.models import QueryActionLine, QueryActionRun
from lostpost.query_actions.preview_action import QueryAction, QueryWish, preview_action
from lostpost.query_actions.start_action import STARTS, start_action
from lostpost.web.problems import not_found

router = Router(tags=["customer queries"])
reads, writes = scope("seller:read", "seller:write"), scope("seller:write")

# As the operation for one query has it; its state is another word.
KIND_OF = {"put-aside": QueryActionRun.Kind.FOLLOW_UP_LATER.value}
ACTION_OF = {kind: action for action, kind in KIND_OF.items()}


@router.post(
    "/customer-queries/actions/preview", response=ActionPreviewOut, auth=reads, operation_id="preview_query_action"
)
def post_action_preview(request: ApiRequest, body: ActionIn, seller: Shop = None) -> dict[str, Any]:
    """Say what an action would do in each customer query, or why it would not, without a trace."""
    by = acting_in_shop(request, seller)
    preview = preview_action(_action(body, by), _wishes(body), by=by, now=timezone.now())
    return {
        "refusal": _refusal(preview.refusal) if preview.refusal else None,
        "customer_queries": [
            {
                "customer_query": line.wish.query,
                "order_number": line.order_number or None,
                "message": line.text or None,
                "token": None if line.refusal else line.token,
                "refusal": _refusal(line.refusal) if line.refusal else None,
            }
            for line in preview.lines
        ],
    }


@router.post("/customer-queries/actions", response={201: ActionRunOut}, auth=writes, operation_id="create_query_action")
def post_action(request: ApiRequest, body: ActionIn, key: KeyHeader, seller: Shop = None) -> HttpResponse:
    """Do one thing in many customer queries, each by itself. Safe to repeat with the same Idempotency-Key.

    It is done in the background; read it again to see what came of each.
    """
    by = acting_in_shop(request, seller)
    return with_idempotency_key(
        lambda key: start_action(action=_action(body, by), wishes=_wishes(body), by=by, key=key, now=timezone.now()),
        key=key,
        scope=STARTS,
        seller_id=by.seller_id,
        answer=lambda run: json_text(ActionRunOut(**_run(run))),
    )


@router.get("/customer-query-actions/{uuid:action}", response=ActionRunOut, auth=reads, operation_id="get_query_action")
def get_action(request: ApiRequest, action: UUID, seller: Shop = None) -> dict[str, Any]:
    """Get an action, with what came of each customer query so far."""
    shop = acting_seller(request, seller)
    run = QueryActionRun.objects.filter(seller_id=shop.id, id=action).first()
    if run is None:
        raise not_found()
    return _run(run)


def _action(body: ActionIn, by: Actor) -> QueryAction:
    return QueryAction(
        kind=KIND_OF.get(body.action, body.action),
        template=body.template or "",
        message=body.message or "",
        leave_open=body.leave_open,
        user_id=_assignee(body.assignee, by) if body.action == "assign" else None,
        follow_up_on=body.follow_up_on,
        reason=body.reason or "",
    )


def _assignee(assignee: str | None, by: Actor) -> int | None:
    """Return the user who shall have the queries; None: nobody. Raises: Rejected for who is not of the shop."""
    if not assignee:
        raise Rejected(_("Say to whom: give “assignee”."))
    if assignee == NOBODY:
        return None
    member = member_of_email(by.seller_id, assignee)
    if member is None:
        raise Rejected(_("Nobody of this shop has the e-mail address “%(email)s”.") % {"email": assignee})
    return member.user_id


def _wishes(body: ActionIn) -> list[QueryWish]:
    return [QueryWish(line.customer_query, line.token or "") for line in body.customer_queries]


def _refusal(refusal: Refused) -> dict[str, str]:
    return {"code": refusal.code, "text": str(refusal)}


def _run(run: QueryActionRun) -> dict[str, Any]:
    lines = QueryActionLine.objects.filter(seller_id=run.seller_id, run_id=run.id).order_by("position")
    return {
        "id": run.id,
        "action": ACTION_OF.get(run.kind, run.kind),
        "assignee": run.assignee_name or None,
        "started_at": run.started_at,
        "by": run.by_name,
        "ended_at": run.ended_at,
        "customer_queries": [
            {
                "customer_query": line.query_number,
                "order_number": line.order_number or None,
                "state": line.state,
                "refusal": {"code": line.refusal_code, "text": line.refusal} if line.refusal_code else None,
            }
            for line in lines
        ],
    }
