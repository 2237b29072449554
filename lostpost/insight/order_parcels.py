"""An order's parcels as pages show them: units, scans, returns, requests and assessments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from lostpost.core.kept_query import KeptQuery
from lostpost.core.money import share_of_units
from lostpost.eligibility.assess import Assessment, assess
from lostpost.eligibility.facts import ParcelFacts, ScanFact, ShippingMethod, TimeCertainty, UnitFacts
from lostpost.insight.silence_odds import SilenceOdds
from lostpost.orders.models import Return, ReturnUnit
from lostpost.orders.reads import AssessedUnit
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.tracking.enter_scan import BY_HAND
from lostpost.tracking.models import EnteredScan, Scan
from lostpost.writeoffs.assess_order import OrderAssessment


class UnitState(StrEnum):
    """The short answer of an assessment."""

    ELIGIBLE = "eligible"
    NOT_YET = "not-yet"
    PAUSED = "paused"  # Until its carrier's scans come again.
    NOT_POSSIBLE = "not-possible"
    WRITTEN_OFF = "written-off"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class ShownUnit:
    """Units of one item in one parcel, or those of an item that were not shipped yet."""

    unit: AssessedUnit
    return_code: str = ""  # Of a return that took units of it.
    at_partnerservice: bool = False  # Whether a request about it waits for Partnerservice.
    not_sent: int = 0  # Units of the item that lie in no parcel and were not cancelled.
    # On the screen on which units are chosen:
    id: str = ""  # Unique on the page.
    ticked: bool = False
    quantity: str = ""  # As typed.
    problem: str = ""  # What is wrong with the choice.

    @property
    def value(self) -> str:
        """The value of the unit in a form, as `parse_unit` reads it."""
        return f"{self.unit.parcel or ''}/{self.unit.item.item}"

    @property
    def title(self) -> str:
        """What was bought."""
        return self.unit.item.title

    @property
    def sku(self) -> str:
        """The seller's own number of it."""
        return self.unit.item.sku

    @property
    def assessment(self) -> Assessment:
        """The assessment by the policy."""
        return self.unit.assessment

    @property
    def facts(self) -> UnitFacts:
        """The facts that were assessed."""
        return self.unit.facts

    @property
    def count(self) -> int:
        """The units in this parcel, or those not sent yet."""
        return self.facts.shipped if self.unit.parcel else self.not_sent

    @property
    def state(self) -> UnitState:
        """The short answer of the assessment."""
        if self.unit.parcel is None and not self.not_sent:
            return UnitState.CANCELLED
        return state_of_unit(self.assessment)

    @property
    def for_partnerservice(self) -> bool:
        """Whether Partnerservice may decide about it now."""
        return any(refusal.partnerservice for refusal in self.assessment.refusals)

    @property
    def eligible_from(self) -> datetime | None:
        """When time alone makes it eligible."""
        return self.assessment.eligible_from if self.state == UnitState.NOT_YET else None

    @property
    def each_minor(self) -> int:
        """What the customer paid for one unit, rounded down; the last unit takes the rest of the division too."""
        return share_of_units(self.unit.item.paid_minor, quantity=self.unit.item.quantity, before=0, count=1)


@dataclass(frozen=True, slots=True)
class ShownScan:
    """A scan in the list of its parcel's; those that do not count too."""

    scanned_at: datetime
    fingerprint: UUID
    received_at: datetime
    status: str
    text: str
    location: str
    from_future: bool
    before_order: bool
    entered_by: str  # Who typed it in; empty where a source sent it.


