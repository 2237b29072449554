"""When a carrier is asked about a parcel again: often while somebody may decide about it, then seldom, then never.

No parcel is asked about more than eight times a day, which is what DHL, the strictest, allows (ten).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lostpost.eligibility.facts import FINAL, ScanStatus
from lostpost.eligibility.policy import Policy

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DECIDING = 3 * HOUR  # A customer waits, and it may be written off within a day, or since a few days.
NEAR = 6 * HOUR  # The same without a customer query.
SILENT = DAY
LONG_SILENT_AFTER, LONG_SILENT = timedelta(days=14), 3 * DAY
NEAR_BEFORE, NEAR_AFTER = DAY, 3 * DAY  # Of the moment from which it may be written off.
NOT_FOUND = (6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY)  # After so many answers in a row that nobody knows it.
SLACK = timedelta(days=2)  # Of time zones, and of who writes off on the last day.
SHIPPED_BEFORE_ORDER = timedelta(days=30)  # As parcels are marked as silent.


@dataclass(frozen=True, slots=True)
class PolledParcel:
    """What is known of a parcel."""

    parcel_id: UUID
    tracking_number: str
    carrier: str
    country: str  # Where the order goes to.
    updated_at: datetime  # Its last update.
    last_status: str
    placed_at: datetime
    shipped_at: datetime
    written_off: bool
    query_open: bool  # A customer waits for an answer about its order.


@dataclass(frozen=True, slots=True)
class NextPoll:
    """When the carrier is asked again, and how urgent that is: 0 most."""

    at: datetime
    urgency: int


def shipped_from(policy: Policy, now: datetime) -> datetime:
    """Return the hand-over before which no parcel can be written off any more."""
    return now - timedelta(days=policy.bounds("order_age_days_max")[1]) - SLACK - SHIPPED_BEFORE_ORDER


def may_still_matter(parcel: PolledParcel, policy: Policy, now: datetime) -> bool:
    """Tell whether the carrier is asked at all: not once the journey is over or nobody can write it off any more."""
    if parcel.last_status in FINAL or not parcel.tracking_number:
        return False
    return now <= parcel.placed_at + timedelta(days=policy.bounds("order_age_days_max")[1]) + SLACK


def next_poll(parcel: PolledParcel, policy: Policy, *, not_found: int, now: datetime) -> NextPoll | None:
    """Return when the carrier is asked again; None: never.

    Args: `parcel`: as it is after the answer. `not_found`: answers in a row that the carrier does not know it.
    """
    if not may_still_matter(parcel, policy, now):
        return None
    name = "pickup_days" if parcel.last_status == ScanStatus.AT_PICKUP_POINT else "quiet_days"
    days = policy.value_of(name, carrier=parcel.carrier, country=parcel.country, at=parcel.updated_at)
    eligible_at = parcel.updated_at + timedelta(days=days)
    near = eligible_at - NEAR_BEFORE <= now <= eligible_at + NEAR_AFTER
    deciding = parcel.query_open and now >= eligible_at - NEAR_BEFORE
    if deciding:
        pause, urgency = DECIDING, 0
    elif near:
        pause, urgency = NEAR, 1
    elif parcel.written_off or now >= parcel.updated_at + LONG_SILENT_AFTER:
        pause, urgency = LONG_SILENT, 3
    else:
        pause, urgency = SILENT, 2
    if not_found:
        pause = max(pause, NOT_FOUND[min(not_found, len(NOT_FOUND)) - 1])
    at = now + pause
    if now < eligible_at - NEAR_BEFORE < at and not not_found:
        at = max(eligible_at - NEAR_BEFORE, now + DECIDING)
    return NextPoll(at + _jitter(parcel.parcel_id, pause), urgency)


def _jitter(parcel_id: UUID, pause: timedelta) -> timedelta:
    """Spread parcels that were asked about together: up to a tenth of the pause, always the same for one."""
    return pause * (parcel_id.int % 100) / 1000
