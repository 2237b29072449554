"""Partnerservice: the queue of what it has to decide, and one case with every fact of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lostpost.accounts.reads import policy_of_version, seller_of_code
from lostpost.answering.attachments import attachments_of
from lostpost.carrier_feeds.reads import silent_feeds
from lostpost.compensations.money_left import money_left
from lostpost.core.errors import Refused
from lostpost.core.keyset import key_from_text, pager
from lostpost.declarations.reads import declarations_of
from lostpost.desk.access import DeskRequest, staff
from lostpost.desk.request_forms import HoldForm, InquiryForm, ProposalForm, RejectionForm, RequestAnswerForm
from lostpost.desk.request_steps import InvalidForm, agents_to_choose, do_step, form_of_step
from lostpost.eligibility.assess import assess
from lostpost.eligibility.facts import facts_from_json
from lostpost.eligibility.rules import OVERRIDABLE
from lostpost.insight.order_parcels import ShownParcel, ShownUnit, parcels_of, shown_parcels
from lostpost.insight.timeline import shown_timeline
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.partnerservice.reads import (
    BUCKETS,
    MINE,
    UNASSIGNED,
    WAITING,
    Kind,
    QueueFilter,
    earlier_losses,
    new_requests_in,
    proposed_override,
    request_with_case,
    requests_counted_by_kind,
    requests_in,
    steps_of,
)
from lostpost.web.http import status_of
from lostpost.web.new_in_list import answer_new, new_bar
from lostpost.writeoffs.assess_order import OrderAssessment, assess_order

PAGE_SIZE, MOST_COUNTED, MOST_EARLIER = 25, 100, 10
DAYS_PROPOSED = 14
NOTES = "note.added"  # Between the seller's own people.
State = PartnerserviceRequest.State


@staff("partnerservice")
@require_safe
def requests(request: DeskRequest) -> HttpResponse:
    """List what is to be decided, what is due first; what waits for others; or what was settled."""
    wanted = _filter(request)
    page = requests_in(wanted, after=key_from_text(request.GET.get("after", "")), size=PAGE_SIZE)
    counts = requests_counted_by_kind(most=MOST_COUNTED)
    now = timezone.now()
    context = {
        "bucket": wanted.bucket,
        "kind": wanted.kind,
        "assignee": wanted.assignee,
        "buckets": [
            {"state": WAITING, "count": _counted(sum(counts.values())), "url": _link(request.GET, state=WAITING)},
            *({"state": state, "count": None, "url": _link(request.GET, state=state)} for state in BUCKETS[1:]),
        ],
        "kinds": [
            {"kind": kind, "count": _counted(counts[kind]), "url": _link(request.GET, kind=kind)}
            for kind in Kind.values
        ],
        "all_kinds_url": _link(request.GET, kind=""),
        "assignees": [{"assignee": each, "url": _link(request.GET, assignee=each)} for each in ("", MINE, UNASSIGNED)],
        "silent_carriers": [each.carrier for each in silent_feeds()],
        "new": new_bar(*_bar(request), since=now) if wanted.bucket == WAITING else None,
        "requests": [{**_listed(case), "late": case.deadline_at < now} for case in page.rows],
    }
    return render(request, "desk/requests.html", {**context, **pager(page, request.GET)})


@staff("partnerservice")
@require_safe
def new_requests(request: DeskRequest) -> HttpResponse:
    """Count what came into an open queue: its script asks now and then."""
    wanted = _filter(request)
    return answer_new(
        request,
        *_bar(request),
        counted=lambda since: new_requests_in(wanted, since=since, most=MOST_COUNTED - 1),
        now=timezone.now(),
    )


def _bar(request: DeskRequest) -> tuple[str, str]:
    """Return the addresses that count what is new in the queue, and that read it again."""
    filters = _link(request.GET)
    return reverse("desk:new-requests") + filters, reverse("desk:requests") + filters


@staff("partnerservice")
@require_http_methods(["GET", "HEAD", "POST"])
def one_request(request: DeskRequest, seller: str, request_id: UUID) -> HttpResponse:
    """Show a case, and do what an agent decides about it (`step`)."""
    case = _case(seller, request_id)
    if request.method != "POST":
        return _page(request, case)
    try:
        done = do_step(request, case)
    except InvalidForm as invalid:
        return _page(request, case, form=invalid.form, status=invalid.status)
    except Refused as refusal:
        return _refused(request, _case(seller, request_id), refusal)
    messages.success(request, done.message, extra_tags=_url(case))
    return redirect("desk:requests") if done.settled else redirect(_url(case))


def _refused(request: DeskRequest, case: PartnerserviceRequest, refusal: Refused) -> HttpResponse:
    """Show the case as it is now, with what was typed and why it was not done."""
    typed = _typed(request, case)
    if typed is None:
        return _page(request, case, problems=[{"text": str(refusal), "href": ""}], status=status_of(refusal))
    typed.add_error(None, str(refusal))
    return _page(request, case, form=typed, status=status_of(refusal))


def _typed(request: DeskRequest, case: PartnerserviceRequest) -> forms.Form | None:
    for field, step in (
        ("answer", "answer"),
        ("question", "ask-seller"),
        ("reason", "propose"),
        ("rejection", "reject"),
        ("hold_reason", "hold-order"),
    ):
        if field in request.POST:
            return form_of_step(step, request, case)
    return None


def _filter(request: DeskRequest) -> QueueFilter:
    state, kind, assignee = (request.GET.get(name, "") for name in ("state", "kind", "assignee"))
    return QueueFilter(
        bucket=state if state in BUCKETS else WAITING,
        kind=kind if kind in Kind.values else "",
        assignee=assignee if assignee in (MINE, UNASSIGNED) else "",
        user_id=request.actor.user_id,
    )


def _link(parameters: QueryDict, **changed: str) -> str:
    """Return the list's own address with another filter, from its first page."""
    names = ("state", "kind", "assignee")
    values = {name: changed.get(name, parameters.get(name, "")) for name in names}
    return f"?{urlencode({name: value for name, value in values.items() if value})}"


