"""Assess the units of an order by the policy in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.accounts.vat_treatment import commission_treatment, shop_for_vat
from lostpost.core.idempotency import fingerprint
from lostpost.core.sql import Rows
from lostpost.core.vat import STANDARD, VatTreatment
from lostpost.eligibility.facts import facts_as_json
from lostpost.eligibility.policy import Policy
from lostpost.orders.models import Order
from lostpost.orders.reads import AssessedUnit, OrderFacts, units_of_orders, units_of_rows
from lostpost.writeoffs.remainders import Worth, remainders_of


@dataclass(frozen=True)
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

    def worth_of(self, unit: AssessedUnit, count: int) -> Worth:
        """Return the worth of the next `count` units of a unit's item; of all that are left if those are fewer."""
        remainder = remainders_of(self.units, vat_now=self.vat_now)[unit.item.id]
        return remainder.worth(min(count, remainder.quantity), of=unit.id)

    @cached_property
    def vat_now(self) -> VatTreatment:
        """How VAT is charged on commission that nothing was booked of yet; read only where there is such an item."""
        rate_bp = self.policy.commission_vat_rate_bp
        if all(unit.item.commission_vat for unit in self.units):
            return VatTreatment(STANDARD, rate_bp)
        return commission_treatment(shop_for_vat(Seller.objects.get(id=self.order.seller_id)), rate_bp=rate_bp)

    @property
    def state(self) -> str:
        """Hash the policy's version and the facts, but not the time: only what changed shall count as a change."""
        units = [
            [facts_as_json(unit.facts), unit.item.quantity_cancelled, unit.item.paid_minor, unit.item.commission_minor]
            for unit in self.units
        ]
        return fingerprint([self.policy.version, units])


def assess_order(order: Order, *, now: datetime, policy: Policy | None = None) -> OrderAssessment:
    """Assess every unit group of every parcel of an order: two statements, whatever the size of the shop.

    Args: `policy`: as the same request has read it; it is read if there is none.
    """
    return assess_orders([order], policy or current_policy(), now=now)[order.id]


def assess_rows(order: Order, rows: Rows, policy: Policy, *, now: datetime) -> OrderAssessment:
    """Assess an order whose units were read already, by `units_statement`."""
    units = units_of_rows(rows, orders={order.id: _facts_of(order)}, policy=policy, now=now)
    return OrderAssessment(order, policy, now, units[order.id])


def assess_orders(orders: Sequence[Order], policy: Policy, *, now: datetime) -> dict[UUID, OrderAssessment]:
    """Assess several orders of one shop, by their id: one statement, however many they are."""
    if not orders:
        return {}
    facts = {order.id: _facts_of(order) for order in orders}
    units = units_of_orders(seller_id=orders[0].seller_id, orders=facts, policy=policy, now=now)
    return {order.id: OrderAssessment(order, policy, now, units[order.id]) for order in orders}


def _facts_of(order: Order) -> OrderFacts:
    return OrderFacts(order.placed_at, order.customer_country)
