"""Who loses how often: figures of customers, postcodes, shops, agents and carriers beside the marketplace's own rate.

They say where to look and decide nothing: an honest shop in a bad month looks like a dishonest one in any month.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lostpost.core.ownership import cross_seller
from lostpost.core.sql import fetch, sql_file

SPAN = timedelta(days=90)
LEAST = 2  # Lost orders; one says nothing about anybody.
CUSTOMER, POSTCODE, SELLER, AGENT, CARRIER = "customer", "postcode", "seller", "agent", "carrier"
KINDS = (CUSTOMER, POSTCODE, SELLER, AGENT, CARRIER)


@dataclass(frozen=True, slots=True)
class LossRate:
    """How many of how many orders were written off as lost, and of how many of these the goods were found after all."""

    lost: int
    orders: int
    restored: int = 0

    @property
    def share(self) -> float | None:
        """Lost orders as a share of all; none where there were no orders in the span."""
        return self.lost / self.orders if self.orders else None


@dataclass(frozen=True, slots=True)
class LossSignal:
    """The figures of one customer, postcode, shop, agent or carrier.

    `shop`: of a seller or an agent, the shop's name.
    """

    kind: str
    name: str
    rate: LossRate
    shop: str = ""

    def times(self, base: LossRate) -> float | None:
        """Return how many times the marketplace's rate it is; none where either is unknown."""
        return self.rate.share / base.share if self.rate.share is not None and base.share else None


def base_rate(*, now: datetime) -> LossRate:
    """Return the rate of the whole marketplace over the span."""
    with cross_seller("signals: the marketplace's own rate of losses"):
        ((lost, orders, restored),) = fetch(sql_file(__name__, "base_rate"), {"since": now - SPAN})
    return LossRate(lost, orders, restored)


def loss_signals(kind: str, *, now: datetime, most: int) -> Sequence[LossSignal]:
    """Return those of a kind with the most orders lost in the span, at least two, with all their orders."""
    return _signals(kind, now=now, most=most, least=LEAST)


def signals_of_order(*, seller_id: UUID, order_id: UUID, now: datetime) -> Sequence[LossSignal]:
    """Return the figures of all that an order has to do with: its customer and postcode, shop and carriers."""
    return [
        signal
        for kind in (CUSTOMER, POSTCODE, SELLER, CARRIER)
        for signal in _signals(kind, now=now, most=5, least=0, of=(seller_id, order_id))
    ]


_STATEMENTS = {
    CUSTOMER: sql_file(__name__, "losses_by_customer"),
    POSTCODE: sql_file(__name__, "losses_by_postcode"),
    SELLER: sql_file(__name__, "losses_by_seller"),
    AGENT: sql_file(__name__, "losses_by_agent"),
    CARRIER: sql_file(__name__, "losses_by_carrier"),
}


def _signals(
    kind: str, *, now: datetime, most: int, least: int, of: tuple[UUID, UUID] | None = None
) -> Sequence[LossSignal]:
    seller_id, order_id = of or (None, None)
    parameters = {
        "since": now - SPAN,
        "least": least,
        "most": most,
        "of_seller": seller_id,
        "of_order": order_id,
    }
    with cross_seller("signals: losses over all shops"):
        rows = fetch(_STATEMENTS[kind], parameters)
    return [
        LossSignal(kind, name, LossRate(lost, orders, restored), shop) for name, shop, lost, orders, restored in rows
    ]
