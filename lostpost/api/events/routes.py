"""The feed of what happened in a shop, from its first event on."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Query, Router

from lostpost.api.events.schemas import EventsOut
from lostpost.api.http.auth import ApiRequest, acting_seller, scope
from lostpost.api.http.pagination import Shop, Size
from lostpost.events.reads import events_after

router = Router(tags=["events"], auth=scope("seller:read", "seller:write"))
Sequence = Annotated[int, Query(ge=0, le=2**63 - 1, description="`sequence` of the last event that you have; 0: none")]


@router.get("/events", response=EventsOut, operation_id="list_events")
def list_events(request: ApiRequest, seller: Shop = None, after: Sequence = 0, size: Size = 50) -> dict[str, Any]:
    """List a shop's events in the order in which they were committed, without a gap.

    At the end `next` is null: ask again later, with the last `sequence` as `after`. Asked from 0, all are told again.
    """
    events = events_after(acting_seller(request, seller).id, after, size=size + 1)
    items = events[:size]
    return {"items": items, "next": str(items[-1].sequence) if len(events) > size else None}