@dataclass(frozen=True)
class ShownParcel:
    """A parcel with its units; without facts it stands for the units that were not shipped yet."""

    facts: ParcelFacts | None
    units: Sequence[ShownUnit]
    scans: Sequence[ShownScan] = ()  # All of them, newest first.
    odds: SilenceOdds | None = None  # That it still comes, on the screen on which units are chosen.

    @property
    def code(self) -> str:
        """The marketplace's code."""
        return self.facts.parcel if self.facts else ""

    @property
    def carrier(self) -> str:
        """Who carries it."""
        return self.facts.carrier if self.facts else ""

    @property
    def tracking_number(self) -> str:
        """The carrier's name of it."""
        return (self.facts.tracking_number if self.facts else None) or ""

    @property
    def method(self) -> ShippingMethod | None:
        """Under whose contract it travels."""
        return self.facts.shipping_method if self.facts else None

    @property
    def shipped_at(self) -> datetime | None:
        """When it was handed over."""
        return self.facts.shipped_at if self.facts else None

    @property
    def updated_at(self) -> datetime | None:
        """The last update."""
        return self.facts.updated_at if self.facts else None

    @property
    def scan(self) -> ScanFact | None:
        """The scan that was the last update; none where that was the hand-over or a corrected number."""
        scan = self.facts.last_scan if self.facts else None
        return scan if scan and scan.scanned_at == self.updated_at else None

    @property
    def corrected(self) -> bool:
        """Whether the last update was a correction of the Track & Trace number."""
        changed_at = self.facts.tracking_number_changed_at if self.facts else None
        return changed_at is not None and changed_at == self.updated_at and self.scan is None

    @property
    def learned_at(self) -> datetime | None:
        """When that scan was received."""
        same = (scan for scan in self.scans if self.scan and scan.scanned_at == self.scan.scanned_at)
        return min((scan.received_at for scan in same), default=None)

    @property
    def state(self) -> UnitState:
        """The best state of its units."""
        states = {unit.state for unit in self.units}
        return next(state for state in UnitState if state in states)

    @property
    def eligible_from(self) -> datetime | None:
        """When the first of it becomes eligible."""
        return min((unit.eligible_from for unit in self.units if unit.eligible_from), default=None)


def state_of_unit(assessment: Assessment) -> UnitState:
    """Return the short answer of an assessment."""
    if assessment.eligible:
        return UnitState.ELIGIBLE
    if assessment.only_for_now and not assessment.too_old_by_then:
        return UnitState.NOT_YET
    if assessment.paused:
        return UnitState.PAUSED
    if any(refusal.code == "fully-written-off" for refusal in assessment.refusals):
        return UnitState.WRITTEN_OFF
    return UnitState.NOT_POSSIBLE


def parse_unit(value: str) -> tuple[str, str]:
    """Read the parcel and the item from a form's value of a unit; an invalid value names nothing that exists."""
    parcel, _slash, item = value.partition("/")
    return parcel, item


_WAITING = KeptQuery(
    lambda seller_id, unit_ids: PartnerserviceRequest.objects.filter(
        seller_id=seller_id, parcel_unit_id__any=unit_ids, state=PartnerserviceRequest.State.WAITING
    ).values_list("parcel_unit_id", flat=True),
    seller_id=UUID,
    unit_ids=list,
)
_SCANS = KeptQuery(
    lambda seller_id, parcel_ids: Scan.objects.filter(seller_id=seller_id, parcel_id__any=parcel_ids).order_by(
        "-scanned_at", "-received_at"
    ),
    seller_id=UUID,
    parcel_ids=list,
)
_RETURNED = KeptQuery(
    lambda seller_id, unit_ids: (
        ReturnUnit.objects.filter(seller_id=seller_id, parcel_unit_id__any=unit_ids)
        .exclude(return_of__status=Return.Status.CANCELLED)
        .order_by("return_of__registered_at")
        .values_list("parcel_unit_id", "return_of__code")
    ),
    seller_id=UUID,
    unit_ids=list,
)


def shown_parcels(assessment: OrderAssessment) -> list[ShownParcel]:
    """Return the parcels of an order with scans, returns and requests: three statements, whatever their number.

    Units that were not shipped yet come last, also where other units of the same item were.
    """
    seller_id = assessment.order.seller_id
    unit_ids = [unit.id for unit in assessment.units if unit.id]
    parcel_ids = {unit.parcel_id for unit in assessment.units if unit.parcel_id}
    units = [*assessment.units, *_rest_not_sent(assessment)]
    if not unit_ids:
        return parcels_of(units)
    waiting = _WAITING(seller_id=seller_id, unit_ids=unit_ids)
    return parcels_of(
        units,
        scans=_scans(seller_id, parcel_ids),
        return_codes=_return_codes(seller_id, unit_ids),
        at_partnerservice={unit_id for unit_id in waiting if unit_id},
    )


