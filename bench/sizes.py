"""A confirmation over HTTP in shops and marketplaces of several sizes; in each with the floor of that moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils import timezone

from bench.client import Load, Machine
from bench.clones import Template, many_shops
from bench.floor import FloorCost, measure_floor
from bench.marketplace import Shop, a_shop
from bench.over_http import WARM_UP, confirmations
from bench.server import Server, web_server
from lostpost.accounts.make_client import create_client
from lostpost.core.sql import execute

SHOP_ORDERS = (200, 5_000, 100_000)
MARKETPLACE_SHOPS = (10, 10_000)
ORDERS_OF_EACH = 20  # In the shops of a marketplace beside the one that is measured.
MOST_SECONDS = 60.0
HEAD = ("marketplace", "requests", "requests/s", "web ms", "PostgreSQL ms", "in all ms", "floor ms", "to the floor")


def measure_sizes(*, requests: int, shop_orders: Sequence[int] = SHOP_ORDERS) -> Iterator[tuple[str, ...]]:
    """Yield a row of the table for each size: first of the shop, then of the marketplace around it."""
    template = Template()
    with web_server() as server:
        for orders in shop_orders:
            shop = a_shop(f"shop-of-{orders}")
            template.copy([shop], count=orders, first=5_000_000, open_queries=False)
            yield _row(f"a shop of {orders:,} orders", *_measured(server, template, shop, requests))
        made = 0
        for count in MARKETPLACE_SHOPS:
            template.copy(many_shops(range(made, count)), count=ORDERS_OF_EACH, open_queries=False)
            made = count
            shop = a_shop(f"in-{count}")
            template.copy([shop], count=200, first=5_000_000, open_queries=False)
            yield _row(f"{count:,} shops", *_measured(server, template, shop, requests))


def _measured(server: Server, template: Template, shop: Shop, requests: int) -> tuple[Load, FloorCost]:
    count = requests + WARM_UP
    template.copy([shop], count=count)
    execute("CHECKPOINT", ())
    client = create_client(name="Tool", seller=shop.seller, read_only=False, by="bench", now=timezone.now())
    ready = confirmations(template.cases(count=count))
    floor = measure_floor(count=requests)
    return Machine(server, client).send(ready, warm_up=WARM_UP, most_seconds=MOST_SECONDS), floor


def _row(label: str, load: Load, floor: FloorCost) -> tuple[str, ...]:
    figures = (load.web_ms, load.database_ms, load.all_ms, floor.all_ms)
    counts = (str(load.requests), f"{load.requests / load.wall_seconds:.0f}")
    return (label, *counts, *(f"{figure:.2f}" for figure in figures), f"{load.all_ms / floor.all_ms:.1f}")
