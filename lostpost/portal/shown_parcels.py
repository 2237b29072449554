"""An order's parcels as pages show them: unit group by unit group, with what may be done about each and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from lostpost.eligibility.assess import Assessment, OrderAgeFact, assess
from lostpost.eligibility.facts import Scan, ShippingMethod, UnitFacts
from lostpost.eligibility.policy import Policy
from lostpost.parcels import models as parcels
from lostpost.parcels.reads import ItemRow
from lostpost.writeoffs.assess_order import AssessedUnit, OrderAssessment
from lostpost.writeoffs.models import PartnerserviceRequest


@dataclass(frozen=True, slots=True)
class ShownUnit:
    """Units of one item in one parcel (`value` names them in forms), or those of which nothing was sent yet."""

    value: str  # "<parcel>/<item>"; no parcel where nothing was sent. Neither name holds a slash.
    anchor: str  # The row's id on the page.
    title: str
    sku: str
    count: int  # Units in this parcel, or not sent yet.
    facts: UnitFacts
    assessment: Assessment
    state: str  # "eligible", "not-yet", "not-possible", "written-off", "cancelled"
    eligible_from: datetime | None  # Only where waiting helps.
    too_old_by_then: date | None  # The order's last day, where waiting would outlast it.
    each_minor: int
    return_code: str = ""
    asked: bool = False  # Whether a request about it waits for Partnerservice.
    picked: bool = False
    quantity: str = ""  # As typed.
    problem: str = ""

    @property
    def for_partnerservice(self) -> bool:
        """Whether Partnerservice may decide about it now."""
        return any(refusal.partnerservice for refusal in self.assessment.refusals)


@dataclass(frozen=True, slots=True)
class ShownParcel:
    """One parcel with its last update; `code` is empty for what was not sent yet."""

    code: str = ""
    carrier: str = ""
    tracking_number: str = ""
    method: ShippingMethod = ShippingMethod.OWN
    updated_at: datetime | None = None
    scan: Scan | None = None  # Of that update; none if it was the hand-over or the correction of the number.
    corrected: bool = False  # Whether it was the correction of the Track & Trace number.
    learned_at: datetime | None = None  # When we heard of that scan.
    units: Sequence[ShownUnit] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Name the parcel as people know it."""
        return self.tracking_number or self.code


def shown_parcels(assessment: OrderAssessment) -> list[ShownParcel]:
    """Show every unit group of every parcel, and last what was not sent yet; three statements of its own."""
    order = assessment.order
    learned = _learned(order, assessment.units)
    returns = _return_codes(order, assessment.units)
    asked = _asked(order, assessment.units)
    groups: dict[str, list[tuple[AssessedUnit, int]]] = defaultdict(list)
    for unit in [*assessment.units, *_rest_not_sent(assessment)]:
        groups[unit.row.parcel or ""].append((unit, _count(unit, assessment.units)))
    found, number = [], 0
    for code, units in sorted(groups.items(), key=lambda group: not group[0]):
        shown = []
        for unit, count in units:
            number += 1
            one = shown_unit(unit, assessment.policy, count=count, anchor=f"unit-{number}")
            row_id = unit.row.id
            shown.append(replace(one, return_code=returns.get(row_id, ""), asked=row_id in asked) if row_id else one)
        found.append(_parcel(code, units[0][0], shown, learned))
    return found


def shown_unit(unit: AssessedUnit, policy: Policy, *, count: int, anchor: str) -> ShownUnit:
    """Show one unit group; `count`: its units, sent or not."""
    item, assessment = unit.row.item, unit.assessment
    too_old = _too_old_by_then(assessment, policy)
    state = _state(assessment, too_old=bool(too_old), cancelled=count == 0)
    return ShownUnit(
        value=f"{unit.row.parcel or ''}/{item.item}",
        anchor=anchor,
        title=item.title,
        sku=item.sku,
        count=count,
        facts=unit.row.facts,
        assessment=assessment,
        state=state,
        eligible_from=assessment.eligible_from if state == "not-yet" else None,
        too_old_by_then=too_old,
        each_minor=item.paid_minor // item.quantity,
    )


def _state(assessment: Assessment, *, too_old: bool, cancelled: bool) -> str:
    if assessment.eligible:
        return "eligible"
    if cancelled:
        return "cancelled"
    if any(refusal.code == "fully-written-off" for refusal in assessment.refusals):
        return "written-off"
    return "not-yet" if assessment.only_for_now and not too_old else "not-possible"


