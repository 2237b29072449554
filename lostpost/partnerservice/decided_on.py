"""What agents see when they decide about the units of a request, and its hash, which a confirmation holds them to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lostpost.compensations.money_left import MoneyLeft, money_left
from lostpost.core.clock import rfc3339
from lostpost.core.errors import Rejected
from lostpost.core.idempotency import fingerprint
from lostpost.core.money import format_money
from lostpost.eligibility.facts import facts_as_json
from lostpost.eligibility.rules import OVERRIDABLE
from lostpost.orders.models import Order
from lostpost.orders.reads import AssessedUnit
from lostpost.partnerservice.models import Override
from lostpost.writeoffs.assess_order import OrderAssessment, assess_order


class CannotBeOverridden(Rejected):
    """The units or the money are not there, or nothing stands in the way; `codes` holds what cannot be lifted."""

    code = "cannot-be-overridden"

    def __init__(self, message: str, codes: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.codes = tuple(codes)


class MoneyNotThere(Rejected):
    """More was to be granted than is left of what the customer paid."""

    code = "money-not-there"


@dataclass(frozen=True, slots=True)
class Decision:
    """What an agent proposes: to lift what stands in the way of a write-off, or money alone, with its reason and end.

    Args: `writes_off`: with the confirmation the desk writes the units off. `lifts`: False: the units stay as they are.
    `items_minor`: granted of what was paid for the units, only where these stay. `delivery_minor`: all of the delivery
    costs that are left, or 0.
    """

    reason: str
    until: datetime
    writes_off: bool = False
    lifts: bool = True
    items_minor: int = 0
    delivery_minor: int = 0

    @classmethod
    def of(cls, override: Override) -> Decision:
        """Read back what was proposed."""
        return cls(**{field.name: getattr(override, field.name) for field in fields(cls)})

    @property
    def granted_minor(self) -> int:
        """What the customer gets with the confirmation."""
        return self.items_minor + self.delivery_minor


@dataclass(frozen=True, slots=True)
class UnitsToDecide:
    """The units of a request as they are now, with what stands in the way and what they are worth."""

    assessment: OrderAssessment
    unit: AssessedUnit
    refund_minor: int
    left: MoneyLeft  # Of which a part may be granted.

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the refusals in the way."""
        return tuple(refusal.code for refusal in self.unit.assessment.refusals)

    def fingerprint(self, decision: Decision) -> str:
        """Hash all that an agent decides on: of other units, money, refusals or words it is another decision."""
        unit, order = self.unit, self.assessment.order
        money: dict[str, Any] = {}
        if decision.granted_minor:
            money = {
                "items_minor": decision.items_minor,
                "delivery_minor": decision.delivery_minor,
                "items_left": list(self.left.items),
                "delivery_left_minor": self.left.delivery_minor,
            }
        return fingerprint(
            {
                "order": order.number,
                "parcel": unit.parcel,
                "item": unit.item.item,
                "facts": facts_as_json(unit.facts),
                "available": unit.available,
                "refund_minor": self.refund_minor,
                "paid_minor": unit.item.paid_minor,
                "currency": order.currency,
                "codes": sorted(self.codes),
                "reason": decision.reason,
                "until": rfc3339(decision.until),
                "writes_off": decision.writes_off,
                **({} if decision.lifts else {"lifts": False}),
                **money,
            }
        )


def units_to_decide(order: Order, unit_id: UUID, decision: Decision, *, now: datetime) -> UnitsToDecide:
    """Assess the units of a request, and refuse to lift or grant what nobody can. Raises what `require_…` raise."""
    units = units_now(order, unit_id, now=now)
    if decision.lifts:
        require_liftable(units)
    require_money_left(units, decision)
    return units


def units_now(order: Order, unit_id: UUID, *, now: datetime) -> UnitsToDecide:
    """Assess the units of a request, with the money that is left of them."""
    assessment = assess_order(order, now=now)
    unit = next(unit for unit in assessment.units if unit.id == unit_id)
    worth = assessment.worth_of(unit, unit.available)
    return UnitsToDecide(assessment, unit, worth.refund_minor, money_left(assessment, unit))


def require_liftable(units: UnitsToDecide) -> None:
    """Refuse units about which nobody can decide that they may be written off. Raises: CannotBeOverridden."""
    if beyond := [code for code in units.codes if code not in OVERRIDABLE]:
        raise CannotBeOverridden(
            _("No unit is left that could be written off: what is not there cannot be overridden."), beyond
        )
    if not units.codes:
        raise CannotBeOverridden(_("Nothing stands in the way: the seller can write these units off."))


def require_money_left(units: UnitsToDecide, decision: Decision) -> None:
    """Refuse to grant what is not there. Raises: MoneyNotThere."""
    left, currency = units.left, units.assessment.order.currency
    if 0 <= decision.items_minor <= left.items.refund_minor and decision.delivery_minor in (0, left.delivery_minor):
        return
    language = get_language() or "en"
    raise MoneyNotThere(
        _("Of what was paid, %(items)s for these units and %(delivery)s for delivery are left to be granted.")
        % {
            "items": format_money(left.items.refund_minor, currency, language),
            "delivery": format_money(left.delivery_minor, currency, language),
        }
    )
