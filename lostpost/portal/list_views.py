"""The views of the list of customer queries: those that are shipped, and those that a member keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lostpost.accounts.models import Seller
from lostpost.customer_queries.list_filters import BUCKETS, ME, NOBODY, ListFilters, State
from lostpost.customer_queries.models import SavedView
from lostpost.customer_queries.worklist import Listing, views_counted
from lostpost.eligibility.policy import Policy
from lostpost.insight.silent_parcels import LISTED_MOST, SilentParcel
from lostpost.insight.worklist import belonging
from lostpost.texts.states import state_text
from lostpost.texts.worklist import VIEWS

MOST_SHOWN = 999
SHIPPED = {
    "to-do": ListFilters(),
    "due-today": ListFilters(due="0"),
    "answer": ListFilters(need="answer"),
    "write-off": ListFilters(need="write-off"),
    "money": ListFilters(need="money"),
    "partnerservice": ListFilters(need="partnerservice"),
    "silent": ListFilters(need="silent"),
    "mine": ListFilters(who=ME),
    "unassigned": ListFilters(who=NOBODY),
}


@dataclass(frozen=True, slots=True)
class ShownView:
    """A view with its count; `saved_id` where somebody keeps it."""

    name: str
    filters: ListFilters
    count: str
    code: str = ""
    saved_id: UUID | None = None

    @property
    def query(self) -> str:
        """The query string of its list."""
        return f"?{self.filters.text}" if self.filters.text else "?"


@dataclass(frozen=True, slots=True)
class ShownViews:
    """All views of a member."""

    shipped: Sequence[ShownView]
    states: Sequence[ShownView]
    saved: Sequence[ShownView]
    others: Sequence[ShownView] = ()


def shown_views(
    seller: Seller,
    policy: Policy,
    silent: Sequence[SilentParcel],
    *,
    user_id: int | None,
    now: datetime,
    others: Sequence[ListFilters] = (),
) -> ShownViews:
    """Return the views with their counts: two statements, whatever the size of the shop.

    Args: `silent`: `oldest_silent_parcels` of the shop. `others`: views to be counted with them, which have no name.
    """
    kept = list(SavedView.objects.filter(seller_id=seller.id, user_id=user_id or 0).order_by("name", "id"))
    saved = [(view, ListFilters.from_text(view.filters)) for view in kept]
    states = [ListFilters(state=state.value) for state in BUCKETS if state != State.OPEN]
    views = [*SHIPPED.values(), *states, *(filters for _view, filters in saved), *others]
    counts = {}
    for filters, (count, counted_all) in zip(
        views, views_counted(seller.id, views, policy=policy, user_id=user_id, now=now), strict=True
    ):
        parcels = len(belonging(silent, Listing(seller.id, filters, policy, now, user_id)))
        counts[filters] = _count_text(filters, count + parcels, counted_all and parcels < LISTED_MOST)
    return ShownViews(
        shipped=[ShownView(str(VIEWS[code]), filters, counts[filters], code) for code, filters in SHIPPED.items()],
        states=[ShownView(state_text("query", filters.state), filters, counts[filters]) for filters in states],
        saved=[ShownView(view.name, filters, counts[filters], saved_id=view.id) for view, filters in saved],
        others=[ShownView("", filters, counts[filters]) for filters in others],
    )


def _count_text(filters: ListFilters, count: int, counted_all: bool) -> str:
    """Write a count; of handled queries none, as they need no work."""
    if filters.state == State.HANDLED:
        return ""
    if count > MOST_SHOWN:
        return f"{MOST_SHOWN}+"
    return str(count) if counted_all else f"{count}+"
