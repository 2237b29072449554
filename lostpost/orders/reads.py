"""What is known of an order's units, read in one go for whoever decides on them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from lostpost.core.clock import rfc3339
from lostpost.core.sql import Rows, Statement, fetch, sql_file
from lostpost.core.vat import STANDARD, VatTreatment
from lostpost.eligibility.assess import Assessment, assess
from lostpost.eligibility.facts import (
    FeedFact,
    OverrideFact,
    ParcelFacts,
    ScanFact,
    ScanStatus,
    ShippingMethod,
    UnitFacts,
    override_from_json,
)
from lostpost.eligibility.policy import Policy
from lostpost.orders.models import OrderItem

# An array may hold one order or a thousand, so PostgreSQL plans for each again, which takes longer than to read one.
_UNITS_OF_ORDER = sql_file(__name__, "units_of_orders", orders="%(order)s")
_UNITS_OF_ORDERS = sql_file(__name__, "units_of_orders", orders="ANY(%(orders)s)")


class OrderFacts(NamedTuple):
    """What units need to know of their order."""

    placed_at: datetime
    country: str  # Where it goes to, ISO 3166-1 alpha-2.


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One line of an order: what was bought, what was paid for it, and how much of it is written off already.

    The amounts given back are those of write-offs, less what customers paid again.
    """

    id: UUID
    item: str
    title: str
    sku: str
    quantity: int
    quantity_cancelled: int
    paid_minor: int
    commission_minor: int
    quantity_written_off: int
    commission_vat_rate_bp: int | None = None  # None: nothing of it was handed over yet.
    commission_vat_category: str = ""
    quantity_paid_again: int = 0
    refunded_minor: int = 0
    commission_back_minor: int = 0
    commission_vat_back_minor: int = 0

    @property
    def commission_vat(self) -> VatTreatment | None:
        """How VAT was charged when its commission was first booked; None: nothing of it was handed over yet."""
        rate_bp = self.commission_vat_rate_bp
        return None if rate_bp is None else VatTreatment(self.commission_vat_category or STANDARD, rate_bp)

    @property
    def quantity_lost(self) -> int:
        """Units that are written off and not paid again."""
        return self.quantity_written_off - self.quantity_paid_again


@dataclass(frozen=True, slots=True)
class AssessedUnit:
    """Units of one item in one parcel, with their facts and their assessment by the policy.

    `id` and `parcel_id` are None where nothing was shipped.
    """

    id: UUID | None
    parcel_id: UUID | None
    item: ItemRow
    facts: UnitFacts
    assessment: Assessment
    received: int = 0  # Units that have come back; what is announced or under way is the customer's still.
    given_back: tuple[int, int, int] = (0, 0, 0)  # For these units: of what was paid, of the commission and of its VAT.

    @property
    def parcel(self) -> str | None:
        """The parcel's name."""
        return self.facts.parcel.parcel if self.facts.parcel else None

    @property
    def available(self) -> int:
        """Units left that were neither written off nor returned."""
        return self.facts.available

    @property
    def eligible(self) -> bool:
        """Whether all that is left may be written off now."""
        return self.assessment.eligible


def units_of_orders(
    *, seller_id: UUID, orders: Mapping[UUID, OrderFacts], policy: Policy, now: datetime
) -> dict[UUID, list[AssessedUnit]]:
    """Read and assess every unit group of every parcel of some orders, and the items of which nothing was shipped.

    One statement, whatever the size of the shop and the number of orders.

    Args: `orders`: by their id.
    """
    rows = fetch(*units_statement(seller_id, list(orders)))
    return units_of_rows(rows, orders=orders, policy=policy, now=now)


def units_statement(seller_id: UUID, order_ids: Sequence[UUID]) -> Statement:
    """Return the statement that reads the units of some orders; of one it has a plan that is kept."""
    statement = _UNITS_OF_ORDER if len(order_ids) == 1 else _UNITS_OF_ORDERS
    return statement, {"seller": seller_id, "order": order_ids[0], "orders": order_ids}


def units_of_rows(
    rows: Rows, *, orders: Mapping[UUID, OrderFacts], policy: Policy, now: datetime
) -> dict[UUID, list[AssessedUnit]]:
    """Assess the units that `units_statement` returned, by the order's id."""
    units: dict[UUID, list[AssessedUnit]] = {order_id: [] for order_id in orders}
    parcels: dict[UUID | None, ParcelFacts | None] = {None: None}  # Of an item of which nothing was shipped.
    for row in rows:
        item = ItemRow(*row[:15])
        unit_id, quantity, written_off, returned, paid_again, received, *given_back, parcel_id = row[15:25]
        if parcel_id not in parcels:
            parcels[parcel_id] = _parcel(row[25:36], _feed(row[38:43]))
        order_id = row[36]
        facts = UnitFacts(
            orders[order_id].placed_at,
            item.item,
            item.quantity,
            parcels[parcel_id],
            quantity or 0,
            written_off or 0,
            returned or 0,
            paid_again or 0,
            _override(row[37], item, parcels[parcel_id]),
            orders[order_id].country,
        )
        assessment = assess(facts, policy, now=now)
        back = (given_back[0] or 0, given_back[1] or 0, given_back[2] or 0)
        units[order_id].append(AssessedUnit(unit_id, parcel_id, item, facts, assessment, received or 0, back))
    return units


def main_vat_rate_bp(*, seller_id: UUID, order_id: UUID) -> int:
    """Return the rate of VAT of the goods of an order that were paid most for, which its delivery costs bear, too."""
    items = OrderItem.objects.filter(seller_id=seller_id, order_id=order_id).order_by("-paid_minor", "item")
    return items.values_list("vat_rate_bp", flat=True).first() or 0


def _override(value: Any, item: ItemRow, parcel: ParcelFacts | None) -> OverrideFact | None:
    """Read an override, if what was ordered and paid and the parcel's last update are what it was decided on."""
    if value is None or parcel is None:
        return None
    values = json.loads(value) if isinstance(value, str) else value
    decided_on = (values["ordered"], values["paid_minor"], values["updated_at"])
    if decided_on != (item.quantity, item.paid_minor, rfc3339(parcel.updated_at)):
        return None
    return override_from_json(values)


def _parcel(row: Sequence[Any], feed: FeedFact | None) -> ParcelFacts:
    code, method, carrier, number, changed_at, shipped_at, scanned_at, status, text, location, scan_code = row
    scan = ScanFact(scanned_at, ScanStatus(status), text, location, scan_code) if scanned_at else None
    return ParcelFacts(code, ShippingMethod(method), carrier, number or None, shipped_at, changed_at, scan, feed)


def _feed(row: Sequence[Any]) -> FeedFact | None:
    carrier, since, found_at, lifted_until, lift = row
    if since is None:
        return None
    values = (json.loads(lift) if isinstance(lift, str) else lift) or {"by": "", "reason": ""}
    return FeedFact(carrier, since, found_at, lifted_until, values["by"], values["reason"])
