"""Partnerservice: what sellers ask it to decide, and one case with every fact of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from lostpost.accounts.reads import policy_of_version, seller_of_code
from lostpost.core.errors import Refused
from lostpost.core.keyset import key_from_text, pager
from lostpost.customer_queries.timeline import LONGEST_TEXT
from lostpost.desk.access import DeskRequest, staff
from lostpost.eligibility.assess import assess
from lostpost.eligibility.facts import facts_from_json
from lostpost.insight.order_parcels import ShownUnit, parcels_of, shown_parcels
from lostpost.insight.timeline import shown_timeline
from lostpost.partnerservice.answer_request import answer_request
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.partnerservice.reads import (
    BUCKETS,
    earlier_losses,
    request_with_case,
    requests_in,
    waiting_requests_counted,
)
from lostpost.web.http import status_of
from lostpost.writeoffs.assess_order import AssessedUnit, assess_order

PAGE_SIZE, MOST_COUNTED, MOST_EARLIER = 25, 1000, 10
NOTES = "note.added"  # Between the seller's own people.
State = PartnerserviceRequest.State


class RequestAnswerForm(forms.Form):
    """Partnerservice's answer to the seller."""

    answer = forms.CharField(
        label=gettext_lazy("Your answer"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Say what you decided, why, and what the seller should do now."),
        error_messages={"required": gettext_lazy("Write an answer: the seller reads it on the timeline.")},
    )


@staff("partnerservice")
@require_safe
def requests(request: DeskRequest) -> HttpResponse:
    """List what waits for an answer, the oldest first, or what was answered."""
    state = request.GET.get("state", "")
    bucket = state if state in BUCKETS else State.WAITING
    page = requests_in(bucket, after=key_from_text(request.GET.get("after", "")), size=PAGE_SIZE)
    waiting_count = waiting_requests_counted(most=MOST_COUNTED)
    context = {
        "bucket": bucket,
        "buckets": [
            {"state": State.WAITING, "count": _counted(waiting_count)},
            {"state": State.ANSWERED, "count": None},
        ],
        "requests": [_listed(case) for case in page.rows],
    }
    return render(request, "desk/requests.html", {**context, **pager(page, request.GET)})


@staff("partnerservice")
@require_http_methods(["GET", "HEAD", "POST"])
def one_request(request: DeskRequest, seller: str, request_id: UUID) -> HttpResponse:
    """Show a case, and take its answer."""
    case = _case(seller, request_id)
    if request.method != "POST":
        return _page(request, case, RequestAnswerForm())
    form = RequestAnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, case, form, status=422)
    try:
        answer_request(
            seller_id=case.seller_id,
            request_id=case.id,
            answer=form.cleaned_data["answer"].replace("\r\n", "\n"),  # As browsers end a line.
            by=request.actor,
            now=timezone.now(),
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, _case(seller, request_id), form, status=status_of(refusal))
    done = _("Your answer is on the timeline of the customer query; the seller reads it there.")
    messages.success(request, done, extra_tags=_url(case))
    return redirect("desk:requests")


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
    request: DeskRequest, case: PartnerserviceRequest, form: RequestAnswerForm, *, status: int = 200
) -> HttpResponse:
    """Show the case as it was when it was requested, and as it is now."""
    order = case.query.order
    assessment = assess_order(order, now=timezone.now())
    parcels = shown_parcels(assessment)
    about = next(box for box in parcels for unit in box.units if unit.row.id == case.parcel_unit_id)
    unit_now = next(unit for unit in about.units if unit.row.id == case.parcel_unit_id)
    entries = [entry for entry in shown_timeline(case.query, parcels) if entry.kind != NOTES]
    context = {
        "case": _row(case),
        "order": order,
        "unit": _as_asked(case, unit_now),
        "unit_now": unit_now,
        "parcel": about,
        "others": [box for box in parcels if box is not about],
        "refund_minor": assessment.worth_of(unit_now.row, unit_now.facts.available).refund_minor,
        "entries": entries,
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
    }
    return render(request, "desk/request.html", context, status=status)


def _as_asked(case: PartnerserviceRequest, unit_now: ShownUnit) -> ShownUnit:
    """Assess the units again on the facts, by the policy and at the moment of the request."""
    policy, facts = policy_of_version(case.policy_version), facts_from_json(case.facts)
    row = replace(unit_now.row, facts=facts)
    return parcels_of([AssessedUnit(row, assess(facts, policy, now=case.asked_at))])[0].units[0]


def _row(case: PartnerserviceRequest) -> dict[str, Any]:
    return {
        "url": _url(case),
        "seller_name": case.seller.name,
        "query_number": case.query.number,
        "subject": case.query.subject,
        "sentence": case.sentence,
        "state": case.state,
        "asked_at": case.asked_at,
        "asked_by_name": case.asked_by_name,
        "policy_version": case.policy_version,
        "answer": case.answer,
        "answered_at": case.answered_at,
        "answered_by_name": case.answered_by_name,
    }


def _listed(case: PartnerserviceRequest) -> dict[str, Any]:
    facts = facts_from_json(case.facts)
    return {
        **_row(case),
        "order_number": case.query.order.number,
        "customer_name": case.query.order.customer_name,
        "title": case.parcel_unit.order_item.title,
        "quantity": facts.available,
        "reasons": case.reasons,
    }


def _counted(number: int) -> str:
    return f"{MOST_COUNTED - 1}+" if number >= MOST_COUNTED else str(number)
