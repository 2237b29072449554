"""A customer query: its timeline, its facts, and all that a seller can do in it except writing off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lostpost.accounts.reads import members_who_manage
from lostpost.accounts.sections import Section
from lostpost.answering.attachments import attachments_of
from lostpost.answering.drafts import people_in
from lostpost.answering.hold_answer import not_sent_text
from lostpost.answering.models import AnswerDraft
from lostpost.answering.templates import language_of, offered_templates
from lostpost.armed_write_offs.reads import armed_of_order
from lostpost.core.errors import Refused
from lostpost.core.idempotency import KeyReused
from lostpost.core.kept_query import KeptQuery
from lostpost.core.sql import as_of_one_moment
from lostpost.customer_queries.add_note import add_note
from lostpost.customer_queries.clock_hours import is_late
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.free_days import free_days_of_versions
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.reopen_query import reopen_query
from lostpost.declarations.reads import carrier_asks_for_declaration, declarations_of
from lostpost.eligibility.policy import Policy
from lostpost.found_parcels.reads import cases_of_query, written_off_parcels
from lostpost.insight.customer_history import customer_history
from lostpost.insight.folded_timeline import folded_timeline
from lostpost.insight.order_parcels import ShownParcel, shown_parcels
from lostpost.insight.timeline import messages_since, shown_timeline
from lostpost.orders.reads import ItemRow
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.credit_notes_and_restorations import credit_notes_and_restorations
from lostpost.portal.forms import CLOSE, LEAVE_OPEN, AnswerForm, NoteForm
from lostpost.portal.list_place import ListPlace, query_url, shown_place
from lostpost.portal.own_query import own_query
from lostpost.portal.sent_forms import FormProblem, draft_name, key_in, new_key, posted
from lostpost.refunds.models import Refund
from lostpost.relay.addresses import address_for_sellers
from lostpost.texts.skipped_days import skipped_text
from lostpost.web.http import status_of
from lostpost.writeoffs.assess_order import OrderAssessment, assess_order

State = CustomerQuery.State
_REFUNDS = KeptQuery(
    lambda **query: Refund.objects.filter(**query).order_by("requested_at", "id"), seller_id=UUID, query_id=UUID
)
_REQUESTS = KeptQuery(
    lambda **query: (
        PartnerserviceRequest.objects.filter(**query)
        .select_related("parcel_unit__order_item", "query")
        .order_by("asked_at", "id")
    ),
    seller_id=UUID,
    query_id=UUID,
)
_NOTE_IDS = "note-%s"  # The answer has a form of its own on the same page.


@of_shop(Section.QUERIES)
@require_safe
def customer_query(request: PortalRequest, number: str) -> HttpResponse:
    """Show what happened in a query, and what can be done in it: as of one moment, or it contradicts itself."""
    with as_of_one_moment():
        return query_page(request, own_query(request, number))


@of_shop(Section.QUERIES)
@posted(back="portal:customer-query")
def add_note_to_query(request: PortalRequest, number: str) -> HttpResponse:
    """Add a note for the shop's own people."""
    query, form, key = own_query(request, number), NoteForm(request.POST, auto_id=_NOTE_IDS), key_in(request.POST)
    if not form.is_valid() or not key:
        problems = [] if form.errors else [FormProblem(unknown_form())]
        return query_page(request, query, note_form=form, problems=problems, status=422)
    try:
        add_note(number=number, text=form.cleaned_data["text"], by=request.actor, key=key, now=timezone.now())
    except KeyReused:
        problem = _("You have added another note from this page already; it is on the timeline. Add this one too?")
        return query_page(request, query, note_form=form, problems=[FormProblem(problem)], status=422)
    except Refused as refusal:
        return refused(request, number, refusal, note_form=form)
    messages.success(request, _("Your note is on the timeline."), extra_tags=draft_name(request, f"note-{number}"))
    return to_query(request, number)


