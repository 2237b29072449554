"""Read a shop's feed."""

from __future__ import annotations

from uuid import UUID

from lostpost.events.models import Event


def events_after(seller_id: UUID, after: int, *, size: int) -> list[Event]:
    """Return up to `size` events that follow number `after` (0: from the first), in their order.

    Nothing comes in between later: an event is seen only when all before it are.
    """
    return list(Event.objects.filter(seller_id=seller_id, sequence__gt=after).order_by("sequence")[:size])
