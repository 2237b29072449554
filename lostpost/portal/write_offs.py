"""The write-off screen behind “Write off item/order”, its last page, and the final confirmation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lostpost.accounts.sections import Section
from lostpost.armed_write_offs.reads import armed_of_order
from lostpost.connectors.carriers.ask_before_write_off import ask_before_write_off, ask_soon
from lostpost.core.errors import Conflict, Refused
from lostpost.core.money import format_money
from lostpost.customer_queries.clock_hours import is_late
from lostpost.customer_queries.models import CustomerQuery
from lostpost.eligibility.query import query_refusals
from lostpost.insight.order_parcels import ShownParcel, UnitState, shown_parcels
from lostpost.insight.radar import STATES
from lostpost.insight.silence_odds import OfInterest, full_days_silent, silence_odds
from lostpost.orders.models import Order
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.change_detection import Changes, changes
from lostpost.portal.figures import Figures, figures_of
from lostpost.portal.list_place import ListPlace, query_url
from lostpost.portal.own_query import own_query
from lostpost.portal.selection import Selection, SelectionRows
from lostpost.portal.sent_forms import FormProblem, key_in, new_key, posted
from lostpost.texts.connectors import carriers_not_asked_text
from lostpost.web.http import status_of
from lostpost.writeoffs.assess_order import OrderAssessment, assess_order
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.preview_token import LONGEST_TOKEN, PreviewToken
from lostpost.writeoffs.preview_write_off import Preview, preview_of
from lostpost.writeoffs.selection import NotEligible, NothingSelected, QuantityUnavailable
from lostpost.writeoffs.write_off import write_off

LONGEST_ADDRESS = 2000  # Of more, servers and browsers make what they like.
_TOKEN = re.compile(rf"[0-9A-Za-z._:=-]{{1,{LONGEST_TOKEN}}}")


@of_shop(Section.WRITE_OFFS)
@require_safe
def write_off_page(request: PortalRequest, number: str) -> HttpResponse:
    """Show every unit of the order with what may be done about it; ticks may come with the link."""
    query, selection = own_query(request, number), Selection.of(request.GET)
    assessment = assess_order(query.order, now=timezone.now(), policy=request.policy)
    changed = changes(request.GET.get("token", ""), assessment, request.actor) if selection.typed else None
    return _screen(request, query, assessment, _rows(assessment, selection), changed=changed)


@of_shop(Section.WRITE_OFFS)
@posted(back="portal:write-off")
def check_write_off(request: PortalRequest, number: str) -> HttpResponse:
    """Take what is ticked: to its amounts alone (step=figures), or to the last page before the write-off."""
    query, selection = own_query(request, number), Selection.of(request.POST)
    if request.POST.get("step") == "figures":
        return _with_figures(request, query, selection)
    ask_soon(seller_id=request.seller.id, parcels={each.parcel for each in selection.units})
    token = request.POST.get("token", "")
    last_page = reverse("portal:write-off-confirm", kwargs={"seller": request.seller.code, "number": number})
    address = ListPlace.read(request).added_to(f"{last_page}{selection.as_query}&{urlencode({'token': token})}")
    if selection.typed and len(address) <= LONGEST_ADDRESS:
        return redirect(address)  # An address of its own, so that the browser's way back and a reload work.
    return _before_confirming(request, query, selection, token)


@of_shop(Section.WRITE_OFFS)
def confirm_write_off(request: PortalRequest, number: str) -> HttpResponse:
    """Show the last page; sent from there, write off what it showed: once, however often it is sent, or not at all."""
    query = own_query(request, number)
    if request.method != "POST":
        selection = Selection.of(request.GET)
        if not selection.typed or not request.actor.may_manage(Section.WRITE_OFFS):
            screen = reverse("portal:write-off", kwargs={"seller": request.seller.code, "number": query.number})
            return redirect(ListPlace.read(request).added_to(screen))
        return _before_confirming(request, query, selection, request.GET.get("token", ""))
    selection, key, token = Selection.of(request.POST), key_in(request.POST), request.POST.get("token", "")
    if not key or not _TOKEN.fullmatch(token):
        problem = _("Something was missing from what your browser sent. Look at the items again, then continue.")
        assessment = assess_order(query.order, now=timezone.now())
        return _screen(request, query, assessment, _rows(assessment, selection), problems=[FormProblem(problem)])
    not_asked = ask_before_write_off(seller_id=request.seller.id, parcels={each.parcel for each in selection.units})
    try:
        result = write_off(
            query=number, selection=selection.units, by=request.actor, key=key, now=timezone.now(), token=token
        )
    except Refused as refusal:
        query = own_query(request, number)  # As it is after the refusal, like the assessment.
        assessment = assess_order(query.order, now=timezone.now())
        changed = changes(token, assessment, request.actor) if isinstance(refusal, Conflict) else None
        return _refused(request, query, assessment, _rows(assessment, selection), refusal, changed=changed)
    messages.success(request, _success(result))
    if not_asked:
        messages.warning(request, carriers_not_asked_text(not_asked))
    return redirect(query_url(request, number, ListPlace.read(request)))


def _before_confirming(request: PortalRequest, query: CustomerQuery, selection: Selection, token: str) -> HttpResponse:
    """Show the last page for what is ticked, or the screen if the order is not as it was or something is invalid."""
    assessment = assess_order(query.order, now=timezone.now())
    rows, changed = _rows(assessment, selection), changes(token, assessment, request.actor)
    if changed or rows.problems:
        return _screen(request, query, assessment, rows, changed=changed, problems=rows.problems)
    try:
        preview = preview_of(query, assessment, selection.units)
    except Refused as refusal:
        return _refused(request, query, assessment, rows, refusal)
    return _last_page(request, query, preview, selection)


def _rows(assessment: OrderAssessment, selection: Selection) -> SelectionRows:
    return SelectionRows.of(shown_parcels(assessment), selection)


def _success(result: WriteOff) -> str:
    amount = format_money(result.refund_minor, result.currency, get_language() or "en")
    return _(
        "Written off. The customer receives %(amount)s and an e-mail about it; it is settled on your sales invoice."
    ) % {"amount": amount}


def _screen(
    request: PortalRequest,
    query: CustomerQuery,
    assessment: OrderAssessment,
    rows: SelectionRows,
    *,
    changed: Changes | None = None,
    problems: list[FormProblem] | None = None,
    status: int = 0,
) -> HttpResponse:
    """Show the order's state now; 409 if it changed since the page before, 422 if something is invalid.

    After a write-off nothing is ticked: the selection was for the state before it.
    """
    if changed and changed.write_offs:
        rows, problems = SelectionRows.of(rows.parcels, Selection()), None
    figures, figure_problems = _figures(query, assessment, rows.sound)
    refusals = query_refusals(query_state=query.state)
    context = _about(request, query) | {
        "late": is_late(query, now=assessment.assessed_at),
        "parcels": _with_odds(rows.parcels, query.order, assessment.assessed_at),
        "eligible": rows.eligible,
        "armed": armed_of_order(seller_id=query.seller_id, order_id=query.order_id),
        "waits": any(row.state == UnitState.NOT_YET for row in rows.rows),
        "refusals": refusals,
        "figures": figures,
        "figure_problems": figure_problems,
        "ticked": bool(rows.selection.typed),
        "quiet_days": max((unit.assessment.policy.quiet_days for unit in assessment.units), default=0),
        "token": PreviewToken.of(assessment).signed,
        "changed": changed,
        "problems": problems,
    }
    fallback = 409 if changed else 422 if problems else 200
    return render(request, "portal/write_off.html", context, status=status or fallback)


def _with_odds(parcels: Sequence[ShownParcel], order: Order, now: datetime) -> list[ShownParcel]:
    """Add the odds that a silent parcel still comes, where its carrier scans it at all: one statement."""
    wanted = [_of_interest(parcel, order, now) for parcel in parcels]
    odds = silence_odds(parcel for parcel in wanted if parcel)
    return [
        replace(parcel, odds=odds.get(interest)) if interest else parcel
        for parcel, interest in zip(parcels, wanted, strict=True)
    ]


def _of_interest(parcel: ShownParcel, order: Order, now: datetime) -> OfInterest | None:
    if parcel.state not in STATES or not parcel.tracking_number or parcel.updated_at is None:
        return None
    return OfInterest(parcel.carrier, order.customer_country, full_days_silent(parcel.updated_at, now))


def _with_figures(request: PortalRequest, query: CustomerQuery, selection: Selection) -> HttpResponse:
    assessment = assess_order(query.order, now=timezone.now())
    rows = _rows(assessment, selection)
    if not request.htmx:
        return _screen(request, query, assessment, rows)
    changed = changes(request.POST.get("token", ""), assessment, request.actor)
    figures, problems = _figures(query, assessment, rows.sound)
    context = {
        "figures": figures,
        "figure_problems": [*rows.problems, *problems],
        "ticked": bool(selection.typed),
        "changed": changed,
    }
    return render(request, "parts/figures.html", _about(request, query) | context)


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
    place = ListPlace.read(request)
    back = place.added_to(f"{selection.as_query}&{urlencode({'token': preview.token})}")
    context = _about(request, query) | {
        "figures": figures_of(preview.amounts),
        "picks": [{"value": value, "quantity": typed} for value, typed in selection.typed.items()],
        "back": back if len(back) <= LONGEST_ADDRESS else place.suffix,
        "token": preview.token,
        "key": new_key(),
    }
    return render(request, "portal/write_off_confirm.html", context)


def _refused(
    request: PortalRequest,
    query: CustomerQuery,
    assessment: OrderAssessment,
    rows: SelectionRows,
    refusal: Refused,
    *,
    changed: Changes | None = None,
) -> HttpResponse:
    """Show the screen with the refusal's reason and its place."""
    status = status_of(refusal)
    if isinstance(refusal, Conflict):
        return _screen(request, query, assessment, rows, changed=changed or Changes([str(refusal)]), status=status)
    problems = [FormProblem(str(refusal))]
    if isinstance(refusal, NotEligible | QuantityUnavailable | NothingSelected):  # About rows: each row shows its own.
        problems = rows.problems or problems
    return _screen(request, query, assessment, rows, problems=problems, status=status)


def _about(request: PortalRequest, query: CustomerQuery) -> dict[str, Any]:
    return {"query": query, "order": query.order, "place": ListPlace.read(request)}
