"""The radar: every silent parcel with what it is worth, since when it may be written off, and until when.

A parcel is on it if `assess` lets something of it be written off, or refuses it for now alone or until its carrier's
scans come again: the same rules, on the same facts, as the write-off screen. What the carrier reports as delivered is
not silent, whatever the policy allows; it is on the radar only where Partnerservice lifts a refusal for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from lostpost.core.keyset import PageKey
from lostpost.core.text import compact_form
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import claim_day, last_day
from lostpost.eligibility.facts import DELIVERED, ParcelFacts
from lostpost.insight.order_parcels import ShownParcel, UnitState, parcels_of
from lostpost.orders.reads import AssessedUnit
from lostpost.writeoffs.assess_order import OrderAssessment
from lostpost.writeoffs.assess_stakes import worth_of

ONLY_TOO_RECENT = {"recent-update"}
DUE_SOON = timedelta(days=7)
STATES = (UnitState.ELIGIBLE, UnitState.NOT_YET, UnitState.PAUSED)
QUERIES = ("none", "open", "handled")


@dataclass(frozen=True, slots=True)
class RadarQuery:
    """The customer query about a parcel's order: the newest that is not handled, else the newest."""

    number: str
    state: CustomerQuery.State
    opened_at: datetime

    @property
    def handled(self) -> bool:
        """Whether nobody has anything to do in it."""
        return self.state == CustomerQuery.State.HANDLED


@dataclass(frozen=True, slots=True)
class RadarParcel:
    """A parcel that is silent, as pages, API, files and the command show it."""

    id: UUID
    seller_id: UUID
    order_number: str
    customer_name: str
    customer_country: str
    parcel: str
    carrier: str
    tracking_number: str
    last_status: str  # Empty: the carrier never scanned it.
    shipped_at: datetime
    silent_since: datetime  # The last update.
    state: UnitState  # One of STATES.
    eligible_from: datetime  # Since when, or from when on, something of it may be written off; if paused: but for that.
    only_too_recent: bool  # Nothing but a recent update stands in the way of something of it.
    last_on: date  # The marketplace's last day, in its calendar.
    claim_on: date | None  # The carrier's last day for a claim; None where nobody said it.
    titles: Sequence[str]
    quantity: int  # Units that may be written off, now or then.
    value_minor: int  # What the customer would receive for these, without delivery costs.
    currency: str
    query: RadarQuery | None = None
    paused_since: datetime | None = None  # Since when the scans of its carrier do not reach us.

    @property
    def key(self) -> PageKey:
        """Where it stands in the list: that which fell silent last comes first."""
        return PageKey(self.silent_since, self.id)


