"""The hot paths, each done by the program and by its raw statements."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import psycopg
from django.db import connection

from bench.marketplace import NOW, Case, Shop, a_shop, cases, sell
from bench.measure import Cost, Way, interleaved, median_ms, median_ratio
from bench.raw import raw_connection, send, send_in_pipeline, statements_of
from lostpost.parcels.models import Order
from lostpost.writeoffs.assess_order import assess_order
from lostpost.writeoffs.write_off import write_off

WARM_UP = 20
PROGRAM, RAW, PIPELINE = "program", "raw", "pipeline"
HEAD = ("path", "statements", "program ms", "raw ms", "ratio", "bar", "raw, pipelined", "wall ratio")


def measure_all(*, orders: int, rounds: int) -> list[tuple[str, ...]]:
    """Fill a shop with so many orders and measure every path; return the rows of the table, its head first."""
    shop = a_shop()
    sell(shop, [f"B-{n:06}" for n in range(orders)], items=2, quantity=1, label="Orders")
    with raw_connection() as raw:
        return [
            HEAD,
            _confirm(shop, raw, rounds, items=1, quantity=1, label="confirm: one item"),
            _confirm(shop, raw, rounds, items=10, quantity=4, label="confirm: 10 items, 40 units"),
            _assess(shop, raw, rounds, items=1, quantity=1, label="assess: one item"),
            _assess(shop, raw, rounds, items=10, quantity=4, label="assess: 10 items, 40 units"),
        ]


def _confirm(
    shop: Shop, raw: psycopg.Connection, rounds: int, *, items: int, quantity: int, label: str
) -> tuple[str, ...]:
    numbers = [f"C{items}-{n:06}" for n in range(3 * (rounds + WARM_UP))]
    sell(shop, numbers, items=items, quantity=quantity, label="Orders to write off")
    ready = cases(shop, numbers, items=items, quantity=quantity, label="Queries")
    connection.cursor().execute("VACUUM ANALYZE")

    def confirm(case: Case) -> Callable[[], object]:
        return partial(
            write_off, query=case.query, picks=case.picks, by=shop.member, key=f"confirm-{case.query}", now=NOW
        )

    count = len(statements_of(confirm(ready[0])))
    ways = [
        Way(PROGRAM, confirm),
        Way(RAW, lambda case: partial(send, raw, statements_of(confirm(case)))),
        Way(PIPELINE, lambda case: partial(send_in_pipeline, raw, statements_of(confirm(case)))),
    ]
    return _row(label, count, interleaved(ways, ready, warm_up=WARM_UP), bar=2.0)


def _assess(
    shop: Shop, raw: psycopg.Connection, rounds: int, *, items: int, quantity: int, label: str
) -> tuple[str, ...]:
    numbers = [f"A{items}-{n:06}" for n in range(3 * (rounds + WARM_UP))]
    sell(shop, numbers, items=items, quantity=quantity, label="Orders to assess")
    connection.cursor().execute("VACUUM ANALYZE")
    orders = list(Order.objects.filter(seller_id=shop.seller.id, number__in=numbers))

    def assess(order: Order) -> Callable[[], object]:
        return partial(assess_order, order, now=NOW)

    count = len(statements_of(assess(orders[0])))
    ways = [
        Way(PROGRAM, assess),
        Way(RAW, lambda order: partial(send, raw, statements_of(assess(order)))),
        Way(PIPELINE, lambda order: partial(send_in_pipeline, raw, statements_of(assess(order)))),
    ]
    return _row(label, count, interleaved(ways, orders, warm_up=WARM_UP), bar=None)


def _row(label: str, count: int, costs: dict[str, list[Cost]], *, bar: float | None) -> tuple[str, ...]:
    program, raw, pipeline = costs[PROGRAM], costs[RAW], costs[PIPELINE]
    return (
        label,
        str(count),
        f"{median_ms(program, 'cpu'):.2f}",
        f"{median_ms(raw, 'cpu'):.2f}",
        f"{median_ratio(program, raw, 'cpu'):.2f}",
        f"≤ {bar:.2f}" if bar else "",
        f"{median_ratio(pipeline, raw, 'cpu'):.2f}",
        f"{median_ratio(program, raw, 'wall'):.2f}",
    )
