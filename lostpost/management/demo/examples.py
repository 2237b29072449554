"""Add example cases to a shop's plan."""

from __future__ import annotations

from dataclasses import dataclass

from lostpost.management.demo.people import Customer
from lostpost.management.demo.plan import PlannedOrder, PlannedParcel, PlannedShop, dice, moment
from lostpost.management.demo.stage import Stage
from lostpost.management.demo.talk import EXAMPLE, NOTHING_YET, REFUND_COMES, SILENT, SUBJECT, text_in

ELIGIBLE = "eligible"


@dataclass(frozen=True)
class Example:
    """A case, and the assessment of its units on the day of the demo: ELIGIBLE, or codes of refusals."""

    shop: str
    order: str
    about: str
    codes: frozenset[str]


class Examples:
    """Add cases to the plan of one shop, and list them."""

    def __init__(self, shop: PlannedShop, *, by: str) -> None:
        self.shop = shop
        self.by = by
        self.examples: list[Example] = []

    def case(
        self,
        number: str,
        about: str,
        codes: str,
        customer: Customer,
        items: dict[str, int],
        *,
        placed: float,
        paid: dict[str, int] | None = None,
        cancelled: dict[str, int] | None = None,
        delivery_minor: int = 0,
        currency: str = "EUR",
    ) -> PlannedOrder:
        """Plan the order of a case."""
        self.examples.append(Example(self.shop.data.code, number, about, frozenset(codes.split())))
        return self.shop.order(
            number,
            moment(placed, "20:14"),
            customer,
            items,
            paid=paid,
            cancelled=cancelled,
            delivery_minor=delivery_minor,
            currency=currency,
        )

    def lost(self, order: PlannedOrder, shipped: float, carrier: str = "DPD", *, by: str = "own") -> PlannedParcel:
        """Send all items; the parcel is sorted, and then has no more scans."""
        return order.send(carrier, moment(shipped, "16:30"), by=by).travel("sorted")

    def talk(self, order: PlannedOrder, days: float, *, answered: bool = True) -> None:
        """Open a query about a silent parcel; the customer answers the same evening."""
        language = order.customer.language
        chance = dice(f"talk about {order.number}")
        carrier = order.parcels[0].carrier.name
        order.on(
            days,
            f"09:{chance.randrange(60):02}",
            Stage.contact,
            text_in(SILENT, language, carrier=carrier),
            by=self.by,
            subject=text_in(SUBJECT, language),
        )
        if answered:
            order.on(
                days,
                f"{chance.randrange(17, 22)}:{chance.randrange(60):02}",
                Stage.receive,
                text_in(NOTHING_YET, language),
            )

    def mention(self, order: PlannedOrder) -> None:
        """Open a query, so that the case is one click from its write-off screen."""
        chance = dice(f"mention of {order.number}")
        language = order.customer.language
        carrier = order.parcels[0].carrier.name if order.parcels else "PostNL"
        order.on(
            1,
            f"{chance.randrange(11, 17)}:{chance.randrange(60):02}",
            Stage.contact,
            text_in(EXAMPLE, language, carrier=carrier),
            by=self.by,
            subject=text_in(SUBJECT, language),
        )

    def returned(self, order: PlannedOrder, units: dict[tuple[int, str], int], days: float) -> None:
        """Answer the customer, then write off."""
        language, carrier = order.customer.language, order.parcels[0].carrier.name
        order.on(days, "10:05", Stage.answer, text_in(REFUND_COMES, language, carrier=carrier), by=self.by)
        order.on(days, "10:07", Stage.write_off, units, by=self.by)