@of_shop(Section.QUERIES)
@posted(back="portal:customer-query")
def close_customer_query(request: PortalRequest, number: str) -> HttpResponse:
    """Close the query as handled."""
    own_query(request, number)
    try:
        close_query(number=number, by=request.actor, now=timezone.now())
    except Refused as refusal:
        return refused(request, number, refusal)
    messages.success(request, _("The customer query is closed."))
    return to_query(request, number)


@of_shop(Section.QUERIES)
@posted(back="portal:customer-query")
def reopen_customer_query(request: PortalRequest, number: str) -> HttpResponse:
    """Reopen a handled query, or one that was put aside."""
    own_query(request, number)
    try:
        reopen_query(number=number, by=request.actor, now=timezone.now())
    except Refused as refusal:
        return refused(request, number, refusal)
    messages.success(request, _("The customer query is open again."))
    return to_query(request, number)


def unknown_form() -> str:
    """Say that a form came without its key."""
    return _("Something was missing from what your browser sent. Look at it again, and send it once more.")


def to_query(request: PortalRequest, number: str) -> HttpResponse:
    """Return to the page of the query, which keeps its place in the list that somebody came from."""
    return redirect(query_url(request, number, ListPlace.read(request)))


def to_next(request: PortalRequest) -> HttpResponse:
    """Go on to the next query of the list that no colleague has open; to the list where this was its last."""
    place = ListPlace.read(request)
    return redirect(place.next_free(request, timezone.now()) or place.list_url(request))


def refused(request: PortalRequest, number: str, refusal: Refused, **forms: Any) -> HttpResponse:
    """Show the query as it is now, with the refusal; typed text is kept."""
    query = own_query(request, number)
    return query_page(request, query, problems=[FormProblem(str(refusal))], status=status_of(refusal), **forms)


