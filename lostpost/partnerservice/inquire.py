"""Ask the seller or the customer before a request is decided, take the seller's reply, and take it up again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.core.errors import Conflict
from lostpost.customer_queries.messages import require_message, send_message
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import (
    come_back,
    mark_open,
    mark_waiting,
    note_partnerservice_answer,
    stop_clock,
)
from lostpost.customer_queries.timeline import LONGEST_TEXT, add_entry
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.partnerservice.requests import (
    DECIDE_WITHIN,
    about,
    add_step,
    change_request,
    lock_request,
    require_text,
    require_waiting,
)

Party = PartnerserviceRequest.Party
QueryState = CustomerQuery.State


class NothingToReply(Conflict):
    """Partnerservice waits for no reply of the seller."""

    code = "nothing-to-reply"


@transaction.atomic(durable=True)
def inquire(
    *, seller_id: UUID, request_id: UUID, of: PartnerserviceRequest.Party, question: str, by: Actor, now: datetime
) -> PartnerserviceRequest:
    """Ask the seller on the query's timeline, or the customer by e-mail; the request waits for them for 48 hours.

    The query follows: it comes back to a seller who has to reply, or waits for the customer.
    Raises: RequestNotFound, RequestAnswered, Rejected without a question.
    """
    question = require_message(question) if of == Party.CUSTOMER else require_text(question, most=LONGEST_TEXT)
    request, query = lock_request(request_id, seller_id=seller_id)
    require_waiting(request)
    change_request(request, waiting_for=of, inquired_at=now, deadline_at=now + DECIDE_WITHIN)
    add_step(request, "inquired", by=by, now=now, text=question, of=of.value)
    if of == Party.CUSTOMER:
        _ask_customer(query, question, by=by, now=now)
        return request
    if query.state == QueryState.WITH_PARTNERSERVICE:
        come_back(query, by=by, now=now)
    else:
        mark_open(query, by=by, now=now)
    note_partnerservice_answer(query, at=now)
    add_entry(query, "partnerservice.inquired", now=now, by=by, text=question, **about(request))
    return request


@transaction.atomic(durable=True)
def reply_to_inquiry(*, request_id: UUID, reply: str, by: Actor, now: datetime) -> PartnerserviceRequest:
    """Reply to what Partnerservice asked the seller about a request; it decides from then on.

    Raises: ReadOnly, RequestNotFound, RequestAnswered, NothingToReply, Rejected without a reply.
    """
    require_writer(by, Section.QUERIES)
    reply = require_text(reply, most=LONGEST_TEXT)
    request, query = lock_request(request_id, seller_id=by.seller_id)
    require_waiting(request)
    if request.waiting_for != Party.SELLER:
        raise NothingToReply(_("Partnerservice waits for no reply of yours in this request."))
    _take_up(request, now=now)
    add_step(request, "replied", by=by, now=now, text=reply)
    note_partnerservice_answer(query, at=None)
    add_entry(query, "partnerservice.replied", now=now, by=by, text=reply, **about(request))
    return request


@transaction.atomic(durable=True)
def resume_request(*, seller_id: UUID, request_id: UUID, now: datetime) -> None:
    """Take a request up again once the customer wrote, or nobody replied in time; otherwise nothing changes.

    Raises: RequestNotFound.
    """
    request, query = lock_request(request_id, seller_id=seller_id)
    if not request.waiting_for or request.inquired_at is None:
        return
    wrote = request.waiting_for == Party.CUSTOMER and (query.unanswered_since or request.inquired_at) > (
        request.inquired_at
    )
    if wrote or request.deadline_at <= now:
        _take_up(request, now=now)
        add_step(request, "resumed", by=None, now=now, because="customer-wrote" if wrote else "time-over")


def _take_up(request: PartnerserviceRequest, *, now: datetime) -> None:
    change_request(request, waiting_for="", inquired_at=None, deadline_at=now + DECIDE_WITHIN)


def _ask_customer(query: CustomerQuery, question: str, *, by: Actor, now: datetime) -> None:
    if query.state == QueryState.HANDLED:
        mark_open(query, by=by, now=now)
    send_message(query, question, by=by, now=now)
    stop_clock(query, now=now)
    if query.state in (QueryState.OPEN, QueryState.FOLLOW_UP_LATER):
        mark_waiting(query, by=by, now=now)