def _case(seller: str, request_id: UUID) -> PartnerserviceRequest:
    shop = seller_of_code(seller)
    case = request_with_case(shop.id, request_id) if shop else None
    if case is None:
        raise Http404
    return case


def _url(case: PartnerserviceRequest) -> str:
    """Return the URL of the case's page, which also names the draft of an answer."""
    return reverse("desk:request", kwargs={"seller": case.seller.code, "request_id": case.id})


def _page(
    request: DeskRequest,
    case: PartnerserviceRequest,
    *,
    form: forms.Form | None = None,
    problems: list[dict[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the case as it was when it was requested, and as it is now."""
    order, now = case.query.order, timezone.now()
    assessment = assess_order(order, now=now)
    parcels = shown_parcels(assessment)
    timeline = shown_timeline(case.query, parcels, attachments_of(case.query))
    entries = [entry for entry in timeline if entry.kind != NOTES]
    override = proposed_override(case)
    units = _units(case, assessment, parcels)
    context = {
        "case": {**_row(case), "late": case.deadline_at < now},
        "order": order,
        **units,
        "entries": entries,
        "steps": steps_of(case),
        "declarations": {"asked": declarations_of(case.query)},
        "override": override,
        "own_proposal": override is not None and override.proposed_by_user_id == request.actor.user_id,
        "agents": agents_to_choose(request.actor),
        "earlier": [
            {
                "number": loss.number,
                "at": loss.confirmed_at,
                "amount_minor": loss.refund_minor,
                "currency": loss.currency,
            }
            for loss in earlier_losses(case, most=MOST_EARLIER)
        ],
        "form": form,
        "problems": problems,
        **_forms(form, order.currency, may_lift=units.get("may_override", False)),
    }
    return render(request, "desk/request.html", context, status=status)


def _units(case: PartnerserviceRequest, assessment: OrderAssessment, parcels: list[ShownParcel]) -> dict[str, Any]:
    """Return the units in question, then and now; nothing where the request is about the query as a whole."""
    if case.parcel_unit_id is None:
        return {"others": parcels}
    about = next(box for box in parcels for unit in box.units if unit.unit.id == case.parcel_unit_id)
    unit_now = next(unit for unit in about.units if unit.unit.id == case.parcel_unit_id)
    refusals = {refusal.code for refusal in unit_now.assessment.refusals}
    return {
        "unit": _as_asked(case, unit_now),
        "unit_now": unit_now,
        "may_override": bool(refusals) and refusals <= OVERRIDABLE,
        "parcel": about,
        "others": [box for box in parcels if box is not about],
        "refund_minor": assessment.worth_of(unit_now.unit, unit_now.facts.available).refund_minor,
        "left": money_left(assessment, unit_now.unit),
    }


def _forms(sent: forms.Form | None, currency: str, *, may_lift: bool) -> dict[str, forms.Form]:
    """Return every form of the page: the one that was sent with what was typed, the others empty."""
    in_two_weeks = timezone.localdate() + timedelta(days=DAYS_PROPOSED)
    all_forms: dict[str, forms.Form] = {
        "answer_form": RequestAnswerForm(),
        "inquiry_form": InquiryForm(),
        "proposal_form": ProposalForm(initial={"until_on": in_two_weeks.isoformat()}, currency=currency),
        "rejection_form": RejectionForm(),
        "hold_form": HoldForm(),
    }
    if not may_lift and isinstance(proposal := all_forms["proposal_form"], ProposalForm):
        proposal.offer_money_alone()
    return {name: sent if sent and type(sent) is type(form) else form for name, form in all_forms.items()}


def _as_asked(case: PartnerserviceRequest, unit_now: ShownUnit) -> ShownUnit:
    """Assess the units again on the facts, by the policy and at the moment of the request."""
    policy, facts = policy_of_version(case.policy_version), facts_from_json(case.facts or {})
    unit_then = replace(unit_now.unit, facts=facts, assessment=assess(facts, policy, now=case.asked_at))
    return parcels_of([unit_then])[0].units[0]


def _row(case: PartnerserviceRequest) -> dict[str, Any]:
    return {
        "url": _url(case),
        "id": case.id,
        "seller_code": case.seller.code,
        "seller_name": case.seller.name,
        "query_number": case.query.number,
        "subject": case.query.subject,
        "kind": case.kind,
        "sentence": case.sentence,
        "state": case.state,
        "outcome": case.outcome,
        "waiting_for": case.waiting_for,
        "at_stake_minor": case.at_stake_minor,
        "currency": case.query.order.currency,
        "asked_at": case.asked_at,
        "asked_by_name": case.asked_by_name,
        "about_hold": case.hold_id is not None,
        "deadline_at": case.deadline_at,
        "assignee_user_id": case.assignee_user_id,
        "assignee_name": case.assignee_name,
        "policy_version": case.policy_version,
        "answer": case.answer,
        "answered_at": case.answered_at,
        "answered_by_name": case.answered_by_name,
    }


def _listed(case: PartnerserviceRequest) -> dict[str, Any]:
    return {
        **_row(case),
        "order_number": case.query.order.number,
        "customer_name": case.query.order.customer_name,
        "title": case.title,
        "quantity": facts_from_json(case.facts).available if case.facts else 0,
        "reasons": case.reasons,
        "replied": case.waiting_for == "customer"
        and bool(case.query.unanswered_since and case.inquired_at)
        and case.query.unanswered_since > case.inquired_at,
    }


def _counted(number: int) -> str:
    return f"{MOST_COUNTED - 1}+" if number >= MOST_COUNTED else str(number)
