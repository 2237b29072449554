"""The hot paths, each done by the program and by its raw statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import psycopg
from django.db import connection

from bench.marketplace import NOW, SCANS, Case, Shop, cases, scan_batches, sell
from bench.measure import Cost, Way, interleaved, mean_ms, median_ms, median_ratio
from bench.raw import raw_connection, send, send_in_pipeline, statements_of
from lostpost.core.keyset import PageKey
from lostpost.orders.models import Order
from lostpost.orders.order_search import newest_orders
from lostpost.tracking.put_scans import put_scans
from lostpost.writeoffs.assess_order import assess_order
from lostpost.writeoffs.write_off import write_off

T = TypeVar("T")

WARM_UP = 20
PAGE = 50
PROGRAM, RAW, PIPELINE = "program", "raw", "pipeline"
CONFIRM_ONE, CONFIRM_TEN = "confirm: one item", "confirm: 10 items, 40 units"
ASSESS_ONE, ASSESS_TEN = "assess: one item", "assess: 10 items, 40 units"
ORDER_LIST, SCANS_IN = f"order list: a page of {PAGE}", f"scans in: a batch of {SCANS:,}"
HEAD = (
    *("path", "statements", "program ms", "raw ms", "ratio", "bar", "raw, pipelined", "wall ratio"),
    *("database ms", "a second, one core"),
)


@dataclass(frozen=True)
class Measured:
    """A path: how many statements it sends, what it cost each way, and what it may."""

    label: str
    statements: int
    costs: dict[str, list[Cost]]
    bar: str = ""
    of_each: int = 1  # What one call takes in, where that is what is counted a second.

    @property
    def program_ms(self) -> float:
        """Mean processor time of one call in the program."""
        return mean_ms(self.costs[PROGRAM], "cpu")

    def row(self) -> tuple[str, ...]:
        """Give the row of the table."""
        program, raw, pipeline = self.costs[PROGRAM], self.costs[RAW], self.costs[PIPELINE]
        return (
            self.label,
            str(self.statements),
            f"{median_ms(program, 'cpu'):.2f}",
            f"{median_ms(raw, 'cpu'):.2f}",
            f"{median_ratio(program, raw, 'cpu'):.2f}",
            self.bar,
            f"{median_ratio(pipeline, raw, 'cpu'):.2f}",
            f"{median_ratio(program, raw, 'wall'):.2f}",
            f"{median_ms(program, 'database'):.2f}",
            f"{1000 / median_ms(program, 'core') * self.of_each:,.0f}",
        )


def measure_all(shop: Shop, numbers: list[str], *, rounds: int) -> list[Measured]:
    """Measure every path in a shop that has these orders."""
    with raw_connection() as raw:
        return [
            _confirm(shop, raw, rounds, items=1, quantity=1, label=CONFIRM_ONE),
            _confirm(shop, raw, rounds, items=10, quantity=4, label=CONFIRM_TEN),
            _assess(shop, raw, rounds, items=1, quantity=1, label=ASSESS_ONE),
            _assess(shop, raw, rounds, items=10, quantity=4, label=ASSESS_TEN),
            _order_list(shop, raw, rounds),
            _scans_in(shop, raw, numbers, max(10, rounds // 5)),
        ]


def _confirm(shop: Shop, raw: psycopg.Connection, rounds: int, *, items: int, quantity: int, label: str) -> Measured:
    numbers = [f"C{items}-{n:06}" for n in range(3 * (rounds + WARM_UP))]
    sell(shop, numbers, items=items, quantity=quantity, label="Orders to write off")
    ready = cases(shop, numbers, items=items, quantity=quantity, label="Queries")

    def confirm(case: Case) -> Callable[[], object]:
        return partial(
            write_off, query=case.query, selection=case.selection, by=shop.member, key=f"confirm-{case.query}", now=NOW
        )

    return _measured(raw, confirm, ready, label=label, bar="ratio ≤ 2")


def _assess(shop: Shop, raw: psycopg.Connection, rounds: int, *, items: int, quantity: int, label: str) -> Measured:
    numbers = [f"A{items}-{n:06}" for n in range(3 * (rounds + WARM_UP))]
    sell(shop, numbers, items=items, quantity=quantity, label="Orders to assess")
    orders = list(Order.objects.filter(seller_id=shop.seller.id, number__in=numbers))
    return _measured(raw, lambda order: partial(assess_order, order, now=NOW), orders, label=label)


def _order_list(shop: Shop, raw: psycopg.Connection, rounds: int) -> Measured:
    def page(after: PageKey | None) -> Callable[[], object]:
        return partial(newest_orders, shop.seller.id, after=after, size=PAGE)

    keys: list[PageKey | None] = [None]
    while following := newest_orders(shop.seller.id, after=keys[-1], size=PAGE).next:
        keys.append(following)
    wanted = 3 * (rounds + WARM_UP)
    return _measured(raw, page, (keys * (wanted // len(keys) + 1))[:wanted], label=ORDER_LIST)


def _scans_in(shop: Shop, raw: psycopg.Connection, numbers: list[str], rounds: int) -> Measured:
    batches = scan_batches(numbers, count=3 * (rounds + 2))
    return _measured(
        raw,
        lambda scans: partial(put_scans, seller=shop.seller, scans=scans, now=NOW),
        batches,
        label=SCANS_IN,
        bar="20,000 a second",
        warm_up=2,
        of_each=SCANS,
    )


def _measured(
    raw: psycopg.Connection,
    call: Callable[[T], Callable[[], Any]],
    ready: list[T],
    *,
    label: str,
    bar: str = "",
    warm_up: int = WARM_UP,
    of_each: int = 1,
) -> Measured:
    """Do the path in the program, raw, and raw in one go, in turns."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    count = len(statements_of(call(ready[0])))
    ours, theirs = connection.connection.info.backend_pid, raw.info.backend_pid
    ways = [
        Way(PROGRAM, call, ours),
        Way(RAW, lambda case: partial(send, raw, statements_of(call(case))), theirs),
        Way(PIPELINE, lambda case: partial(send_in_pipeline, raw, statements_of(call(case))), theirs),
    ]
    return Measured(label, count, interleaved(ways, ready, warm_up=warm_up), bar, of_each)
