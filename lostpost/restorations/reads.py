"""Restored payments as finance works through them, over all sellers."""

from __future__ import annotations

from lostpost.core.keyset import Page, PageKey, page_of
from lostpost.core.ownership import cross_seller
from lostpost.restorations.models import Restoration

State = Restoration.State
_BY = {State.AGREED: "agreed_at", State.RECEIVED: "received_at", State.WITHDRAWN: "withdrawn_at"}


def restorations_in(state: str, *, after: PageKey | None, size: int) -> Page[Restoration]:
    """Return a page of all sellers' restorations in a state: agreed ones the oldest first, others the newest."""
    rows = Restoration.objects.select_related("seller", "order", "write_off__query").filter(state=state)
    with cross_seller("finance: restorations of all sellers"):
        return page_of(rows, by=_BY[State(state)], after=after, size=size, newest_first=state != State.AGREED)