def query_page(
    request: PortalRequest,
    query: CustomerQuery,
    *,
    form: AnswerForm | None = None,
    note_form: NoteForm | None = None,
    problems: list[FormProblem] | None = None,
    key: str = "",
    last_read_id: UUID | None = None,
    newer: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Show the query; a number of statements that no size of anything changes.

    Args: `last_read_id`: the newest message that stood on the page that the form is from; None: that of now. `newer`:
    whether to say what came since then.
    """
    now = timezone.now()
    assessment = assess_order(query.order, now=now, policy=request.policy)
    parcels = shown_parcels(assessment)
    files = attachments_of(query)
    entries = shown_timeline(query, parcels, files)
    language = language_of(query.order.customer_language, request.seller.language)
    people = people_in(query, user_id=request.actor.user_id, now=now)
    context = {
        "query": query,
        "order": query.order,
        "late": is_late(query, now=now),
        "skipped": _skipped(query, request.seller.country, assessment.policy),
        "timeline": folded_timeline(entries),
        "parcels": parcels,
        **_paid(assessment),
        "about": next((item.title for item in _items(assessment) if item.id == query.order_item_id), ""),
        "refunds": _refunds(query),
        "history": customer_history(query),
        "found_cases": cases_of_query(query),
        "armed": armed_of_order(seller_id=query.seller_id, order_id=query.order_id),
        "may_come_back": written_off_parcels(query) if any(it.facts.written_off for it in assessment.units) else [],
        "papers": credit_notes_and_restorations(query.order),
        "requests": _requests(query),
        "own_mailbox": address_for_sellers(query),
        "declarations": _declarations(query, parcels, assessment.policy),
        "form": form or AnswerForm(initial=_kept(people.draft)),
        "templates": offered_templates(query.seller_id, first=language),
        "attached": [file for file in files.get(None, []) if file.by_user_id == request.actor.user_id],
        "draft": people.draft,
        "colleagues_here": people.colleagues,
        "last_read_id": query.last_message_id if newer else last_read_id or query.last_message_id,
        "newer": messages_since(entries, last_read_id) if newer else [],
        "note_form": note_form or NoteForm(auto_id=_NOTE_IDS),
        "key": key or new_key(),
        "problems": [*(problems or _not_sent(people.draft)), *_note_problems(note_form)],
        **_moves(request, query, now),
        "place": shown_place(request, now),
    }
    return render(request, "portal/customer_query.html", context, status=status)


def _skipped(query: CustomerQuery, country: str, policy: Policy) -> str:
    """Return the days that the clock of the answer leaves out, by the holidays by which it was reckoned."""
    if query.answer_due_at is None:
        return ""
    lists = free_days_of_versions(country, [query.holidays_version])
    return skipped_text(query, lists.get(query.holidays_version, lists[0]), zone=policy.zone)


def _moves(request: PortalRequest, query: CustomerQuery, now: datetime) -> dict[str, Any]:
    """Return the day that is proposed for a follow-up, the one that can be put back, and who may have the query."""
    today = now.astimezone(request.policy.zone).date()
    earlier = query.earlier_follow_up_on
    return {
        "follow_up_on": today + timedelta(days=3),
        "first_follow_up_on": today + timedelta(days=1),
        "same_day_again": earlier if earlier and earlier > today and query.state == State.OPEN else None,
        "colleagues": members_who_manage(query.seller_id, Section.QUERIES),
    }


def _not_sent(draft: AnswerDraft | None) -> list[FormProblem]:
    """Say why an answer that was held was given back."""
    return [FormProblem(not_sent_text(draft.held_problem), "#answer-title")] if draft and draft.held_problem else []


def _kept(draft: AnswerDraft | None) -> dict[str, Any]:
    """Return what the answer form begins with."""
    if draft is None:
        return {}
    chosen = {True: LEAVE_OPEN, False: CLOSE, None: ""}[draft.leave_open]
    return {"message": draft.text, "leave_open": chosen}


def _paid(assessment: OrderAssessment) -> dict[str, Any]:
    """Return the items and the total paid for the order."""
    items = _items(assessment)
    paid_minor = sum(item.paid_minor for item in items) + assessment.order.delivery_costs_minor
    return {"items": items, "paid_minor": paid_minor}


def _items(assessment: OrderAssessment) -> list[ItemRow]:
    return list({unit.item.id: unit.item for unit in assessment.units}.values())


def _declarations(query: CustomerQuery, parcels: Sequence[ShownParcel], policy: Policy) -> dict[str, Any]:
    """Return the declarations of the query, and the parcels about which one may be asked for."""
    declarations = declarations_of(query)
    codes = {declaration.parcel.code for declaration in declarations}
    return {
        "requested": declarations,
        "parcels": [
            {
                "code": parcel.code,
                "tracking_number": parcel.tracking_number,
                "carrier": parcel.carrier,
                "wanted": carrier_asks_for_declaration(parcel.carrier, policy),
            }
            for parcel in parcels
            if parcel.code and parcel.code not in codes
        ],
    }


def _refunds(query: CustomerQuery) -> list[dict[str, Any]]:
    return [
        {
            "number": refund.number,
            "state": refund.state,
            "amount_minor": refund.amount_minor,
            "currency": refund.currency,
            "at": refund.failed_at or refund.confirmed_at or refund.sent_at or refund.requested_at,
        }
        for refund in _REFUNDS(seller_id=query.seller_id, query_id=query.id)
    ]


def _requests(query: CustomerQuery) -> list[dict[str, Any]]:
    return [
        {
            "id": case.id,
            "kind": case.kind,
            "hold_id": case.hold_id,
            "title": case.title,
            "state": case.state,
            "outcome": case.outcome,
            "waiting_for": case.waiting_for,
            "asked_at": case.asked_at,
        }
        for case in _REQUESTS(seller_id=query.seller_id, query_id=query.id)
    ]


def _note_problems(note_form: NoteForm | None) -> list[FormProblem]:
    if note_form is None:
        return []
    return [FormProblem(str(error), "#note-text") for errors in note_form.errors.values() for error in errors]
