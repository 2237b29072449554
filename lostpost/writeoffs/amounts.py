"""The amounts of a write-off: the customer's refund, the seller's turnover and commission, to the cent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from lostpost.core.ownership import uuid7
from lostpost.core.vat import VatTreatment
from lostpost.orders.reads import AssessedUnit
from lostpost.writeoffs.assess_order import OrderAssessment
from lostpost.writeoffs.remainders import Remainder, remainders_of
from lostpost.writeoffs.selection import SelectedUnits, require_eligible


@dataclass(frozen=True, slots=True)
class AmountsLine:
    """Units of one item in one parcel and their amounts, in minor units of the order's currency."""

    unit: AssessedUnit  # With the facts on which it was decided.
    quantity: int
    refund_minor: int  # VAT included.
    commission_minor: int  # VAT excluded.
    commission_vat_minor: int
    commission_vat: VatTreatment
    id: UUID = field(default_factory=uuid7, compare=False)  # Of the write-off's line, if it is confirmed.

    @property
    def title(self) -> str:
        """What was bought."""
        return self.unit.item.title

    @property
    def tracking_number(self) -> str:
        """The parcel as people know it; empty where it has no Track & Trace."""
        parcel = self.unit.facts.parcel
        return (parcel.tracking_number if parcel else None) or ""


@dataclass(frozen=True, slots=True)
class ExpectedInvoiceLine:
    """One line that the seller's sales invoice will have; what the seller owes is positive, as on issued ones."""

    kind: str
    net_minor: int
    vat_minor: int


@dataclass(frozen=True, slots=True)
class WriteOffAmounts:
    """All amounts of one write-off."""

    currency: str
    lines: Sequence[AmountsLine]
    delivery_minor: int  # Delivery costs that go back with it.

    @property
    def items_minor(self) -> int:
        """What the customer gets for the items."""
        return sum(line.refund_minor for line in self.lines)

    @property
    def refund_minor(self) -> int:
        """What the customer receives in all."""
        return self.items_minor + self.delivery_minor

    @property
    def commission_minor(self) -> int:
        """Commission given back to the seller, VAT excluded."""
        return sum(line.commission_minor for line in self.lines)

    @property
    def commission_vat_minor(self) -> int:
        """VAT on the commission given back."""
        return sum(line.commission_vat_minor for line in self.lines)

    @property
    def commission_gross_minor(self) -> int:
        """Commission given back to the seller, VAT included."""
        return self.commission_minor + self.commission_vat_minor

    @property
    def lost_again(self) -> bool:
        """Whether units of it were written off before and paid again: their credit note was issued then."""
        units = Counter[UUID]()
        for line in self.lines:
            units[line.unit.item.id] += line.quantity
        return any(
            line.unit.item.quantity_written_off + units[line.unit.item.id] > line.unit.item.quantity
            for line in self.lines
        )

    @property
    def invoice_lines(self) -> list[ExpectedInvoiceLine]:
        """The effect on the seller's sales invoice: turnover passes through without VAT, commission bears VAT."""
        lines = [
            ExpectedInvoiceLine("CORRECTION_TURNOVER", self.refund_minor, 0),
            ExpectedInvoiceLine("CORRECTION_COMMISSION", -self.commission_minor, -self.commission_vat_minor),
        ]
        return [line for line in lines if line.net_minor or line.vat_minor]


def write_off_amounts(assessment: OrderAssessment, selection: Sequence[SelectedUnits]) -> WriteOffAmounts:
    """Split what was paid over the selected units, after those that were written off or returned before.

    The share of a unit is the line's amount over all its ordered units, rounded down. The last unit to be written off
    or returned takes the rest: any order of partial write-offs and returns adds up to what was paid. Commission and
    its VAT are split the same way. Delivery costs go back with the write-off after which every unit of the order that
    was not cancelled and did not come back stands as written off; once, unless they were paid again.

    Raises: NothingSelected, QueryOfOtherOrder, NotEligible, QuantityUnavailable.
    """
    selected = require_eligible(assessment, selection)
    order, policy = assessment.order, assessment.policy
    vat_now = assessment.vat_now
    remainders = remainders_of(assessment.units, vat_now=vat_now)
    lines = [
        AmountsLine(
            unit,
            units.quantity,
            *remainders[unit.item.id].take(units.quantity, of=unit.id),
            unit.item.commission_vat or vat_now,
        )
        for unit, units in zip(selected, selection, strict=True)
    ]
    everything_written_off = _nothing_left(remainders.values()) and policy.refund_delivery_costs == "whole-order"
    delivery_due = everything_written_off and not order.delivery_refunded_minor
    return WriteOffAmounts(order.currency, lines, order.delivery_costs_minor if delivery_due else 0)


def _nothing_left(remainders: Iterable[Remainder]) -> bool:
    """Return whether no unit of the order is left; one whose return is announced is with the customer still."""
    return all(remainder.quantity <= remainder.item.quantity_cancelled for remainder in remainders)
