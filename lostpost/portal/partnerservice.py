"""Ask Partnerservice about units or a query, and reply to what it asks back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from lostpost.accounts.sections import Section
from lostpost.core.errors import Refused
from lostpost.customer_queries.models import CustomerQuery
from lostpost.insight.order_parcels import parse_unit, shown_parcels
from lostpost.partnerservice.ask_about_query import ask_about_query
from lostpost.partnerservice.ask_partnerservice import AlreadyAsked, ask_partnerservice
from lostpost.partnerservice.inquire import reply_to_inquiry
from lostpost.partnerservice.settle_hold import appeal_hold
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.forms import AskForm
from lostpost.portal.own_query import own_query
from lostpost.portal.queries import refused, to_query
from lostpost.portal.sent_forms import FormProblem, draft_name, posted
from lostpost.web.http import status_of
from lostpost.writeoffs.assess_order import assess_order


@of_shop(Section.QUERIES, writing=True)
def ask(request: PortalRequest, number: str) -> HttpResponse:
    """Show what Partnerservice will see of a unit, take the one sentence, and send it."""
    query = own_query(request, number)
    if request.method != "POST":
        return _page(request, query, request.GET.get("unit", ""), AskForm())
    value, form = request.POST.get("unit", ""), AskForm(request.POST)
    if not form.is_valid():
        return _page(request, query, value, form, status=422)
    parcel, item = parse_unit(value)
    try:
        ask_partnerservice(
            query=number,
            parcel=parcel,
            item=item,
            sentence=form.cleaned_data["sentence"],
            by=request.actor,
            now=timezone.now(),
        )
    except AlreadyAsked as error:  # A double click, another tab, or a colleague: the request is there.
        messages.info(request, str(error))
    except Refused as refusal:
        problems = [FormProblem(str(refusal))]
        return _page(request, own_query(request, number), value, form, problems=problems, status=status_of(refusal))
    else:
        done = _("Sent to Partnerservice. Their answer comes to the timeline.")
        messages.success(request, done, extra_tags=draft_name(request, f"ask-{number}"))
    return to_query(request, number)


@of_shop(Section.QUERIES)
@posted(back="portal:customer-query")
def ask_about(request: PortalRequest, number: str) -> HttpResponse:
    """Ask about the query as a whole: a parcel that was found, a refund that failed (`kind`)."""
    own_query(request, number)
    try:
        ask_about_query(
            query=number,
            kind=request.POST.get("kind", ""),
            sentence=request.POST.get("sentence", ""),
            by=request.actor,
            now=timezone.now(),
        )
    except Refused as refusal:
        return refused(request, number, refusal)
    done = _("Sent to Partnerservice. Their answer comes to the timeline.")
    messages.success(request, done, extra_tags=draft_name(request, f"ask-{number}"))
    return to_query(request, number)


@of_shop(Section.QUERIES)
@posted(back="portal:customer-query")
def reply(request: PortalRequest, number: str) -> HttpResponse:
    """Reply to what Partnerservice asked about a request of the query."""
    own_query(request, number)
    words, now = request.POST.get("reply", ""), timezone.now()
    try:
        reply_to_inquiry(request_id=_id_in(request, "request"), reply=words, by=request.actor, now=now)
    except Refused as refusal:
        return refused(request, number, refusal)
    done = _("Partnerservice has your reply, and decides now.")
    messages.success(request, done, extra_tags=draft_name(request, f"reply-{number}"))
    return to_query(request, number)


@of_shop(Section.QUERIES)
@posted(back="portal:customer-query")
def appeal(request: PortalRequest, number: str) -> HttpResponse:
    """Appeal against a hold that came up in the query."""
    own_query(request, number)
    sentence, now = request.POST.get("sentence", ""), timezone.now()
    try:
        appeal_hold(hold_id=_id_in(request, "hold"), sentence=sentence, by=request.actor, now=now)
    except Refused as refusal:
        return refused(request, number, refusal)
    done = _("Your appeal is with Partnerservice. Their answer comes to the timeline.")
    messages.success(request, done, extra_tags=draft_name(request, f"appeal-{number}"))
    return to_query(request, number)


def _id_in(request: PortalRequest, name: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        return UUID(int=0)  # There is none of this id.


def _page(
    request: PortalRequest,
    query: CustomerQuery,
    value: str,
    form: AskForm,
    *,
    problems: list[FormProblem] | None = None,
    status: int = 200,
) -> HttpResponse:
    parcels = shown_parcels(assess_order(query.order, now=timezone.now()))
    units = [(parcel, unit) for parcel in parcels for unit in parcel.units if unit.value == value]
    if not units or not (units[0][1].for_partnerservice or problems):
        messages.info(request, _("Choose an item about which Partnerservice decides; it is offered beside its reason."))
        to_the_screen: HttpResponse = redirect("portal:write-off", seller=request.seller.code, number=query.number)
        return to_the_screen
    parcel, unit = units[0]
    if unit.at_partnerservice and not problems:
        messages.info(request, _("Partnerservice has a request about this item already. Wait for its answer."))
        return to_query(request, query.number)
    context = {
        "query": query,
        "order": query.order,
        "parcel": parcel,
        "unit": unit,
        "form": form,
        "problems": problems,
    }
    return render(request, "portal/partnerservice_request.html", context, status=status)
