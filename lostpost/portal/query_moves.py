"""Put a query aside, hand it to Partnerservice, and assign it: the small forms of its page."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from lostpost.accounts.sections import Section
from lostpost.core.errors import Refused
from lostpost.customer_links.revoke_links import revoke_links
from lostpost.customer_queries.assign_query import assign_query
from lostpost.customer_queries.hand_to_partnerservice import hand_to_partnerservice
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.put_aside import put_aside as put_query_aside
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.own_query import own_query
from lostpost.portal.queries import refused, to_query
from lostpost.portal.sent_forms import posted

State = CustomerQuery.State


@of_shop(Section.QUERIES)
@posted(back="portal:customer-query")
def put_customer_query_aside(request: PortalRequest, number: str) -> HttpResponse:
    """Let the query wait for the customer, or for a later day."""
    own_query(request, number)
    state = request.POST.get("state", "")
    try:
        put_query_aside(
            number=number,
            state=state,
            follow_up_on=_day_in(request.POST.get("follow_up_on", "")),
            reason=request.POST.get("reason", ""),
            by=request.actor,
            now=timezone.now(),
        )
    except Refused as refusal:
        return refused(request, number, refusal)
    message = _("The customer query waits for the customer; an answer opens it again.")
    messages.success(request, message if state == State.WAITING_FOR_CUSTOMER else _("You will follow this up later."))
    return to_query(request, number)


@of_shop(Section.QUERIES)
@posted(back="portal:customer-query")
def hand_customer_query_over(request: PortalRequest, number: str) -> HttpResponse:
    """Let Partnerservice have the query."""
    own_query(request, number)
    try:
        hand_to_partnerservice(
            seller_id=request.seller.id,
            number=number,
            reason=request.POST.get("reason", ""),
            by=request.actor,
            now=timezone.now(),
        )
    except Refused as refusal:
        return refused(request, number, refusal)
    messages.success(request, _("Partnerservice has the customer query. It comes back in 48 hours at the latest."))
    return to_query(request, number)


@of_shop(Section.QUERIES)
@posted(back="portal:customer-query")
def assign_customer_query(request: PortalRequest, number: str) -> HttpResponse:
    """Assign the query to somebody of the shop, or to nobody."""
    own_query(request, number)
    user = request.POST.get("user", "")
    try:
        query = assign_query(
            number=number,
            user_id=int(user) if user.isascii() and user.isdigit() and len(user) < 19 else None,
            by=request.actor,
            now=timezone.now(),
        )
    except Refused as refusal:
        return refused(request, number, refusal)
    done = _("%(name)s has this customer query.") % {"name": query.assignee_name}
    messages.success(request, done if query.assignee_name else _("Nobody has this customer query."))
    return to_query(request, number)


@of_shop(Section.QUERIES)
@posted(back="portal:customer-query")
def revoke_customer_link(request: PortalRequest, number: str) -> HttpResponse:
    """Make the customer's link stop working: it was passed on, say."""
    own_query(request, number)
    try:
        count = revoke_links(seller_id=request.seller.id, number=number, by=request.actor, now=timezone.now())
    except Refused as refusal:
        return refused(request, number, refusal)
    done = _("The customer’s link does not work any more. The next e-mail to them has a new one.")
    messages.success(request, done if count else _("The customer has no link that works."))
    return to_query(request, number)


def _day_in(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
