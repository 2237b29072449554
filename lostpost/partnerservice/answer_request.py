"""Partnerservice answers a seller's request."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.core.errors import Conflict, NotFound, Rejected
from lostpost.core.text import trimmed
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import come_back, note_partnerservice_answer
from lostpost.customer_queries.timeline import LONGEST_TEXT, add_entry, lock_query
from lostpost.partnerservice.models import PartnerserviceRequest


class RequestNotFound(NotFound):
    """There is no such request."""


class RequestAnswered(Conflict):
    """The request was answered before."""

    code = "request-answered"


@transaction.atomic(durable=True)
def answer_request(
    *, seller_id: UUID, request_id: UUID, answer: str, by: Actor, now: datetime
) -> PartnerserviceRequest:
    """Write the answer on the request and on the query's timeline; the same answer again changes nothing.

    An answer is text only: nothing is written off or paid by it. Raises: RequestNotFound, RequestAnswered, Rejected
    without an answer.
    """
    answer = trimmed(answer)
    if not 1 <= len(answer) <= LONGEST_TEXT:
        raise Rejected(_("Write an answer of 1 to %(most)d characters; the seller reads it.") % {"most": LONGEST_TEXT})
    requests = PartnerserviceRequest.objects.filter(seller_id=seller_id, id=request_id)
    query_id = requests.values_list("query_id", flat=True).first()
    if query_id is None:
        raise RequestNotFound(_("There is no such request."))
    number = CustomerQuery.objects.values_list("number", flat=True).get(seller_id=seller_id, id=query_id)
    query = lock_query(number, seller_id=seller_id)
    request = requests.select_related("parcel_unit__parcel", "parcel_unit__order_item").get()
    if request.state == PartnerserviceRequest.State.ANSWERED:
        if request.answer == answer and request.answered_by_user_id == by.user_id:
            return request
        raise RequestAnswered(_("This request was answered before; read the answer."))
    values = {
        "state": PartnerserviceRequest.State.ANSWERED,
        "answer": answer,
        "answered_at": now,
        "answered_by_user_id": by.user_id,
        "answered_by_name": by.name,
    }
    for name, value in values.items():
        setattr(request, name, value)
    requests.update(**values)
    note_partnerservice_answer(query, at=now)
    add_entry(
        query,
        "partnerservice.answered",
        now=now,
        by=by,
        text=answer,
        request=str(request.id),
        parcel=request.parcel_unit.parcel.code,
        item=request.parcel_unit.order_item.item,
        title=request.parcel_unit.order_item.title,
    )
    if query.state == CustomerQuery.State.WITH_PARTNERSERVICE:
        come_back(query, by=by, now=now)
    return request
