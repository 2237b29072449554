"""Parcels about which carriers are asked."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from lostpost.orders.models import Parcel
from tests.cast import a_parcel, an_order


def a_silent_parcel(seller: Any, carrier: str, number: str, *, days: float = 3) -> Parcel:
    """Hand a parcel over so many days ago, and mark it as silent."""
    now = timezone.now()
    order = an_order(seller, placed_days=days + 1, now=now)
    parcel = a_parcel(order, carrier=carrier, tracking_number=number, shipped_days=days, now=now)
    Parcel.objects.filter(seller_id=seller.id, id=parcel.id).update(silent_since=parcel.shipped_at)
    return parcel
