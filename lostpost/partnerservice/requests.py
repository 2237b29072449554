"""What every command about a request shares: its lock, its log, and who may still decide it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.core.errors import Conflict, NotFound, Rejected
from lostpost.core.text import trimmed
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import lock_query
from lostpost.partnerservice.models import PartnerserviceRequest, RequestStep

DECIDE_WITHIN = timedelta(hours=48)  # Of any clock, as long as a query may be with Partnerservice.
State = PartnerserviceRequest.State


class RequestNotFound(NotFound):
    """There is no such request."""


class RequestAnswered(Conflict):
    """The request was answered before."""

    code = "request-answered"


def lock_request(request_id: UUID, *, seller_id: UUID) -> tuple[PartnerserviceRequest, CustomerQuery]:
    """Return a request and its query, both locked until commit, with the query's order. Raises: RequestNotFound."""
    requests = PartnerserviceRequest.objects.filter(seller_id=seller_id, id=request_id)
    numbers = CustomerQuery.objects.filter(seller_id=seller_id, id__in=requests.values("query_id"))
    number = numbers.values_list("number", flat=True).first()
    if number is None:
        raise RequestNotFound(_("There is no such request."))
    query = lock_query(number, seller_id=seller_id)
    request = requests.select_for_update(of=("self",)).select_related("parcel_unit__parcel", "parcel_unit__order_item")
    return request.get(), query


def require_waiting(request: PartnerserviceRequest) -> None:
    """Refuse to go on with a request that was answered. Raises: RequestAnswered."""
    if request.state == State.ANSWERED:
        raise RequestAnswered(_("This request was answered before; read the answer."))


def require_text(text: str, *, most: int) -> str:
    """Return what an agent or a seller wrote without the space around it. Raises: Rejected for nothing or too much."""
    text = trimmed(text)
    if not 1 <= len(text) <= most:
        raise Rejected(_("Write 1 to %(most)d characters.") % {"most": most})
    return text


def change_request(request: PartnerserviceRequest, **values: Any) -> None:
    """Change columns of a locked request."""
    for name, value in values.items():
        setattr(request, name, value)
    PartnerserviceRequest.objects.filter(seller_id=request.seller_id, id=request.id).update(**values)


def add_step(
    request: PartnerserviceRequest, kind: str, /, *, by: Actor | None, now: datetime, text: str = "", **data: Any
) -> RequestStep:
    """Add to the desk's log of a request what was done."""
    step = RequestStep(
        seller_id=request.seller_id,
        request_id=request.id,
        at=now,
        kind=kind,
        text=text,
        data=data,
        by_user_id=by.user_id if by else None,
        by_name=by.name if by else "",
    )
    step.save(force_insert=True)
    return step


def about(request: PartnerserviceRequest) -> dict[str, Any]:
    """Return what entries of the timeline say of a request: its id and kind, and the units in question."""
    unit = request.parcel_unit
    named = {"parcel": unit.parcel.code, "item": unit.order_item.item, "title": unit.order_item.title} if unit else {}
    return {"request": str(request.id), "about": request.kind, **named}
