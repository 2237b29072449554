"""Pages of the radar, of one shop or of all: at a cost that depends on the page alone.

Candidates come from an index in the order of the list, and `assess` decides about each. So many are looked at for a
page at most; where filters leave too few, the page is short, and the next goes on behind the last one looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lostpost.carrier_feeds.models import SilentFeed
from lostpost.core.keyset import FURTHEST, PageKey
from lostpost.core.ownership import cross_seller
from lostpost.core.sql import fetch, sql_file
from lostpost.eligibility.policy import Policy
from lostpost.insight.order_parcels import UnitState
from lostpost.insight.radar import RadarFilters, RadarParcel, radar_parcels
from lostpost.insight.radar_report import placed_from, queries_of_orders
from lostpost.orders.models import Order
from lostpost.tracking.mark_silent_parcels import SHIPPED_BEFORE_ORDER
from lostpost.writeoffs.assess_order import assess_orders

LOOKS_MOST, LOOKED_AT = 10, 100  # For a page: so often, at so many candidates.
LISTED_MOST = 10_000  # In a file.

_OF_SHOP = sql_file(
    __name__,
    "radar_candidates",
    of_shop="parcel.seller_id = %(seller)s",
    unit_of_shop="unit.seller_id = %(seller)s",
)
_OF_ALL = sql_file(__name__, "radar_candidates", of_shop="true", unit_of_shop="true")
_LAST_ID = UUID(int=2**128 - 1)

Candidates = list[tuple[UUID, UUID, UUID, datetime, bool]]


@dataclass(frozen=True, slots=True)
class RadarPage:
    """Parcels of the radar, and where the next page begins. `cut_short`: more may follow, though it is not full."""

    rows: list[RadarParcel]
    next: PageKey | None = None
    cut_short: bool = False


def radar_page(
    policy: Policy,
    filters: RadarFilters,
    *,
    now: datetime,
    size: int,
    after: PageKey | None = None,
    seller_id: UUID | None = None,
) -> RadarPage:
    """Return a page of the radar of a shop, or of all shops."""
    if filters.state == UnitState.PAUSED and not SilentFeed.objects.filter(ended_at=None).exists():
        return RadarPage([])
    found: list[RadarParcel] = []
    span, most = _span(policy, filters, now), min(LOOKED_AT, 2 * size)
    today = now.astimezone(policy.zone).date()
    for _look in range(LOOKS_MOST):
        candidates = _candidates(span, after, seller_id, most=most)
        parcels = [parcel for parcel in _assessed(candidates, policy, now) if filters.matches(parcel, today=today)]
        found += sorted(parcels, key=lambda parcel: parcel.key, reverse=True)
        if len(found) > size:
            return RadarPage(found[:size], found[size - 1].key)
        if len(candidates) < most:
            return RadarPage(found)
        after, most = PageKey(candidates[-1][3], candidates[-1][0]), LOOKED_AT
    return RadarPage(found, after, cut_short=True)


def radar_rows(
    policy: Policy, filters: RadarFilters, *, now: datetime, seller_id: UUID | None = None
) -> Iterator[RadarParcel]:
    """Return the parcels of a radar one after the other, `LISTED_MOST` at most."""
    after, count = None, 0
    while count < LISTED_MOST:
        page = radar_page(policy, filters, now=now, size=LOOKED_AT, after=after, seller_id=seller_id)
        yield from page.rows[: LISTED_MOST - count]
        count, after = count + len(page.rows), page.next
        if after is None:
            return


def _span(policy: Policy, filters: RadarFilters, now: datetime) -> dict[str, datetime]:
    """Return between which last updates marked parcels of the state lie: the others need not be looked at."""
    least, most = policy.bounds("quiet_days", "quiet_days_untracked")
    if filters.state == UnitState.NOT_YET:
        return {
            "silent_from": now - timedelta(days=max(most, policy.bounds("pickup_days")[1])),
            "silent_until": FURTHEST,
        }
    until = FURTHEST if filters.state == UnitState.PAUSED else now - timedelta(days=least)
    return {"silent_from": placed_from(policy, now) - SHIPPED_BEFORE_ORDER, "silent_until": until}


def _candidates(span: dict[str, datetime], after: PageKey | None, seller_id: UUID | None, *, most: int) -> Candidates:
    key = {"before_at": after.at if after else FURTHEST, "before_id": after.id if after else _LAST_ID}
    if seller_id:
        rows = fetch(_OF_SHOP, {**key, **span, "seller": seller_id, "most": most})
    else:
        with cross_seller("radar: silent parcels of all shops"):
            rows = fetch(_OF_ALL, {**key, **span, "most": most})
    return [
        (parcel_id, shop, order_id, silent_since, unmoved) for parcel_id, shop, order_id, silent_since, unmoved in rows
    ]


def _assessed(candidates: Candidates, policy: Policy, now: datetime) -> Iterator[RadarParcel]:
    """Assess candidates that have not moved since they were marked: three statements for each shop among them."""
    orders_of: dict[UUID, set[UUID]] = defaultdict(set)
    for _parcel, shop, order_id, _silent_since, unmoved in candidates:
        if unmoved:
            orders_of[shop].add(order_id)
    only = frozenset(parcel_id for parcel_id, *_rest, unmoved in candidates if unmoved)
    for shop, order_ids in orders_of.items():
        orders = list(Order.objects.filter(seller_id=shop, id__in=order_ids))
        queries = queries_of_orders(shop, list(order_ids))
        yield from radar_parcels(assess_orders(orders, policy, now=now).values(), queries=queries, only=only)
