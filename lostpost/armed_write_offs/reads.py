"""Reads of armed write-offs."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from lostpost.armed_write_offs.models import ArmedWriteOff
from lostpost.core.kept_query import KeptQuery

_ARMED = KeptQuery(
    lambda **order: ArmedWriteOff.objects.select_related("query").filter(state=ArmedWriteOff.State.ARMED, **order),
    seller_id=UUID,
    order_id=UUID,
)


def armed_of_order(*, seller_id: UUID, order_id: UUID) -> ArmedWriteOff | None:
    """Return the write-off of an order that is armed; it has one at most."""
    return next(iter(_ARMED(seller_id=seller_id, order_id=order_id)), None)


def armed_of_orders(*, seller_id: UUID, numbers: Sequence[str]) -> dict[str, ArmedWriteOff]:
    """Return the armed write-offs of some orders, by the order's number; one statement."""
    rows = ArmedWriteOff.objects.select_related("order").filter(
        seller_id=seller_id, order__number__in=list(numbers), state=ArmedWriteOff.State.ARMED
    )
    return {row.order.number: row for row in rows}
