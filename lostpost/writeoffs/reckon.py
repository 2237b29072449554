"""What writing off comes to: the customer's refund, the seller's turnover and commission, to the cent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from lostpost.core.money import rounded_rate, share_of_units
from lostpost.eligibility.policy import Policy
from lostpost.parcels.reads import UnitRow


@dataclass(frozen=True, slots=True)
class Line:
    """Units of one item in one parcel and what they come to, in minor units of the order's currency."""

    row: UnitRow
    quantity: int
    refund_minor: int  # VAT included.
    commission_minor: int  # VAT excluded.
    commission_vat_minor: int
    commission_vat_rate_bp: int = 0  # In basis points: 2100 = 21 %.


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line that the seller's sales invoice will have; what the seller owes is positive, as on real ones."""

    kind: str
    net_minor: int
    vat_minor: int


@dataclass(frozen=True, slots=True)
class Reckoning:
    """All amounts of one write-off."""

    currency: str
    lines: Sequence[Line]
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
    def invoice_lines(self) -> list[InvoiceLine]:
        """Spell the effect on the seller's sales invoice: turnover passes through without VAT, commission bears it."""
        lines = [
            InvoiceLine("CORRECTION_TURNOVER", self.refund_minor, 0),
            InvoiceLine("CORRECTION_COMMISSION", -self.commission_minor, -self.commission_vat_minor),
        ]
        return [line for line in lines if line.net_minor or line.vat_minor]


def reckon(
    picked: Sequence[tuple[UnitRow, int]],
    *,
    all_rows: Sequence[UnitRow],
    currency: str,
    delivery_costs_minor: int,
    delivery_refunded: bool,
    policy: Policy,
) -> Reckoning:
    """Split what was paid over the picked units, after those written off before.

    The share of a unit is the line's amount over all its ordered units, rounded down, and the last one takes the rest:
    any order of partial write-offs adds up to what was paid. Commission and its VAT are split the same way. Delivery
    costs go back with the write-off after which every unit of the order that was not cancelled or returned is written
    off, once.

    Args: `picked`: rows of the order with how many units of each. `all_rows`: every row of the order.
    """
    gone: dict[UUID, int] = {row.item.id: row.item.quantity_written_off for row in all_rows}
    lines = []
    for row, quantity in picked:
        item, before = row.item, gone[row.item.id]
        rate_bp = item.commission_vat_rate_bp  # What is given back was booked at this rate, whatever it is by now.
        if rate_bp is None:
            rate_bp = policy.commission_vat_rate_bp
        vat_minor = rounded_rate(item.commission_minor, rate_bp)
        refund, commission, vat = (
            share_of_units(total, quantity=item.quantity, before=before, count=quantity)
            for total in (item.paid_minor, item.commission_minor, vat_minor)
        )
        lines.append(Line(row, quantity, refund, commission, vat, rate_bp))
        gone[item.id] += quantity
    whole = not delivery_refunded and policy.refund_delivery_costs == "whole-order" and _nothing_left(all_rows, gone)
    return Reckoning(currency, lines, delivery_costs_minor if whole else 0)


def _nothing_left(all_rows: Sequence[UnitRow], gone: dict[UUID, int]) -> bool:
    """Tell whether every unit of the order is written off, but for those cancelled or returned."""
    returned: dict[UUID, int] = defaultdict(int)
    for row in all_rows:
        returned[row.item.id] += row.facts.returned
    items = {row.item.id: row.item for row in all_rows}
    return all(gone[item.id] + returned[item.id] + item.quantity_cancelled >= item.quantity for item in items.values())
