"""What is left of the money that was paid for units and for delivery, and the part of it that is granted."""

from __future__ import annotations

from dataclasses import dataclass

from lostpost.core.money import split_amount
from lostpost.orders.models import Order
from lostpost.orders.reads import AssessedUnit
from lostpost.writeoffs.assess_order import OrderAssessment
from lostpost.writeoffs.remainders import NOTHING, Worth, remainders_of


@dataclass(frozen=True, slots=True)
class MoneyLeft:
    """What a customer may still get back for units, with its commission, and of the delivery costs."""

    items: Worth
    delivery_minor: int

    def part(self, items_minor: int) -> Worth:
        """Split a part off what is left of the units: its commission and the VAT on that in the same proportion."""
        if not items_minor:
            return NOTHING
        weights = [items_minor, self.items.refund_minor - items_minor]
        return Worth(
            items_minor,
            split_amount(self.items.commission_minor, weights)[0],
            split_amount(self.items.commission_vat_minor, weights)[0],
        )


def money_left(assessment: OrderAssessment, unit: AssessedUnit) -> MoneyLeft:
    """Return what is left for units that were neither written off nor returned, and of the delivery costs.

    It is never more than the worth of these units, so that those in other parcels keep theirs.
    """
    return MoneyLeft(_items_left(assessment, unit), delivery_left(assessment.order))


def delivery_left(order: Order) -> int:
    """Return the delivery costs that went back neither with a write-off nor as a compensation."""
    return order.delivery_costs_minor - order.delivery_refunded_minor


def _items_left(assessment: OrderAssessment, unit: AssessedUnit) -> Worth:
    remainder = remainders_of(assessment.units, vat_now=assessment.vat_now)[unit.item.id]
    return remainder.worth(min(unit.available, remainder.quantity), of=unit.id)