def parcels_of(
    units: Sequence[AssessedUnit],
    *,
    scans: Mapping[UUID, Sequence[ShownScan]] | None = None,
    return_codes: Mapping[UUID, str] | None = None,
    at_partnerservice: Iterable[UUID] = (),
) -> list[ShownParcel]:
    """Group assessed units by their parcel, in the order in which they were read; what was not shipped comes last."""
    requested, codes, scans_of = set(at_partnerservice), return_codes or {}, scans or {}
    unshipped = not_sent(units)
    boxes: dict[UUID | None, list[ShownUnit]] = defaultdict(list)
    for unit in units:
        shown = ShownUnit(
            unit,
            return_code=codes.get(unit.id, "") if unit.id else "",
            at_partnerservice=unit.id in requested,
            not_sent=unshipped[unit.item.item],
        )
        boxes[unit.parcel_id].append(shown)
    return [
        ShownParcel(inside[0].facts.parcel, inside, scans_of.get(box, ()) if box else ())
        for box, inside in boxes.items()
    ]


def not_sent(units: Iterable[AssessedUnit]) -> dict[str, int]:
    """Count, for each item, the units that lie in no parcel and were not cancelled."""
    left: dict[str, int] = {}
    for unit in units:
        item = unit.item
        left.setdefault(item.item, item.quantity - item.quantity_cancelled)
        left[item.item] -= unit.facts.shipped
    return {item: max(0, count) for item, count in left.items()}


def _rest_not_sent(assessment: OrderAssessment) -> list[AssessedUnit]:
    """Return the units that were not sent while others of their item were."""
    sent = {unit.item.item: unit for unit in assessment.units if unit.id}
    left = not_sent(assessment.units)
    rest = []
    for item, unit in sent.items():
        if left[item]:
            facts = replace(unit.facts, parcel=None, shipped=0, written_off=0, returned=0)
            assessed = assess(facts, assessment.policy, now=assessment.assessed_at)
            rest.append(replace(unit, id=None, parcel_id=None, facts=facts, assessment=assessed))
    return rest


def _scans(seller_id: UUID, parcel_ids: Iterable[UUID]) -> dict[UUID, list[ShownScan]]:
    of_parcels = {"seller_id": seller_id, "parcel_id__in": list(parcel_ids)}
    rows = _SCANS(seller_id=seller_id, parcel_ids=of_parcels["parcel_id__in"])
    names: dict[tuple[UUID, datetime, UUID], str] = {}
    if any(row.code == BY_HAND or row.time_certainty == TimeCertainty.SENT_BY_SHOP for row in rows):
        for entered in EnteredScan.objects.filter(**of_parcels):
            names[entered.parcel_id, entered.scanned_at, entered.fingerprint] = entered.by_name
    scans: dict[UUID, list[ShownScan]] = defaultdict(list)
    for row in rows:
        shown = ShownScan(
            scanned_at=row.scanned_at,
            fingerprint=row.fingerprint,
            received_at=row.received_at,
            status=row.status,
            text=row.text,
            location=row.location,
            from_future=row.from_future,
            before_order=row.before_order,
            entered_by=names.get((row.parcel_id, row.scanned_at, row.fingerprint), ""),
        )
        scans[row.parcel_id].append(shown)
    return scans


def return_codes_of(assessment: OrderAssessment) -> dict[UUID, str]:
    """Return the codes of an order's returns by the id of their units; no statement if no unit is in return."""
    unit_ids = [unit.id for unit in assessment.units if unit.id and unit.facts.returned]
    return _return_codes(assessment.order.seller_id, unit_ids) if unit_ids else {}


def _return_codes(seller_id: UUID, unit_ids: Sequence[UUID]) -> dict[UUID, str]:
    return dict(_RETURNED(seller_id=seller_id, unit_ids=list(unit_ids)))
