"""Orders by the hundred thousand: copies of one that the program made, by the database itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

from bench.marketplace import Case, Shop, a_shop, analyze, cases, sell
from lostpost.core.postgresql.base import answer_within
from lostpost.core.sql import execute, fetch
from lostpost.writeoffs.selection import SelectedUnits

# Of a shop and its members, which are no copies; partitions are filled through their parent.
_OF_SHOP = ("lostpost_member", "lostpost_invoicecadence", "lostpost_eventcounter", "lostpost_idempotencykey")


class Template:
    """An order of a shop of its own, with its parcel, scans, books and an open query, to be copied."""

    def __init__(self, *, items: int = 1, quantity: int = 1) -> None:
        self.items, self.quantity = items, quantity
        self.shop, self.number = a_shop(f"template-{items}"), f"TEMPLATE-{items}"
        sell(self.shop, [self.number], items=items, quantity=quantity, label="An order to copy")
        (self.case,) = cases(self.shop, [self.number], items=items, quantity=quantity, label="Its query")
        self.events = self._count("lostpost_event")
        self.tables = [table for table in _tables() if table not in _OF_SHOP and self._count(table)]

    def copy(
        self,
        shops: Sequence[Shop],
        *,
        count: int,
        first: int = 0,
        open_queries: bool = True,
        but: Collection[str] = (),
    ) -> None:
        """Give each of the shops so many copies, numbered from `first`; without open queries they are handled ones.

        Args: `but`: tables that are left out, where what is measured reads none of them.
        """
        ids = [shop.seller.id for shop in shops]
        with patiently(), connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # What is copied was checked when it was made.
            for table in [table for table in self.tables if table not in but]:
                columns = _columns(table)
                values = ", ".join(self._value(table, name, kind, open_queries) for name, kind in columns)
                names = ", ".join(f'"{name}"' for name, _kind in columns)
                cursor.execute(
                    f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} made"
                    " CROSS JOIN unnest(%(shops)s::uuid[]) WITH ORDINALITY shop (id, place)"
                    " CROSS JOIN generate_series(%(first)s::bigint, %(last)s::bigint) n"
                    " WHERE made.seller_id = %(template)s ORDER BY n",
                    {"shops": ids, "first": first, "last": first + count - 1, **self._names()},
                )
            cursor.execute("RESET session_replication_role")
        _count_events(ids)
        analyze()

    def cases(self, *, count: int, first: int = 0) -> list[Case]:
        """Return the copies with open queries, as each of the shops has them."""
        ready = []
        for n in range(first, first + count):
            number = f"{self.number}{n:07}"
            selection = [SelectedUnits(f"P-{number}", str(item), self.quantity) for item in range(1, self.items + 1)]
            ready.append(Case(number, f"{self.case.query}{n:07}", selection))
        return ready

    def _names(self) -> dict[str, Any]:
        return {
            "template": self.shop.seller.id,
            "number": self.number,
            "query": self.case.query,
            "of_each": self.events,
        }

    def _value(self, table: str, column: str, kind: str, open_queries: bool) -> str:
        """Spell a copy's column: another id, in order of time; the number with the copy's behind it; or the same."""
        if column == "seller_id":
            return "shop.id"
        if (table, column) == ("lostpost_customerquery", "state") and not open_queries:
            return "'handled'"
        if (table, column) == ("lostpost_customerquery", "handled_at") and not open_queries:
            return "made.opened_at"
        if kind == "uuid":
            digest = f"md5(made.\"{column}\"::text || shop.place || ' ' || n)"
            return f"overlay({digest} placing lpad(to_hex(1760000000000 + n), 12, '0') from 1 for 12)::uuid"
        if column == "sequence":
            taken = "SELECT last FROM lostpost_eventcounter taken WHERE taken.seller_id = shop.id"
            return f"made.sequence + coalesce(({taken}), 0) + (n - %(first)s) * %(of_each)s"
        if kind in ("character varying", "text", "jsonb"):
            text = f'made."{column}"::text'
            for name in ("number", "query"):
                text = f"replace({text}, %({name})s, %({name})s || lpad(n::text, 7, '0'))"
            return f"({text})::{kind}"
        return f'made."{column}"'

    def _count(self, table: str) -> int:
        ((count,),) = fetch(f"SELECT count(*) FROM {table} WHERE seller_id = %s", (self.shop.seller.id,))
        return int(count)


@contextmanager
def patiently() -> Iterator[None]:
    """Let statements take longer than those of a request may: a hundred thousand rows need more."""
    with answer_within(connection, 0), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        yield
        cursor.execute("RESET statement_timeout")


def many_shops(numbers: range) -> list[Shop]:
    """Make shops of these numbers."""
    return [a_shop(f"shop-{n:05}") for n in numbers]


def _count_events(ids: Sequence[object]) -> None:
    """Set the counters of the shops' feeds to what they hold."""
    execute(
        """
        INSERT INTO lostpost_eventcounter AS existing (seller_id, id, last)
        SELECT seller_id, gen_random_uuid(), max(sequence) FROM lostpost_event WHERE seller_id = ANY(%s) GROUP BY 1
            ON CONFLICT ON CONSTRAINT event_counter_once_per_shop DO UPDATE SET last = EXCLUDED.last
        """,
        (ids,),
    )


def _tables() -> list[str]:
    """Name the tables that carry a seller, without partitions."""
    rows = fetch(
        """
        SELECT class.relname FROM pg_class class JOIN pg_attribute column_ ON column_.attrelid = class.oid
         WHERE column_.attname = 'seller_id' AND class.relname LIKE %s AND class.relkind IN ('r', 'p')
           AND NOT class.relispartition AND class.relnamespace = 'public'::regnamespace
         ORDER BY 1
        """,
        ("lostpost\\_%",),
    )
    return [name for (name,) in rows]


def _columns(table: str) -> list[tuple[str, str]]:
    rows = fetch(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
        " AND is_generated = 'NEVER' ORDER BY ordinal_position",
        (table,),
    )
    return [(str(name), str(kind)) for name, kind in rows]
