"""What waits for a seller, and the money on its way to customers: the worklist in short."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lostpost.accounts.actor import Actor
from lostpost.accounts.sections import Section
from lostpost.customer_queries.answer_times import DAYS, AnswerTimes, answer_times
from lostpost.customer_queries.list_filters import ListFilters, State
from lostpost.customer_queries.worklist import Listing
from lostpost.events.reads import parked_webhooks
from lostpost.insight.silent_parcels import oldest_silent_parcels, silent_parcels
from lostpost.insight.worklist import WorkRow, work_page
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.portal.access import PortalRequest, for_members
from lostpost.portal.figures import rate_text
from lostpost.portal.list_views import shown_views
from lostpost.portal.query_list import listed_rows
from lostpost.refunds.models import Refund
from lostpost.refunds.reads import money_on_its_way, refunds_on_their_way

MOST_LOOKED_AT, MOST_WAITING, MOST_SILENT, MOST_REFUNDS, MOST_ASKED = 20, 10, 5, 5, 5
WAIT_FOR_OTHERS = ("look", "not-yet")  # What nobody has to do anything about now.
FIRST_PAGES = {
    Section.FINANCE: "portal:invoices",
    Section.PEOPLE: "portal:people",
    Section.CONNECTIONS: "portal:api-clients",
}
PUT_ASIDE = (State.WAITING_FOR_CUSTOMER, State.FOLLOW_UP_LATER)


@for_members
@require_safe
def home(request: PortalRequest) -> HttpResponse:
    """Show what to do first, and what others are doing."""
    if not request.actor.may_view(Section.QUERIES):
        return redirect(first_page(request.actor), seller=request.seller.code)
    seller, now, user_id = request.seller, timezone.now(), request.actor.user_id
    listing = Listing(seller.id, ListFilters(), request.policy, now, user_id)
    work = [row for row in work_page(listing, (), behind=None, size=MOST_LOOKED_AT).rows if _needs_seller(row)]
    eligible = [ListFilters(state=state.value, need="write-off") for state in PUT_ASIDE]
    silent = oldest_silent_parcels(seller.id, request.policy, now=now)
    sees_money = request.actor.may_view(Section.FINANCE)
    refunds = refunds_on_their_way(seller.id, most=MOST_REFUNDS) if sees_money else []
    context = {
        "parked": parked_webhooks(seller.id) if request.actor.may_manage(Section.CONNECTIONS) else [],
        "views": shown_views(seller, request.policy, silent, user_id=user_id, now=now, others=eligible),
        "waiting": listed_rows(request, work[:MOST_WAITING], "", now),
        "waiting_more": len(work) > MOST_WAITING,
        "silent": [
            {"order_number": order.number, "customer_name": order.customer_name, "parcel": parcel}
            for order, parcel in silent_parcels(seller.id, silent, request.policy, now=now, most=MOST_SILENT)
        ],
        "asked": requests_waiting(seller.id, most=MOST_ASKED),
        "refunds": [_refund(refund) for refund in refunds],
        "answers": shown_answer_times(
            answer_times(seller.id, country=seller.country, zone=request.policy.zone, now=now)
        ),
        "totals": money_on_its_way(seller.id) if refunds else [],
    }
    return render(request, "portal/home.html", context)


def first_page(actor: Actor) -> str:
    """Return the page of the first section that somebody may view who may not see what waits in the shop."""
    return next((page for section, page in FIRST_PAGES.items() if actor.may_view(section)), "portal:notices")


def requests_waiting(seller_id: UUID, *, most: int) -> Sequence[PartnerserviceRequest]:
    """Return the seller's unanswered requests to Partnerservice, oldest first."""
    requests = PartnerserviceRequest.objects.select_related("query", "parcel_unit__order_item")
    waiting = requests.filter(seller_id=seller_id, state=PartnerserviceRequest.State.WAITING)
    return list(waiting.order_by("asked_at", "id")[:most])


def shown_answer_times(times: AnswerTimes) -> dict[str, Any]:
    """Return how quickly the shop answers, as it is shown; the share is empty where nobody was answered."""
    share = "" if times.share_bp is None else rate_text(times.share_bp // 100 * 100)
    return {"share": share, "count": times.answers, "late": times.waiting_too_long, "days": DAYS}


def _needs_seller(row: WorkRow) -> bool:
    return row.action not in WAIT_FOR_OTHERS


def _refund(refund: Refund) -> dict[str, Any]:
    return {
        "number": refund.number,
        "query_number": refund.query.number,
        "customer_name": refund.order.customer_name,
        "state": refund.state,
        "amount_minor": refund.amount_minor,
        "currency": refund.currency,
        "at": refund.failed_at or refund.sent_at or refund.requested_at,
    }
