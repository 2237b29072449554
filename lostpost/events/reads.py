"""Read a shop's feed."""

from __future__ import annotations

from uuid import UUID

from lostpost.events.models import Event, EventCounter, Webhook


def events_after(seller_id: UUID, after: int, *, size: int) -> list[Event]:
    """Return up to `size` events that follow number `after` (0: from the first), in their order.

    No event is added in between later: an event is visible only once all before it are.
    """
    return list(Event.objects.filter(seller_id=seller_id, sequence__gt=after).order_by("sequence")[:size])


def newest_sequence(seller_id: UUID) -> int:
    """Return the number of the shop's newest event; 0 if there is none."""
    return EventCounter.objects.filter(seller_id=seller_id).values_list("last", flat=True).first() or 0


def parked_webhooks(seller_id: UUID) -> list[Webhook]:
    """Return the shop's addresses to which nothing is sent any more, by name."""
    return list(Webhook.objects.filter(seller_id=seller_id, state=Webhook.State.PARKED).order_by("name"))
