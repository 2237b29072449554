"""Write off for a seller what two agents decided, exactly once, however often it is tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lostpost.accounts.actor import Actor, ActorRole
from lostpost.accounts.models import Seller
from lostpost.core.errors import Refused
from lostpost.customer_queries.timeline import add_entry
from lostpost.partnerservice.models import Override
from lostpost.partnerservice.requests import about, add_step, lock_request
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off


def write_off_overridden(*, seller_id: UUID, override_id: UUID, now: datetime) -> WriteOff | None:
    """Write off the units of a confirmed override in the name of who confirmed it; None where it is refused now.

    A refusal is noted on the request and the timeline: what the override was decided on has changed.
    """
    rows = Override.objects.select_related("request__query", "parcel_unit__parcel", "parcel_unit__order_item", "seller")
    override = rows.get(seller_id=seller_id, id=override_id, state=Override.State.CONFIRMED, writes_off=True)
    unit = override.parcel_unit
    try:
        return write_off(
            query=override.request.query.number,
            selection=[SelectedUnits(unit.parcel.code, unit.order_item.item, override.quantity)],
            by=_agent(override, override.seller),
            key=f"override-{override.id}",
            now=now,
        )
    except Refused as refusal:
        note_refusal(seller_id=seller_id, override_id=override_id, code=refusal.code, now=now)
        return None


@transaction.atomic(durable=True)
def note_refusal(*, seller_id: UUID, override_id: UUID, code: str, now: datetime) -> None:
    """Note once that what two agents decided could not be written off, and why."""
    request_id = Override.objects.values_list("request_id", flat=True).get(seller_id=seller_id, id=override_id)
    request, query = lock_request(request_id, seller_id=seller_id)
    open_ones = Override.objects.filter(seller_id=seller_id, id=override_id, refused_code="")
    if open_ones.update(refused_code=code):
        add_step(request, "not-written-off", by=None, now=now, code=code)
        add_entry(query, "partnerservice.not-written-off", now=now, code=code, **about(request))


def _agent(override: Override, seller: Seller) -> Actor:
    """Return the agent who confirmed, acting in the seller's shop."""
    agent = Actor(override.settled_by_name, ActorRole.PARTNERSERVICE, user_id=override.settled_by_user_id or 0)
    return replace(agent, shop=seller)
