"""Reads of holds: which orders one stops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q

from lostpost.holds.limits import OnHold, refusal_of_hold
from lostpost.holds.models import Hold


def orders_on_hold(seller_id: UUID, order_ids: Sequence[UUID], *, day: date) -> Mapping[UUID, OnHold]:
    """Return the refusal of each of a shop's orders that a hold stops on a day; one statement."""
    stops = Q(day=day) | Q(day=None, order_id=None) | Q(day=None, order_id__in=order_ids)
    holds = Hold.objects.filter(stops, seller_id=seller_id).exclude(state=Hold.State.RELEASED).order_by("kind")
    held: dict[UUID, OnHold] = {}
    for hold in holds:  # Where several stop an order, the one that the confirmation would name: the last by its kind.
        refusal = refusal_of_hold(hold.kind, hold.reason)
        held |= dict.fromkeys([hold.order_id] if hold.order_id else order_ids, refusal)
    return held
