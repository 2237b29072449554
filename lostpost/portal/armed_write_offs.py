"""Arm a write-off before its day: choose, confirm; list what is armed, and disarm it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lostpost.accounts.sections import Section
from lostpost.armed_write_offs.arm_write_off import arm_write_off
from lostpost.armed_write_offs.disarm_write_off import disarm_write_off
from lostpost.armed_write_offs.models import ArmedWriteOff
from lostpost.armed_write_offs.preview_armed import ArmedPreview, preview_armed
from lostpost.core.errors import Refused
from lostpost.core.keyset import key_from_text, page_of, pager
from lostpost.customer_queries.models import CustomerQuery
from lostpost.insight.order_parcels import ShownUnit, UnitState, shown_parcels
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.figures import figures_of
from lostpost.portal.list_place import ListPlace, query_url
from lostpost.portal.own_query import own_query
from lostpost.portal.selection import Selection
from lostpost.portal.sent_forms import FormProblem, key_in, new_key, posted
from lostpost.texts.disarming import disarm_text
from lostpost.texts.moments import instant_text
from lostpost.web.http import status_of
from lostpost.writeoffs.assess_order import assess_order

PAGE_SIZE = 25
_MAY_BE_ARMED = (UnitState.NOT_YET, UnitState.ELIGIBLE)


@of_shop(Section.WRITE_OFFS)
def arm_page(request: PortalRequest, number: str) -> HttpResponse:
    """Choose what is to be written off once it is possible; posted, look at what it comes to."""
    query = own_query(request, number)
    if request.method != "POST":
        return _choose(request, query, Selection.of(request.GET))
    selection = Selection.of(request.POST)
    try:
        preview = preview_armed(query, selection.units, now=timezone.now())
    except Refused as refusal:
        return _choose(request, query, selection, refusal=refusal)
    return _last_page(request, query, preview, selection)


@of_shop(Section.WRITE_OFFS)
@posted(back="portal:arm-write-off")
def confirm_arming(request: PortalRequest, number: str) -> HttpResponse:
    """Arm what the page before showed: once, however often it is sent, or not at all."""
    query, selection, key = own_query(request, number), Selection.of(request.POST), key_in(request.POST)
    token = request.POST.get("token", "")
    if not key or not token:
        problem = _("Something was missing from what your browser sent. Look at the items again, then continue.")
        return _choose(request, query, selection, problem=problem)
    try:
        armed = arm_write_off(
            query=number, selection=selection.units, by=request.actor, key=key, now=timezone.now(), token=token
        )
    except Refused as refusal:
        return _choose(request, own_query(request, number), selection, refusal=refusal)
    sentence = _("Armed for %(when)s, unless there is news before. You get an e-mail either way.")
    messages.success(request, sentence % {"when": instant_text(armed.due_at)})
    return redirect(query_url(request, number, ListPlace.read(request)))


@of_shop(Section.WRITE_OFFS)
@require_safe
def armed_write_offs_page(request: PortalRequest) -> HttpResponse:
    """List the armed write-offs, newest first, with what came of those that ended."""
    return _list(request)


@of_shop(Section.WRITE_OFFS)
def disarm_page(request: PortalRequest, armed: UUID) -> HttpResponse:
    """Disarm one; a GET (after signing in again, say) gets the list."""
    if request.method != "POST":
        return redirect("portal:armed-write-offs", seller=request.seller.code)
    try:
        disarm_write_off(armed_id=armed, by=request.actor, now=timezone.now())
    except Refused as refusal:
        return _list(request, problems=[FormProblem(str(refusal))], status=status_of(refusal))
    messages.success(request, _("Disarmed. Nothing was written off."))
    return redirect("portal:armed-write-offs", seller=request.seller.code)


def _list(request: PortalRequest, *, problems: Sequence[FormProblem] = (), status: int = 200) -> HttpResponse:
    rows = ArmedWriteOff.objects.filter(seller_id=request.seller.id).select_related("query", "order", "write_off")
    page = page_of(
        rows, by="armed_at", after=key_from_text(request.GET.get("after", "")), size=PAGE_SIZE, newest_first=True
    )
    context = {
        "rows": [{"armed": armed, "because": disarm_text(armed.reason) if armed.reason else ""} for armed in page.rows],
        "problems": problems,
        **pager(page, request.GET),
    }
    return render(request, "portal/armed_write_offs.html", context, status=status)


def _choose(
    request: PortalRequest,
    query: CustomerQuery,
    selection: Selection,
    *,
    refusal: Refused | None = None,
    problem: str = "",
) -> HttpResponse:
    """Show what may be armed, all of it ticked at first, with why the page after it refuses the choice."""
    assessment = assess_order(query.order, now=timezone.now())
    units = [
        (parcel, _chosen(unit, selection, at))
        for parcel in shown_parcels(assessment)
        for at, unit in enumerate(parcel.units)
        if unit.state in _MAY_BE_ARMED
    ]
    sentence = problem or (str(refusal) if refusal else "")
    context = _about(request, query) | {
        "units": [{"parcel": parcel, "unit": unit} for parcel, unit in units],
        "waits": any(unit.state == UnitState.NOT_YET for _parcel, unit in units),
        "problems": [FormProblem(sentence)] if sentence else [],
    }
    status = status_of(refusal) if refusal else 422 if problem else 200
    return render(request, "portal/arm_write_off.html", context, status=status)


def _chosen(unit: ShownUnit, selection: Selection, at: int) -> ShownUnit:
    typed = selection.typed.get(unit.value)
    ticked = typed is not None if selection.typed else unit.state == UnitState.NOT_YET
    return replace(unit, id=f"{unit.value}-{at}", ticked=ticked, quantity=typed or "")


def _last_page(
    request: PortalRequest, query: CustomerQuery, preview: ArmedPreview, selection: Selection
) -> HttpResponse:
    context = _about(request, query) | {
        "figures": figures_of(preview.amounts),
        "due_at": preview.due_at,
        "picks": [{"value": value, "quantity": typed} for value, typed in selection.typed.items()],
        "back": selection.as_query,
        "token": preview.token,
        "key": new_key(),
    }
    return render(request, "portal/arm_write_off_confirm.html", context)


def _about(request: PortalRequest, query: CustomerQuery) -> dict[str, Any]:
    return {"query": query, "order": query.order, "place": ListPlace.read(request)}
