"""What agents see when they decide about the units of a request, and its hash, which a confirmation holds them to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from lostpost.core.clock import rfc3339
from lostpost.core.errors import Rejected
from lostpost.core.idempotency import fingerprint
from lostpost.eligibility.facts import facts_as_json
from lostpost.eligibility.rules import OVERRIDABLE
from lostpost.orders.models import Order
from lostpost.orders.reads import AssessedUnit
from lostpost.writeoffs.assess_order import assess_order


class CannotBeOverridden(Rejected):
    """The units or the money are not there, or nothing stands in the way; `codes` holds what cannot be lifted."""

    code = "cannot-be-overridden"

    def __init__(self, message: str, codes: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.codes = tuple(codes)


@dataclass(frozen=True, slots=True)
class UnitsToDecide:
    """The units of a request as they are now, with what stands in the way and what they are worth."""

    order: Order
    unit: AssessedUnit
    refund_minor: int

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the refusals in the way."""
        return tuple(refusal.code for refusal in self.unit.assessment.refusals)

    def fingerprint(self, *, reason: str, until: datetime, writes_off: bool) -> str:
        """Hash all that an agent decides on: of other units, money, refusals or words it is another decision."""
        unit = self.unit
        return fingerprint(
            {
                "order": self.order.number,
                "parcel": unit.parcel,
                "item": unit.item.item,
                "facts": facts_as_json(unit.facts),
                "available": unit.available,
                "refund_minor": self.refund_minor,
                "paid_minor": unit.item.paid_minor,
                "currency": self.order.currency,
                "codes": sorted(self.codes),
                "reason": reason,
                "until": rfc3339(until),
                "writes_off": writes_off,
            }
        )


def units_to_decide(order: Order, unit_id: UUID, *, now: datetime) -> UnitsToDecide:
    """Assess the units of a request, and refuse those about which nobody can decide. Raises: CannotBeOverridden."""
    assessment = assess_order(order, now=now)
    unit = next(unit for unit in assessment.units if unit.id == unit_id)
    units = UnitsToDecide(order, unit, assessment.worth_of(unit, unit.available).refund_minor)
    if beyond := [code for code in units.codes if code not in OVERRIDABLE]:
        raise CannotBeOverridden(
            _("No unit is left that could be written off: what is not there cannot be overridden."), beyond
        )
    if not units.codes:
        raise CannotBeOverridden(_("Nothing stands in the way: the seller can write these units off."))
    return units
