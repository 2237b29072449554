"""A page of the worklist in a shop with ten open queries and in one with very many, in turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import psycopg
from django.db import connection

from bench.marketplace import NOW, Shop, a_shop, sell
from bench.measure import Cost, Way, interleaved, median_ms, median_ratio
from bench.raw import raw_connection, send, statements_of
from lostpost.accounts.policy import current_policy
from lostpost.core.ownership import uuid7
from lostpost.customer_queries.list_filters import ListFilters
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.customer_queries.worklist import Listing, RowKey
from lostpost.imports.progress import progress
from lostpost.insight.silent_parcels import oldest_silent_parcels
from lostpost.insight.worklist import WorkPage, work_page
from lostpost.orders.models import Order
from lostpost.portal.list_views import shown_views
from lostpost.portal.query_list import PAGE_SIZE

FEW = 10
ORDERS_MOST = 1_000  # Of which each has several queries; neighbours in the list are about different ones.
PAGES = 40
WARM_UP = 10
AT_ONCE = 1_000
BAR = 2.0
HEAD = ("open queries", "statements", "program ms", "database ms", "raw ms", "ratio", f"to {FEW} open", "bar")


@dataclass(frozen=True)
class MeasuredPage:
    """A page of a list of so many queries: what it cost the program, raw, and beside a page of the short list."""

    queries: int
    statements: int
    program: list[Cost]
    raw: list[Cost]
    of_few: list[Cost]

    def row(self) -> tuple[str, ...]:
        """Give the row of the table."""
        to_few = median_ms(self.program, "core") / median_ms(self.of_few, "core")
        return (
            f"{self.queries:,}",
            str(self.statements),
            f"{median_ms(self.program, 'cpu'):.2f}",
            f"{median_ms(self.program, 'database'):.2f}",
            f"{median_ms(self.raw, 'core'):.2f}",
            f"{median_ratio(self.program, self.raw, 'core'):.2f}",
            f"{to_few:.2f}",
            f"≤ {BAR:g}",
        )


def measure_worklist(*, queries: int, rounds: int) -> list[MeasuredPage]:
    """Fill two shops, and measure pages of both in the same rounds, by the program and raw."""
    sizes = (queries, FEW)  # The large one first: the database's statistics of ten orders mislead it about many.
    calls = {size: _pages(_filled(a_shop(f"shop-of-{size}"), size)) for size in sizes}
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # A large table takes longer than a page may.
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("RESET statement_timeout")
    with raw_connection() as raw:
        ours, theirs = connection.connection.info.backend_pid, raw.info.backend_pid
        ways = []
        for size, call in calls.items():
            ways += [Way(f"{size}", call, ours), Way(f"{size} raw", partial(_raw_page, raw, call), theirs)]
        costs = interleaved(ways, range(len(ways) * (rounds + WARM_UP)), warm_up=WARM_UP)
        return [
            MeasuredPage(
                queries=size,
                statements=len(statements_of(call(0))),
                program=costs[f"{size}"],
                raw=costs[f"{size} raw"],
                of_few=costs[f"{FEW}"],
            )
            for size, call in calls.items()
        ]


def _raw_page(raw: psycopg.Connection, call: Callable[[int], Callable[[], object]], case: int) -> Callable[[], object]:
    return partial(send, raw, statements_of(call(case)))


def _filled(shop: Shop, count: int) -> Shop:
    """Open so many queries in a shop, as start_contact and the assessment of stakes leave them."""
    numbers = [f"{shop.seller.code}-{n:06}" for n in range(min(count, ORDERS_MOST))]
    sell(shop, numbers, items=2, quantity=1, label=f"Orders of {count:,} queries")
    orders = list(Order.objects.filter(seller_id=shop.seller.id).order_by("number").values_list("id", flat=True))
    for start in progress(list(range(0, count, AT_ONCE)), f"{count:,} queries"):
        queries, entries = [], []
        for n in range(start, min(start + AT_ONCE, count)):
            since = NOW - timedelta(minutes=n % 10_000)
            query = CustomerQuery(
                seller_id=shop.seller.id,
                id=uuid7(),
                number=str(10**9 + n),
                order_id=orders[n % len(orders)],
                subject="Where is my parcel?",
                opened_at=since,
                waits_since=since,
                unanswered_since=since,
                answer_due_at=since + timedelta(hours=18),
                due_at=since + timedelta(hours=18),
                at_stake_minor=25_00 + n % 500,
                eligible_from=NOW - timedelta(days=2),
                carrier_normalised="dpd",
                stakes_assessed_at=NOW,
            )
            entry = TimelineEntry(
                seller_id=shop.seller.id,
                query_id=query.id,
                at=since,
                kind="message.received",
                text="Where is my parcel? I waited at home all day.",
            )
            query.last_message_id = entry.id
            queries.append(query)
            entries.append(entry)
        CustomerQuery.objects.bulk_create(queries)
        TimelineEntry.objects.bulk_create(entries)
    return shop


def _pages(shop: Shop) -> Callable[[int], Callable[[], object]]:
    """Return what shows one of the first pages of the shop's list, each in its turn."""
    listing = Listing(shop.seller.id, ListFilters(), current_policy(), NOW, shop.member.user_id)
    keys: list[RowKey | None] = [None]
    while len(keys) < PAGES and (following := _page(shop, listing, keys[-1]).following):
        keys.append(following)
    return lambda case: partial(_page, shop, listing, keys[case % len(keys)])


def _page(shop: Shop, listing: Listing, behind: RowKey | None) -> WorkPage:
    """Do what the list's view does, but for the template."""
    silent = oldest_silent_parcels(shop.seller.id, listing.policy, now=listing.now)
    page = work_page(listing, silent, behind=behind, size=PAGE_SIZE)
    shown_views(shop.seller, listing.policy, silent, user_id=listing.user_id, now=listing.now)
    return page
