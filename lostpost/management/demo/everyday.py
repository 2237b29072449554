"""The everyday orders around the examples: most arrive, some come back, a few get lost."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from lostpost.management.demo.people import some_customer
from lostpost.management.demo.plan import LABEL, LOGISTICS, OWN, SHIPPING, PlannedOrder, PlannedShop, dice, moment
from lostpost.management.demo.stage import END, Stage
from lostpost.management.demo.talk import EVERYDAY, REFUND_COMES, SILENT, SUBJECT, THANKS, text_in

OLDEST_DAYS = 88
ENDINGS = {"delivered": 74, "neighbours": 7, "picked-up": 9, "at-point": 1, "exception": 2, "lost": 7}
METHODS = {OWN: 88, LOGISTICS: 4, SHIPPING: 4, LABEL: 4}
DISCOUNT_PERCENT = (0, 0, 0, 0, 5, 10, 15)


@dataclass(frozen=True)
class Habits:
    """What is usual in a shop."""

    prefix: str  # Of order numbers.
    carriers: dict[str, int]  # And how often each is chosen.
    belgians: float  # Their part of the customers.
    agents: Sequence[str]
    free_delivery_minor: int = 25_00
    delivery_minor: int = 4_95


def fill_up(shop: PlannedShop, habits: Habits, *, total: int) -> None:
    """Add everyday orders until the shop has `total`."""
    for number in _free_numbers(shop, habits.prefix):
        if len(shop.orders) >= total:
            return
        chance = dice(f"everyday {number}")
        order = _order(shop, habits, number, chance)
        if not order.parcels and not _send(order, habits, chance):
            continue
        _what_comes_of_it(order, habits, chance)


def _free_numbers(shop: PlannedShop, prefix: str) -> Iterator[str]:
    chance = dice(f"numbers of {shop.data.code}")
    while True:
        number = f"{prefix}-{chance.randrange(1000, 10_000)}"
        if number not in shop.orders:
            yield number


def _order(shop: PlannedShop, habits: Habits, number: str, chance: random.Random) -> PlannedOrder:
    # A shop sells more from week to week: of three tries the latest day.
    days = min(chance.randrange(1, OLDEST_DAYS) for _ in range(1 + (chance.random() < 0.3)))
    skus = chance.sample(sorted(sku for sku, article in shop.articles.items() if article.price_minor), k=3)
    items = {
        sku: chance.choices((1, 2, 3, 4), (70, 20, 6, 4))[0]
        for sku in skus[: chance.choices((1, 2, 3), (70, 22, 8))[0]]
    }
    paid = {}
    for sku, quantity in items.items():
        price_minor = shop.articles[sku].price_minor * quantity
        paid[sku] = price_minor - price_minor * chance.choice(DISCOUNT_PERCENT) // 100
    return shop.order(
        number,
        moment(days, f"{chance.randrange(7, 23)}:{chance.randrange(60):02}"),
        some_customer(chance, belgians=habits.belgians),
        items,
        paid=paid,
        delivery_minor=0 if sum(paid.values()) >= habits.free_delivery_minor else habits.delivery_minor,
    )


def _send(order: PlannedOrder, habits: Habits, chance: random.Random) -> bool:
    """Send it a day or two later, now and then in two parcels; False if that would be after the plan's end."""
    days_ago = -(order.placed // timedelta(days=1)) - chance.choices((1, 2), (80, 20))[0]
    if days_ago < 1:
        return False
    method = chance.choices(list(METHODS), list(METHODS.values()))[0]
    groups: list[dict[str, int] | None] = [None]
    if len(order.items) > 1 and chance.random() < 0.25:
        groups = [{item.item: item.quantity} for item in order.items]
    for units in groups:
        at = moment(days_ago, f"{chance.randrange(14, 18)}:{chance.randrange(60):02}")
        letter = sum(item.paid_minor for item in order.items) < 12_00 and method == OWN
        carrier = chance.choices(list(habits.carriers), list(habits.carriers.values()))[0]
        parcel = order.send(carrier, at, units, by=method, tracked=not letter)
        ending = chance.choices(list(ENDINGS), list(ENDINGS.values()))[0]
        parcel.travel("sorted" if ending == "lost" else ending, point_days=chance.randrange(1, 5))
        if ending == "exception":
            parcel.scan("out", at + timedelta(days=2, hours=-7)).scan("delivered", at + timedelta(days=2, hours=-2))
        parcel.scans = [scan for scan in parcel.scans if scan.at < END - timedelta(minutes=1)]
    return True


def _what_comes_of_it(order: PlannedOrder, habits: Habits, chance: random.Random) -> None:
    """Write some parcels off, return some, and answer some customers."""
    parcel = order.parcels[0]
    days = int(-(parcel.shipped // timedelta(days=1)))
    last = parcel.scans[-1].status if parcel.scans else ""
    agent = chance.choice(list(habits.agents))
    if last == "in_transit" and days > 12 and parcel.shipping_method == OWN and len(order.parcels) == 1:
        if chance.random() < 0.6:
            plan_write_off(order, days - chance.randrange(5, 9), agent, chance)
    elif last == "delivered" and days > 9 and chance.random() < 0.06:
        item, quantity = next(iter(parcel.units.items()))
        came = chance.choice(("received", "received", "in_transit"))
        order.come_back(moment(days - 6, "10:30"), "announced", {(1, item): quantity})
        order.come_back(moment(days - 8, "15:10"), came, {(1, item): quantity})
    elif days > 3 and chance.random() < 0.12:
        _everyday_talk(order, days - 1, agent, chance)


def plan_write_off(order: PlannedOrder, days: int, agent: str, chance: random.Random) -> None:
    """Write the whole parcel off, refund it some days later, and close the query."""
    language, carrier = order.customer.language, order.parcels[0].carrier.name
    order.on(
        days,
        "09:40",
        Stage.contact,
        text_in(SILENT, language, carrier=carrier),
        by=agent,
        subject=text_in(SUBJECT, language),
    )
    order.on(days - 1, "10:15", Stage.answer, text_in(REFUND_COMES, language, carrier=carrier), by=agent)
    order.on(
        days - 1,
        "10:16",
        Stage.write_off,
        {(1, item): count for item, count in order.parcels[0].units.items()},
        by=agent,
    )
    if days > 5:
        order.on(days - 3, "14:00", Stage.refund_paid, f"BANK-{chance.randrange(100_000, 118_000)}")
        if chance.random() < 0.5:
            order.on(days - 4, "19:30", Stage.receive, text_in(THANKS, language))
        order.on(days - 5, "09:15", Stage.close, by=agent)


def _everyday_talk(order: PlannedOrder, days: int, agent: str, chance: random.Random) -> None:
    """Write about something else; most answer, and then it is closed."""
    language = order.customer.language
    subject, text, answer = chance.choice(EVERYDAY[language])
    clock = f"{chance.randrange(9, 17)}:{chance.randrange(60):02}"
    replied = chance.random() < 0.8
    order.on(days, clock, Stage.contact, text, by=agent, subject=subject, leave_open=replied)
    if replied:
        order.on(days - 1, "20:10", Stage.receive, answer)
        if days > 2:
            order.on(days - 2, "08:45", Stage.close, by=agent)
