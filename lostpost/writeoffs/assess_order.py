"""Assess the units of an order by the policy in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lostpost.accounts.policy import current_policy
from lostpost.core.idempotency import fingerprint
from lostpost.eligibility.assess import Assessment, assess
from lostpost.eligibility.facts import facts_as_json
from lostpost.eligibility.policy import Policy
from lostpost.orders.models import Order
from lostpost.orders.reads import UnitRow, units_of_order, units_of_orders
from lostpost.writeoffs.remainders import Worth, remainders_of


@dataclass(frozen=True, slots=True)
class AssessedUnit:
    """Units of one item in one parcel, and their assessment by the policy."""

    row: UnitRow
    assessment: Assessment

    @property
    def available(self) -> int:
        """Units left that were neither written off nor returned."""
        return self.row.facts.available

    @property
    def eligible(self) -> bool:
        """Whether all that is left may be written off now."""
        return self.assessment.eligible


@dataclass(frozen=True, slots=True)
class OrderAssessment:
    """An order's units with the policy and their assessments; `state` is their hash, which forms carry along."""

    order: Order
    policy: Policy
    assessed_at: datetime
    units: Sequence[AssessedUnit]

    @property
    def eligible(self) -> bool:
        """Whether anything of the order may be written off now."""
        return any(unit.eligible for unit in self.units)

    def worth_of(self, row: UnitRow, count: int) -> Worth:
        """Return the worth of the next `count` units of a row's item; of all that are left if those are fewer."""
        rows = [unit.row for unit in self.units]
        remainder = remainders_of(rows, policy_rate_bp=self.policy.commission_vat_rate_bp)[row.item.id]
        return remainder.worth(min(count, remainder.quantity))

    @property
    def state(self) -> str:
        """Hash the facts, but not the time: only what changed shall count as a change."""
        return state_of(self.policy, [unit.row for unit in self.units])


def assess_order(order: Order, *, now: datetime) -> OrderAssessment:
    """Assess every unit group of every parcel of an order: two statements, whatever the size of the shop."""
    rows = units_of_order(seller_id=order.seller_id, order_id=order.id, placed_at=order.placed_at)
    return assessment_of(order, rows, current_policy(), now=now)


def assess_orders(orders: Sequence[Order], policy: Policy, *, now: datetime) -> dict[UUID, OrderAssessment]:
    """Assess several orders of one shop, by their id: one statement, however many they are."""
    if not orders:
        return {}
    placed_at = {order.id: order.placed_at for order in orders}
    rows = units_of_orders(seller_id=orders[0].seller_id, placed_at=placed_at)
    return {order.id: assessment_of(order, rows[order.id], policy, now=now) for order in orders}


def assessment_of(order: Order, rows: Sequence[UnitRow], policy: Policy, *, now: datetime) -> OrderAssessment:
    """Assess what was read of an order already."""
    units = [AssessedUnit(row, assess(row.facts, policy, now=now)) for row in rows]
    return OrderAssessment(order, policy, now, units)


def state_of(policy: Policy, rows: Sequence[UnitRow]) -> str:
    """Hash the policy's version and the facts of all units."""
    return fingerprint(
        [
            policy.version,
            [
                [facts_as_json(row.facts), row.item.quantity_cancelled, row.item.paid_minor, row.item.commission_minor]
                for row in rows
            ],
        ]
    )
