"""Any facts that the policy may meet, and a parcel to start from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from lostpost.eligibility.facts import FeedFact, ParcelFacts, ScanFact, ScanStatus, ShippingMethod, UnitFacts
from lostpost.eligibility.policy import REFUND_DELIVERY_COSTS, Policy

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 3, 20, 11, 0, tzinfo=UTC)

# Zones whose summer time begins and ends on different days, and around a change of both kinds.
zones = st.sampled_from([UTC, AMSTERDAM, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")])
FIRST, LAST = datetime(2025, 9, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
instants = st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=zones)
scans = st.builds(
    ScanFact,
    scanned_at=instants,
    status=st.sampled_from(ScanStatus),
    text=st.sampled_from(["", "Sorted"]),
    location=st.sampled_from(["", "Utrecht"]),
    code=st.sampled_from(["", "S1"]),
)
feeds = st.builds(
    FeedFact,
    carrier=st.just("DPD"),
    since=instants,
    found_at=instants,
    lifted_until=st.none() | instants,
    lifted_by=st.sampled_from(["", "Otto"]),
    lift_reason=st.sampled_from(["", "A strike"]),
)
parcels = st.builds(
    ParcelFacts,
    parcel=st.just("P1"),
    shipping_method=st.sampled_from(ShippingMethod),
    carrier=st.sampled_from(["DPD", "PostNL"]),
    tracking_number=st.sampled_from([None, "", "3SABC"]),
    shipped_at=instants,
    tracking_number_changed_at=st.none() | instants,
    last_scan=st.none() | scans,
    silent_feed=st.none() | feeds,
)
units = st.builds(
    UnitFacts,
    order_placed_at=instants,
    item=st.just("A"),
    ordered=st.integers(1, 5),
    parcel=st.none() | parcels,
    shipped=st.integers(0, 5),
    written_off=st.integers(0, 5),
    returned=st.integers(0, 5),
)
policies = st.builds(
    Policy,
    version=st.integers(0, 10**6),
    quiet_days=st.integers(0, 90),
    quiet_days_untracked=st.integers(0, 90),
    order_age_days_max=st.integers(1, 3650),
    allow_after_delivery=st.booleans(),
    pickup_days=st.integers(0, 90),
    time_zone=st.sampled_from(["Europe/Amsterdam", "UTC", "America/Sao_Paulo", "Pacific/Apia"]),
    refund_delivery_costs=st.sampled_from(REFUND_DELIVERY_COSTS),
    commission_vat_rate_bp=st.integers(0, 10_000),
    carrier_claim_days=st.sampled_from(["", "DPD: 30", "DHL: 14, PostNL: 30,"]),
)


def lost(**changes: Any) -> UnitFacts:
    """Give a unit that may be written off at NOW, but for the changes; those of the parcel go by its own names."""
    of_parcel = {name: changes.pop(name) for name in list(changes) if name in ParcelFacts.__dataclass_fields__}
    parcel = ParcelFacts(
        parcel="P1",
        shipping_method=ShippingMethod.OWN,
        carrier="DPD",
        tracking_number="3SABC",
        shipped_at=NOW - timedelta(days=12),
        tracking_number_changed_at=None,
        last_scan=ScanFact(NOW - timedelta(days=10), ScanStatus.IN_TRANSIT, "Sorted", "Utrecht"),
    )
    # `parcel` itself is a name of both: None, for an item that was not shipped.
    if "parcel" in of_parcel and of_parcel["parcel"] is None:
        complete: ParcelFacts | None = None
    else:
        complete = replace(parcel, **of_parcel)
    unit = UnitFacts(
        order_placed_at=NOW - timedelta(days=14),
        item="A",
        ordered=2,
        parcel=complete,
        shipped=2,
        written_off=0,
        returned=0,
    )
    return replace(unit, **changes)
