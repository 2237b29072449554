"""Silent parcels without a customer query: losses that customers have not reported yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lostpost.core.clock import day_begins_at
from lostpost.core.sql import fetch, sql_file
from lostpost.customer_queries.models import NEVER
from lostpost.customer_queries.states import begins_at, claim_day, last_day
from lostpost.eligibility.policy import Policy
from lostpost.insight.order_parcels import ShownParcel, UnitState, parcels_of
from lostpost.orders.models import Order
from lostpost.writeoffs.assess_order import assess_orders

LISTED_MOST, LOOKED_AT = 200, 1_000  # Of a worklist, which has them among queries: the oldest, and of how many.

_OLDEST = sql_file(__name__, "oldest_silent_parcels")


@dataclass(frozen=True, slots=True)
class SilentParcel:
    """A parcel that fell silent and that no query is about, with what a worklist is sorted by."""

    id: UUID
    order_id: UUID
    updated_at: datetime
    due_at: datetime  # When the order's last day is over.
    eligible_from: datetime
    claim_until: datetime  # When the carrier takes no claim any more, or NEVER.
    at_stake_minor: int  # Each unit at its rounded-down share.
    carrier_normalised: str


def oldest_silent_parcels(seller_id: UUID, policy: Policy, *, now: datetime) -> list[SilentParcel]:
    """Return the silent parcels that were handed over the longest ago, not yet assessed: at most `LISTED_MOST`."""
    rows = fetch(_OLDEST, {"seller": seller_id, "most": LISTED_MOST, "looked_at": LOOKED_AT, **window(policy, now)})
    parcels = []
    for parcel_id, order_id, updated_at, placed_at, country, shipped_at, tracked, carrier, pickup_at, minor in rows:
        due_at = begins_at(last_day(placed_at, country, policy) + timedelta(days=1), policy)
        of_parcel = {"carrier": carrier, "country": country}
        name = "quiet_days" if tracked else "quiet_days_untracked"
        eligible_from = updated_at + timedelta(days=policy.value_of(name, **of_parcel, at=updated_at))
        if pickup_at:
            waited = timedelta(days=policy.value_of("pickup_days", **of_parcel, at=pickup_at))
            eligible_from = max(eligible_from, pickup_at + waited)
        if not eligible_from <= now < due_at:  # A window is narrower than what the statement looks for.
            continue
        claim_on = claim_day(carrier, shipped_at, policy)
        claim_until = begins_at(claim_on + timedelta(days=1), policy) if claim_on else NEVER
        moments = (updated_at, due_at, eligible_from, claim_until)
        parcels.append(SilentParcel(parcel_id, order_id, *moments, minor, carrier))
    return parcels


def silent_parcels(
    seller_id: UUID, rows: Sequence[SilentParcel], policy: Policy, *, now: datetime, most: int
) -> list[tuple[Order, ShownParcel]]:
    """Return the first of these parcels that may be written off now, with their orders: the policy decides.

    Args: `rows`: as `oldest_silent_parcels` returns them, those that were handed over the longest ago first.
    """
    parcels: list[tuple[Order, ShownParcel]] = []
    for start in range(0, len(rows), 4 * most):
        batch = rows[start : start + 4 * most]
        places = {row.id: place for place, row in enumerate(batch)}
        orders = Order.objects.filter(seller_id=seller_id, id__in={row.order_id for row in batch})
        eligible = [
            (places[parcel_id], assessment.order, parcel)
            for assessment in assess_orders(list(orders), policy, now=now).values()
            for parcel in parcels_of(assessment.units)
            if parcel.state == UnitState.ELIGIBLE and (parcel_id := parcel.units[0].unit.parcel_id) in places
        ]
        parcels += [(order, parcel) for _place, order, parcel in sorted(eligible, key=lambda each: each[0])]
        if len(parcels) >= most:
            break
    return parcels[:most]


def window(policy: Policy, now: datetime) -> dict[str, datetime]:
    """Return the instants between which a parcel may be silent under this policy, whatever windows fit it."""
    first_day = now.astimezone(policy.zone).date() - timedelta(days=policy.bounds("order_age_days_max")[1])
    placed_from = day_begins_at(first_day, policy.zone)
    names = ("quiet_days", "quiet_days_untracked", "pickup_days")
    tracked, untracked, picked_up = (now - timedelta(days=policy.bounds(name)[0]) for name in names)
    return {
        "from": placed_from - timedelta(days=1),  # A shop may report the hand-over before the order.
        "until": max(tracked, untracked),
        "until_tracked": tracked,
        "until_untracked": untracked,
        "now": now,
        "picked_up_until": picked_up,
        "placed_from": placed_from,
    }