def _too_old_by_then(assessment: Assessment, policy: Policy) -> date | None:
    """Return the order's last day, if every reason but its age has passed only after it."""
    ages = [check.fact for check in assessment.checks if isinstance(check.fact, OrderAgeFact)]
    if not (assessment.only_for_now and assessment.eligible_from and ages):
        return None
    free_on = assessment.eligible_from.astimezone(policy.zone).date()
    return ages[0].last_on if free_on > ages[0].last_on else None


def _parcel(code: str, first: AssessedUnit, units: Sequence[ShownUnit], learned: dict[UUID, datetime]) -> ShownParcel:
    facts = first.row.facts.parcel
    if facts is None:
        return ShownParcel(units=units)
    scan = facts.last_scan if facts.last_scan and facts.last_scan.scanned_at == facts.updated_at else None
    return ShownParcel(
        code=code,
        carrier=facts.carrier,
        tracking_number=facts.tracking_number or "",
        method=facts.shipping_method,
        updated_at=facts.updated_at,
        scan=scan,
        corrected=scan is None and facts.updated_at == facts.tracking_number_changed_at,
        learned_at=learned.get(first.row.parcel_id) if scan and first.row.parcel_id else None,
        units=units,
    )


def _count(unit: AssessedUnit, units: Iterable[AssessedUnit]) -> int:
    return unit.row.facts.shipped if unit.row.parcel else _not_sent(unit.row.item, units)


def _not_sent(item: ItemRow, units: Iterable[AssessedUnit]) -> int:
    sent = sum(unit.row.facts.shipped for unit in units if unit.row.item.item == item.item)
    return max(0, item.quantity - item.quantity_cancelled - sent)


def _rest_not_sent(assessment: OrderAssessment) -> list[AssessedUnit]:
    """Find the units that stayed behind while others of their item were sent."""
    partly = {unit.row.item.item: unit for unit in assessment.units if unit.row.parcel}
    rest = []
    for item, unit in sorted(partly.items()):
        if _not_sent(unit.row.item, assessment.units):
            facts = UnitFacts(unit.row.facts.order_placed_at, item, unit.row.item.quantity, None, 0, 0, 0)
            row = replace(unit.row, id=None, parcel_id=None, facts=facts)
            rest.append(AssessedUnit(row, assess(facts, assessment.policy, now=assessment.assessed_at)))
    return rest


def _learned(order: parcels.Order, units: Iterable[AssessedUnit]) -> dict[UUID, datetime]:
    """Return when we heard of each parcel's last scan."""
    last_at = {
        unit.row.parcel_id: unit.row.facts.parcel.last_scan.scanned_at
        for unit in units
        if unit.row.parcel_id and unit.row.facts.parcel and unit.row.facts.parcel.last_scan
    }
    if not last_at:
        return {}
    scans = parcels.Scan.objects.filter(  # Their instants written out: only the months they lie in are read.
        seller_id=order.seller_id, parcel_id__in=list(last_at), scanned_at__in=set(last_at.values())
    ).values_list("parcel_id", "scanned_at", "received_at")
    heard: dict[UUID, datetime] = {}
    for parcel_id, scanned_at, received_at in scans:
        if last_at[parcel_id] == scanned_at:
            heard[parcel_id] = min(received_at, heard.get(parcel_id, received_at))
    return heard


def _return_codes(order: parcels.Order, units: Iterable[AssessedUnit]) -> dict[UUID, str]:
    """Name the newest return of each unit group of which something is returned or in return."""
    back = [unit.row.id for unit in units if unit.row.id and unit.row.facts.returned]
    if not back:
        return {}
    return dict(
        parcels.ReturnUnit.objects.filter(seller_id=order.seller_id, parcel_unit_id__in=back)
        .exclude(return_of__status=parcels.Return.Status.CANCELLED)
        .order_by("return_of__registered_at", "return_id")
        .values_list("parcel_unit_id", "return_of__code")
    )


def _asked(order: parcels.Order, units: Iterable[AssessedUnit]) -> set[UUID]:
    """Tell about which unit groups Partnerservice has a request that waits."""
    ids = [unit.row.id for unit in units if unit.row.id]
    waiting = PartnerserviceRequest.objects.filter(
        seller_id=order.seller_id, parcel_unit_id__in=ids, state=PartnerserviceRequest.State.WAITING
    )
    return set(waiting.values_list("parcel_unit_id", flat=True))
