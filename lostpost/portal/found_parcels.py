"""A parcel that was found after its write-off: what says so, and what the shop decides about its units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from lostpost.accounts.sections import Section
from lostpost.core.errors import Refused
from lostpost.found_parcels.decide_found_parcel import decide_found_parcel, withdraw_question
from lostpost.found_parcels.models import FoundCase, FoundOutcome
from lostpost.found_parcels.preview_outcome import may_act_until, preview_outcome
from lostpost.found_parcels.reads import evidence_of, found_case, outcomes_of
from lostpost.found_parcels.report_came_back import report_came_back
from lostpost.found_parcels.states import State
from lostpost.found_parcels.units_left import units_left
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.own_query import own_query
from lostpost.portal.queries import refused, unknown_form
from lostpost.portal.sent_forms import FormProblem, key_in, new_key, posted
from lostpost.texts.found_parcels import shown_evidence
from lostpost.web.http import status_of

Kind = FoundOutcome.Kind
MOST_DIGITS = 6


@of_shop(Section.WRITE_OFFS)
def found_parcel(request: PortalRequest, case: str) -> HttpResponse:
    """Show a case; sent from there, show the last page (step=check), and from that decide (step=confirm)."""
    row = _own_case(request, case)
    if request.method != "POST":
        return _page(request, row)
    kind, reason, quantities = request.POST.get("kind", ""), request.POST.get("reason", ""), _quantities(request)
    now = timezone.now()
    try:
        if request.POST.get("step") != "confirm":
            preview = preview_outcome(row, kind=kind, quantities=quantities, now=now)
            if kind == Kind.LET_GO and not reason.strip():
                problem = _("Write down why you let it go: it stays on the timeline.")
                return _page(request, row, problems=[FormProblem(problem, "#reason")], status=422)
            context = {"case": row, "preview": preview, "reason": reason, "key": new_key()}
            return render(request, "portal/found_parcel_confirm.html", context)
        if not key_in(request.POST) or not request.POST.get("shown_minor", "").isdecimal():
            return _page(request, row, problems=[FormProblem(unknown_form())], status=422)
        decide_found_parcel(
            number=case,
            kind=kind,
            quantities=quantities,
            reason=reason,
            shown_minor=int(request.POST["shown_minor"][:18]),
            by=request.actor,
            key=key_in(request.POST),
            now=now,
        )
    except Refused as refusal:
        problems = [FormProblem(str(refusal))]
        return _page(request, _own_case(request, case), problems=problems, status=status_of(refusal))
    messages.success(request, _done(Kind(kind)))
    return redirect("portal:found-parcel", seller=request.seller.code, case=case)


@of_shop(Section.WRITE_OFFS)
@posted(back="portal:found-parcel")
def withdraw(request: PortalRequest, case: str) -> HttpResponse:
    """Withdraw the question whether the customer pays again."""
    _own_case(request, case)
    try:
        withdraw_question(number=case, by=request.actor, now=timezone.now())
    except Refused as refusal:
        problems = [FormProblem(str(refusal))]
        return _page(request, _own_case(request, case), problems=problems, status=status_of(refusal))
    messages.success(request, _("The question is withdrawn. Decide what follows instead."))
    return redirect("portal:found-parcel", seller=request.seller.code, case=case)


@of_shop(Section.QUERIES)
@posted(back="portal:customer-query")
def came_back(request: PortalRequest, number: str) -> HttpResponse:
    """Open a case for a parcel of a write-off of this query that came back to the shop."""
    own_query(request, number)
    write_off, _mark, parcel = request.POST.get("parcel", "").partition("/")
    note, now = request.POST.get("note", ""), timezone.now()
    try:
        case = report_came_back(write_off=write_off, parcel=parcel, note=note, by=request.actor, now=now)
    except Refused as refusal:
        return refused(request, number, refusal)
    messages.success(request, _("It is on the timeline. Decide what follows."))
    if request.actor.may_view(Section.WRITE_OFFS):
        return redirect("portal:found-parcel", seller=request.seller.code, case=case.number)
    return redirect("portal:customer-query", seller=request.seller.code, number=number)


def _own_case(request: PortalRequest, number: str) -> FoundCase:
    """Return the shop's case. Raises Http404: another shop's is none."""
    case = found_case(seller_id=request.seller.id, number=number)
    if case is None:
        raise Http404
    return case


def _quantities(request: PortalRequest) -> Mapping[str, int]:
    """Return how many of each item are meant, as typed: what is left empty or nought is not meant."""
    names = [name for name in request.POST if name.startswith("quantity-")]
    typed = {name.removeprefix("quantity-"): request.POST.get(name, "").strip() for name in names}
    counts = {item: int(text[:MOST_DIGITS]) if text.isdecimal() else -1 for item, text in typed.items() if text}
    return {item: count for item, count in counts.items() if count} or {"": 0}  # Nothing at all is refused.


def _done(kind: FoundOutcome.Kind) -> str:
    return {
        Kind.PAY_AGAIN: _("The customer gets an e-mail with the question. You hear of the answer here."),
        Kind.RETURN: _("It is noted as taken back. The customer keeps the refund."),
        Kind.LET_GO: _("It is let go. Nothing is paid or refunded."),
    }[kind]


def _page(
    request: PortalRequest, case: FoundCase, *, problems: list[FormProblem] | None = None, status: int = 200
) -> HttpResponse:
    lines = units_left(case.seller_id, case.write_off_id, case.parcel_id)
    now = timezone.now()
    ended = case.state == State.SETTLED or (case.state == State.UNANSWERED and now >= may_act_until(case))
    outcomes = outcomes_of(case)
    context: dict[str, Any] = {
        "case": case,
        "query": case.query,
        "order": case.order,
        "lines": lines,
        "evidence": shown_evidence(evidence_of(case)),
        "outcomes": outcomes,
        "asked": next((each for each in outcomes if each.state == FoundOutcome.State.ASKED), None),
        "decides": any(line.left for line in lines) and not ended and request.actor.may_manage(Section.WRITE_OFFS),
        "chosen": request.POST.get("kind", ""),
        "reason": request.POST.get("reason", ""),
        "act_until": may_act_until(case) if case.state == State.UNANSWERED else None,
        "ended": ended,
        "problems": problems or [],
    }
    return render(request, "portal/found_parcel.html", context, status=status)
