"""Partnerservice answers a seller's request in words, or declines it with a reason."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.core.errors import Rejected
from lostpost.core.text import trimmed
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import come_back, note_partnerservice_answer
from lostpost.customer_queries.timeline import LONGEST_TEXT, add_entry
from lostpost.partnerservice.models import Override, PartnerserviceRequest
from lostpost.partnerservice.requests import about, add_step, change_request, lock_request, require_waiting

Outcome = PartnerserviceRequest.Outcome
ENTRIES = {
    Outcome.ANSWERED: "partnerservice.answered",
    Outcome.APPROVED: "partnerservice.approved",
    Outcome.DECLINED: "partnerservice.declined",
    Outcome.RELEASED: "partnerservice.released",
    Outcome.UPHELD: "partnerservice.upheld",
}


@transaction.atomic(durable=True)
def answer_request(
    *, seller_id: UUID, request_id: UUID, answer: str, by: Actor, now: datetime, declined: bool = False
) -> PartnerserviceRequest:
    """Write the answer on the request and on the query's timeline; the same answer again changes nothing.

    An answer is text only: nothing is written off or paid by it. An override that was proposed is rejected by it.

    Args: `declined`: the answer says why Partnerservice decides against the seller.
    Raises: RequestNotFound, RequestAnswered, Rejected without an answer.
    """
    answer = trimmed(answer)
    if not 1 <= len(answer) <= LONGEST_TEXT:
        raise Rejected(_("Write an answer of 1 to %(most)d characters; the seller reads it.") % {"most": LONGEST_TEXT})
    request, query = lock_request(request_id, seller_id=seller_id)
    outcome = Outcome.DECLINED if declined else Outcome.ANSWERED
    if request.answered_at and (request.answer, request.answered_by_user_id) == (answer, by.user_id):
        return request
    require_waiting(request)
    proposed = Override.objects.filter(seller_id=seller_id, request_id=request.id, state=Override.State.PROPOSED)
    proposed.update(
        state=Override.State.REJECTED, settled_at=now, settled_by_user_id=by.user_id, settled_by_name=by.name
    )
    settle_request(request, query, outcome=outcome, answer=answer, by=by, now=now)
    return request


def settle_request(
    request: PartnerserviceRequest,
    query: CustomerQuery,
    *,
    outcome: PartnerserviceRequest.Outcome,
    answer: str,
    by: Actor,
    now: datetime,
    **data: object,
) -> None:
    """Settle a locked request that waits: its outcome, the timeline and feed, and the query back to its seller."""
    change_request(
        request,
        state=PartnerserviceRequest.State.ANSWERED,
        outcome=outcome,
        answer=answer,
        answered_at=now,
        answered_by_user_id=by.user_id,
        answered_by_name=by.name,
        waiting_for="",
        inquired_at=None,
    )
    add_step(request, outcome.value, by=by, now=now, text=answer)
    note_partnerservice_answer(query, at=now)
    add_entry(query, ENTRIES[outcome], now=now, by=by, text=answer, **about(request), **data)
    if query.state == CustomerQuery.State.WITH_PARTNERSERVICE:
        come_back(query, by=by, now=now)
