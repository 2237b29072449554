"""The write-off screen behind “Write off item/order”, its last page, and the final confirmation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lostpost.core.errors import Conflict, Refused
from lostpost.core.money import format_money
from lostpost.customer_queries.clock_hours import is_late
from lostpost.customer_queries.models import CustomerQuery
from lostpost.eligibility.query import query_refusals
from lostpost.insight.order_parcels import shown_parcels
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.change_detection import (
    Changes,
    ShownState,
    change_detection,
    changes,
    changes_of_state,
    shown_state,
)
from lostpost.portal.figures import Figures, figures_of
from lostpost.portal.own_query import own_query
from lostpost.portal.selection import Selection, SelectionRows
from lostpost.portal.sent_forms import FormProblem, key_in, new_key, posted
from lostpost.web.http import status_of
from lostpost.writeoffs.assess_order import OrderAssessment, assess_order
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.preview_write_off import Preview, preview_of
from lostpost.writeoffs.selection import NotEligible, NothingSelected, QuantityUnavailable
from lostpost.writeoffs.write_off import write_off

LONGEST_ADDRESS = 2000  # Of more, servers and browsers make what they like.
_TOKEN = re.compile(r"[0-9a-f]{64}\.[0-9a-f]{64}")


@of_shop
@require_safe
def write_off_page(request: PortalRequest, number: str) -> HttpResponse:
    """Show every unit of the order with what may be done about it; ticks may come with the link."""
    query, selection = own_query(request, number), Selection.of(request.GET)
    assessment = assess_order(query.order, now=timezone.now())
    changed = changes_of_state(ShownState.of(request.GET), assessment, request.actor) if selection.typed else Changes()
    return _screen(request, query, assessment, selection, changed=changed)


@of_shop
@posted(back="portal:write-off")
def check_write_off(request: PortalRequest, number: str) -> HttpResponse:
    """Work out what is ticked: the amounts alone (step=figures), or the last page before the write-off."""
    query, selection = own_query(request, number), Selection.of(request.POST)
    assessment = assess_order(query.order, now=timezone.now())
    if request.POST.get("step") == "figures":
        return _with_figures(request, query, assessment, selection)
    rows = SelectionRows.of(shown_parcels(assessment), selection)
    changed = changes(request.POST.get("seen", ""), assessment, request.actor)
    if changed or rows.problems:
        return _screen(request, query, assessment, selection, changed=changed, problems=rows.problems)
    try:
        preview = preview_of(query, assessment, selection.units)
    except Refused as refusal:
        return _refused(request, number, selection, refusal)
    last_page = reverse("portal:write-off-confirm", kwargs={"seller": request.seller.code, "number": number})
    address = f"{last_page}{selection.as_query}{shown_state(assessment).as_query}"
    if len(address) <= LONGEST_ADDRESS:
        return redirect(address)  # An address of its own, so that the browser's way back and a reload work.
    return _last_page(request, query, preview, selection)


@of_shop
def confirm_write_off(request: PortalRequest, number: str) -> HttpResponse:
    """Show the last page; sent from there, write off what it showed: once, however often it is sent, or not at all."""
    query = own_query(request, number)
    if request.method != "POST":
        return _before_confirming(request, query)
    selection, key, token = Selection.of(request.POST), key_in(request.POST), request.POST.get("token", "")
    if not key or not _TOKEN.fullmatch(token):
        problem = _("Something was missing from what your browser sent. Look at the items again, then continue.")
        assessment = assess_order(query.order, now=timezone.now())
        return _screen(request, query, assessment, selection, problems=[FormProblem(problem)])
    try:
        result = write_off(
            query=number, selection=selection.units, by=request.actor, key=key, now=timezone.now(), token=token
        )
    except Refused as refusal:
        return _refused(request, number, selection, refusal)
    messages.success(request, _success(result))
    return redirect("portal:customer-query", seller=request.seller.code, number=number)


def _before_confirming(request: PortalRequest, query: CustomerQuery) -> HttpResponse:
    """Show the last page for the ticks in the address, or the screen if the order is not as it was when checked."""
    selection = Selection.of(request.GET)
    if not selection.typed or not request.actor.may_write:
        return redirect("portal:write-off", seller=request.seller.code, number=query.number)
    assessment = assess_order(query.order, now=timezone.now())
    if changed := changes_of_state(ShownState.of(request.GET), assessment, request.actor):
        return _screen(request, query, assessment, selection, changed=changed)
    try:
        preview = preview_of(query, assessment, selection.units)
    except Refused as refusal:
        return _refused(request, query.number, selection, refusal)
    return _last_page(request, query, preview, selection)


def _success(result: WriteOff) -> str:
    amount = format_money(result.refund_minor, result.currency, get_language() or "en")
    return _(
        "Written off. The customer receives %(amount)s and an e-mail about it; it is settled on your sales invoice."
    ) % {"amount": amount}


def _screen(
    request: PortalRequest,
    query: CustomerQuery,
    assessment: OrderAssessment,
    selection: Selection,
    *,
    changed: Changes | None = None,
    problems: list[FormProblem] | None = None,
    status: int = 0,
) -> HttpResponse:
    """Show the order's state now; 409 if it changed since the page before, 422 if something is invalid.

    After a write-off nothing is ticked: the selection was for the state before it.
    """
    if changed and changed.write_offs:
        selection, problems = Selection(), None
    rows = SelectionRows.of(shown_parcels(assessment), selection)
    figures, figure_problems = _figures(query, assessment, rows.sound)
    refusals = query_refusals(query_state=query.state)
    context = _about(query) | {
        "late": is_late(query, country=request.seller.country, zone=assessment.policy.zone, now=assessment.assessed_at),
        "parcels": rows.parcels,
        "eligible": rows.eligible,
        "refusals": refusals,
        "figures": figures,
        "figure_problems": figure_problems,
        "ticked": bool(selection.typed),
        "quiet_days": assessment.policy.quiet_days,
        "seen": change_detection(assessment),
        "shown": shown_state(assessment),
        "changed": changed,
        "problems": problems,
    }
    fallback = 409 if changed else 422 if problems else 200
    return render(request, "portal/write_off.html", context, status=status or fallback)


def _with_figures(
    request: PortalRequest, query: CustomerQuery, assessment: OrderAssessment, selection: Selection
) -> HttpResponse:
    if not request.htmx:
        return _screen(request, query, assessment, selection)
    changed = changes(request.POST.get("seen", ""), assessment, request.actor)
    rows = SelectionRows.of(shown_parcels(assessment), selection)
    figures, problems = _figures(query, assessment, rows.sound)
    context = {
        "figures": figures,
        "figure_problems": [*rows.problems, *problems],
        "ticked": bool(selection.typed),
        "changed": changed,
    }
    return render(request, "parts/figures.html", _about(query) | context)


def _figures(
    query: CustomerQuery, assessment: OrderAssessment, selection: Selection
) -> tuple[Figures | None, Sequence[FormProblem]]:
    """Compute the amounts of the valid part of the selection, or show why that is refused."""
    if not selection.typed:
        return None, ()
    try:
        preview = preview_of(query, assessment, selection.units)
    except Refused as refusal:
        return None, [FormProblem(str(refusal))]
    return figures_of(preview.amounts), ()


def _last_page(request: PortalRequest, query: CustomerQuery, preview: Preview, selection: Selection) -> HttpResponse:
    back = selection.as_query + shown_state(preview.assessment).as_query
    context = _about(query) | {
        "figures": figures_of(preview.amounts),
        "picks": [{"value": value, "quantity": typed} for value, typed in selection.typed.items()],
        "back": back if len(back) <= LONGEST_ADDRESS else "",
        "seen": change_detection(preview.assessment),
        "token": preview.token,
        "key": new_key(),
    }
    return render(request, "portal/write_off_confirm.html", context)


def _refused(request: PortalRequest, number: str, selection: Selection, refusal: Refused) -> HttpResponse:
    """Show the screen again, with the state after the refusal, its reason and its place."""
    query = own_query(request, number)
    assessment = assess_order(query.order, now=timezone.now())
    status = status_of(refusal)
    if isinstance(refusal, Conflict):
        changed = changes(request.POST.get("seen", ""), assessment, request.actor) or Changes([str(refusal)])
        return _screen(request, query, assessment, selection, changed=changed, status=status)
    problems = [FormProblem(str(refusal))]
    if isinstance(refusal, NotEligible | QuantityUnavailable | NothingSelected):  # About rows: each row shows its own.
        problems = SelectionRows.of(shown_parcels(assessment), selection).problems or problems
    return _screen(request, query, assessment, selection, problems=problems, status=status)


def _about(query: CustomerQuery) -> dict[str, Any]:
    return {"query": query, "order": query.order}
