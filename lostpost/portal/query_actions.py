"""One action for the customer queries that were ticked: look at each line, confirm, see what came of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lostpost.accounts.reads import members_who_manage
from lostpost.accounts.sections import Section
from lostpost.answering.templates import templates_by_name
from lostpost.core.errors import Refused
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.chosen_queries import chosen_queries
from lostpost.portal.forms import CLOSE, LEAVE_OPEN
from lostpost.portal.list_place import ListPlace
from lostpost.portal.sent_forms import FormProblem, key_in, new_key, posted
from lostpost.query_actions.models import QueryActionLine, QueryActionRun
from lostpost.query_actions.preview_action import LINES_MAX, LONGEST_TOKEN, QueryAction, QueryWish, preview_action
from lostpost.query_actions.start_action import start_action
from lostpost.texts.query_actions import EFFECTS, TITLES, confirm_text, run_text
from lostpost.web.http import status_of

_NUMBER = re.compile(r"[0-9]{1,20}")

Kind = QueryActionRun.Kind
State = QueryActionLine.State


@of_shop(Section.QUERIES)
@require_safe
def choose_action(request: PortalRequest) -> HttpResponse:
    """Ask how the ticked queries are to be answered, assigned or put aside, and show what that does in each."""
    numbers = chosen_queries(request, most=min(request.policy.query_action_lines_max, LINES_MAX))
    wishes, action = _wishes_in(request.GET, numbers), _action_in(request.GET)
    if action.kind not in Kind.values or not wishes:
        return _to_list(request)
    return _page(request, action, wishes, shows_lines=action.kind == Kind.CLOSE or "preview" in request.GET)


@of_shop(Section.QUERIES)
@posted(back="portal:query-actions")
def confirm_action(request: PortalRequest) -> HttpResponse:
    """Start what the page before showed: once, however often it is sent, or not at all."""
    sent = request.POST
    wishes, action, key = _wishes_in(sent, sent.getlist("query")), _action_in(request.POST), key_in(request.POST)
    if action.kind not in Kind.values or not wishes:
        return _to_list(request)
    if not key:
        problem = _("Something was missing from what your browser sent. Look at it again, then confirm.")
        return _page(request, action, wishes, problems=[FormProblem(problem)], status=422)
    try:
        run = start_action(action=action, wishes=wishes, by=request.actor, key=key, now=timezone.now())
    except Refused as refusal:
        return _page(request, action, wishes, problems=[FormProblem(str(refusal))], status=status_of(refusal))
    to_run: HttpResponse = redirect("portal:query-action", seller=request.seller.code, run=run.id)
    to_run["Location"] += ListPlace.read(request).suffix
    return to_run


@of_shop(Section.QUERIES)
@require_safe
def action_page(request: PortalRequest, run: UUID) -> HttpResponse:
    """Show what came of an action in each query."""
    row = QueryActionRun.objects.filter(seller_id=request.seller.id, id=run).first()
    if row is None:
        raise Http404
    lines = list(QueryActionLine.objects.filter(seller_id=row.seller_id, run_id=row.id).order_by("position"))
    place = ListPlace.read(request)
    refused = [line.query_number for line in lines if line.state == State.REFUSED and line.order_number]
    context = {
        "run": row,
        "title": TITLES[Kind(row.kind)],
        "done_text": run_text(row),
        "lines": lines,
        "done": sum(1 for line in lines if line.state == State.DONE),
        "refused": sum(1 for line in lines if line.state == State.REFUSED),
        "left": sum(1 for line in lines if line.state == State.PENDING),
        "again": _parameters(row.kind, refused, place) if refused and request.actor.may_manage(Section.QUERIES) else "",
        "list_url": place.list_url(request),
        "place": place,
    }
    return render(request, "portal/query_action.html", context)


def _page(
    request: PortalRequest,
    action: QueryAction,
    wishes: Sequence[QueryWish],
    *,
    shows_lines: bool = True,
    problems: Sequence[FormProblem] = (),
    status: int = 200,
) -> HttpResponse:
    now, place, preview = timezone.now(), ListPlace.read(request), None
    if shows_lines:
        try:
            preview = preview_action(action, wishes, by=request.actor, now=now)
        except Refused as refusal:
            problems, status = problems or [FormProblem(str(refusal))], status_of(refusal)
    if preview and preview.refusal and not problems:
        problems = [FormProblem(str(preview.refusal))]
    context = {
        "action": action,
        "title": TITLES[Kind(action.kind)],
        "effect": EFFECTS[Kind(action.kind)],
        "numbers": [wish.query for wish in wishes],
        "preview": preview,
        "ready": preview.ready if preview else [],
        "refused": [line for line in preview.lines if line.refusal] if preview else [],
        "confirm": confirm_text(action.kind, len(preview.ready)) if preview else "",
        "again": _parameters(action.kind, [wish.query for wish in wishes], place),
        "problems": problems,
        "key": new_key(),
        "place": place,
        "list_url": place.list_url(request),
        **_choices(request, action),
    }
    return render(request, "portal/query_actions.html", context, status=status)


def _choices(request: PortalRequest, action: QueryAction) -> dict[str, Any]:
    """Return what may be chosen for an action."""
    if action.kind == Kind.ANSWER:
        return {"templates": templates_by_name(request.seller.id)}
    if action.kind == Kind.ASSIGN:
        return {"colleagues": members_who_manage(request.seller.id, Section.QUERIES)}
    today = timezone.localdate()
    return {"follow_up_on": today + timedelta(days=3), "first_follow_up_on": today + timedelta(days=1)}


def _to_list(request: PortalRequest) -> HttpResponse:
    messages.warning(request, _("Choose at least one customer query in the list first."))
    return redirect(ListPlace.read(request).list_url(request))


def _parameters(kind: str, numbers: Sequence[str], place: ListPlace) -> str:
    """Return the query string that asks for an action in these queries again."""
    return f"?{urlencode([('do', kind), ('list', place.listed), *(('query', number) for number in numbers)])}"


def _action_in(form: QueryDict) -> QueryAction:
    user, day = form.get("user", ""), form.get("follow_up_on", "")
    return QueryAction(
        kind=form.get("do", ""),
        template=form.get("template", ""),
        leave_open={LEAVE_OPEN: True, CLOSE: False}.get(form.get("leave_open", "")),
        user_id=int(user) if user.isascii() and user.isdigit() and len(user) < 19 else None,
        follow_up_on=_day_in(day),
        reason=form.get("reason", ""),
    )


def _day_in(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _wishes_in(form: QueryDict, chosen: Sequence[str]) -> list[QueryWish]:
    """Read the queries, each once, with what the page before showed of each; what is no number is left out."""
    numbers = dict.fromkeys(number for number in chosen if _NUMBER.fullmatch(number))
    return [QueryWish(number, form.get(f"token-{number}", "")[:LONGEST_TOKEN]) for number in numbers]