@dataclass(frozen=True, slots=True)
class RadarFilters:
    """What somebody wants to see; an empty field narrows nothing.

    `due`: the marketplace's or the carrier's last day is within `DUE_SOON`.
    """

    state: str = UnitState.ELIGIBLE.value
    carrier: str = ""
    query: str = ""
    due: bool = False

    @classmethod
    def read(cls, values: Mapping[str, str]) -> RadarFilters:
        """Read the filters of an address; what is unknown narrows nothing, and the state is eligible."""
        state, query = values.get("state", ""), values.get("query", "")
        return cls(
            state=state if state in STATES else UnitState.ELIGIBLE.value,
            carrier=values.get("carrier", "").strip()[:64],
            query=query if query in QUERIES else "",
            due=values.get("due", "") == "soon",
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything but the state is chosen."""
        return bool(self.carrier or self.query or self.due)

    def values(self) -> dict[str, str]:
        """Return what stands in an address, as `read` takes it."""
        chosen = {"state": self.state, "carrier": self.carrier, "query": self.query, "due": "soon" if self.due else ""}
        return {name: value for name, value in chosen.items() if value}

    def matches(self, parcel: RadarParcel, *, today: date) -> bool:
        """Tell whether a parcel is to be shown. Args: `today`: in the marketplace's calendar."""
        if parcel.state != self.state:
            return False
        if self.carrier and compact_form(parcel.carrier) != compact_form(self.carrier):
            return False
        if self.query and self.query != _query_state(parcel):
            return False
        return not self.due or any(
            day and today <= day <= today + DUE_SOON for day in (parcel.last_on, parcel.claim_on)
        )


def _query_state(parcel: RadarParcel) -> str:
    if parcel.query is None:
        return "none"
    return "handled" if parcel.query.handled else "open"


def radar_parcels(
    assessments: Iterable[OrderAssessment],
    *,
    queries: Mapping[UUID, RadarQuery],
    only: frozenset[UUID] | None = None,
) -> list[RadarParcel]:
    """Return the silent parcels of assessed orders, in no order.

    Args: `queries`: by the order's id. `only`: the parcels that are asked for, by their id; None: all of them.
    """
    silent = []
    for assessment in assessments:
        for parcel in parcels_of(assessment.units):
            parcel_id, facts = parcel.units[0].unit.parcel_id, parcel.facts
            if parcel_id is None or facts is None or (only is not None and parcel_id not in only):
                continue
            if parcel.state in STATES and _is_silent(facts, parcel):
                silent.append(_radar_parcel(assessment, parcel_id, facts, parcel, queries.get(assessment.order.id)))
    return silent


def _is_silent(facts: ParcelFacts, parcel: ShownParcel) -> bool:
    """Tell whether it counts as silent: a delivered one only by an override."""
    if facts.last_scan is None or facts.last_scan.status not in DELIVERED:
        return True
    return any(unit.assessment.lifted for unit in parcel.units)


def _radar_parcel(
    assessment: OrderAssessment, parcel_id: UUID, facts: ParcelFacts, parcel: ShownParcel, query: RadarQuery | None
) -> RadarParcel:
    order, policy, state = assessment.order, assessment.policy, parcel.state
    units = [shown.unit for shown in parcel.units if shown.state == state]
    return RadarParcel(
        id=parcel_id,
        seller_id=order.seller_id,
        order_number=order.number,
        customer_name=order.customer_name,
        customer_country=order.customer_country,
        parcel=facts.parcel,
        carrier=facts.carrier,
        tracking_number=facts.tracking_number or "",
        last_status=facts.last_scan.status if facts.last_scan else "",
        shipped_at=facts.shipped_at,
        silent_since=facts.updated_at,
        state=state,
        eligible_from=min(_eligible_from(unit) for unit in units),
        only_too_recent=state == UnitState.NOT_YET and any(_only_too_recent(unit) for unit in units),
        last_on=last_day(order.placed_at, order.customer_country, policy),
        claim_on=claim_day(facts.carrier, facts.shipped_at, policy),
        titles=[unit.item.title for unit in units],
        quantity=sum(unit.available for unit in units),
        value_minor=worth_of(assessment, units),
        currency=order.currency,
        query=query,
        paused_since=facts.silent_feed.since if facts.silent_feed and state == UnitState.PAUSED else None,
    )


def _eligible_from(unit: AssessedUnit) -> datetime:
    """Return since when, or from when on, units may be written off by what is known now."""
    assessment, parcel = unit.assessment, unit.facts.parcel
    assert parcel
    if assessment.eligible_from:
        return assessment.eligible_from
    waited = parcel.updated_at + assessment.policy.quiet_time(unit.facts)
    at_point = unit.facts.parcel and parcel.last_scan and parcel.last_scan.status == "at_pickup_point"
    if at_point and parcel.last_scan:
        waited = max(waited, parcel.last_scan.scanned_at + assessment.policy.pickup_time)
    return min(waited, assessment.now)  # By an override, before that.


def _only_too_recent(unit: AssessedUnit) -> bool:
    return {refusal.code for refusal in unit.assessment.refusals} == ONLY_TOO_RECENT
