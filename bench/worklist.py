"""A page of the worklist in a shop with ten open queries and in one with very many, in turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import psycopg
from django.db import connection

from bench.clones import Template, patiently
from bench.marketplace import NOW, Shop, a_shop
from bench.measure import Cost, Way, interleaved, median_ms, median_ratio
from bench.raw import raw_connection, send, statements_of
from lostpost.accounts.policy import current_policy
from lostpost.answering.drafts import answering_names
from lostpost.customer_queries.list_filters import ListFilters
from lostpost.customer_queries.worklist import Listing, RowKey
from lostpost.insight.silent_parcels import oldest_silent_parcels
from lostpost.insight.worklist import WorkPage, work_page
from lostpost.portal.list_views import shown_views
from lostpost.portal.query_list import PAGE_SIZE

FEW = 10
PAGES = 40
WARM_UP = 10
BOOKS = ("lostpost_event", "lostpost_mail", "lostpost_sale", "lostpost_transfer")  # No list reads these.
BAR = 2.0
HEAD = ("open queries", "statements", "program ms", "database ms", "raw ms", "ratio", f"to {FEW} open", "bar")
# As the customer's messages and the assessment of stakes leave them.
_SPREAD = """
    WITH spread AS (
        SELECT id, %(now)s - make_interval(mins => (row_number() OVER (ORDER BY id) %% 10000)::int) AS since,
               row_number() OVER (ORDER BY id) %% 500 AS place
          FROM lostpost_customerquery
         WHERE seller_id = %(seller)s
    )
    UPDATE lostpost_customerquery query
       SET opened_at = since,
           waits_since = since,
           unanswered_since = since,
           answer_due_at = since + interval '18 hours',
           due_at = since + interval '18 hours',
           at_stake_minor = 2500 + place,
           eligible_from = %(now)s - interval '2 days',
           carrier_normalised = 'dpd',
           stakes_assessed_at = %(now)s
      FROM spread
     WHERE query.seller_id = %(seller)s AND query.id = spread.id
"""


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
    template = Template()
    calls = {size: _pages(_filled(template, a_shop(f"shop-of-{size}"), size)) for size in sizes}
    with patiently(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
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


def _filled(template: Template, shop: Shop, count: int) -> Shop:
    """Open so many queries in a shop, each about an order and a silent parcel of its own, spread over a week."""
    template.copy([shop], count=count, but=BOOKS)
    with patiently(), connection.cursor() as cursor:
        cursor.execute(_SPREAD, {"seller": shop.seller.id, "now": NOW})
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
    ids = [row.query.id for row in page.rows if row.query]
    answering_names(shop.seller.id, ids, but=listing.user_id or 0, now=listing.now)
    return page
