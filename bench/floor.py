"""The floor of a confirmation: the leanest SQL that leaves the same rows, in the same database and run.

Plain tables with keys (seller, id) and nothing else: no constraints, no further indexes, no triggers, no decision. One
psycopg pipeline, prepared. It is a yardstick: it is not changed to make a ratio look better.
"""

from __future__ import annotations

import time
from typing import NamedTuple
from uuid import UUID, uuid4

import psycopg

from bench.raw import raw_connection
from bench.server import postgres_cpu_seconds
from lostpost.core.ownership import uuid7

_TABLES = """
    DROP SCHEMA IF EXISTS floor CASCADE;
    CREATE SCHEMA floor;
    CREATE TABLE floor.orders (seller uuid, id uuid, number text, customer text, PRIMARY KEY (seller, id));
    CREATE TABLE floor.units (seller uuid, id uuid, written_off int, back bigint, PRIMARY KEY (seller, id));
    CREATE TABLE floor.items (seller uuid, id uuid, written_off int, back bigint, PRIMARY KEY (seller, id));
    CREATE TABLE floor.keys (seller uuid, key text, content text, answer text, PRIMARY KEY (seller, key));
    CREATE TABLE floor.write_offs (seller uuid, id uuid, order_id uuid, number text, minor bigint, at timestamptz,
                             by_name text, PRIMARY KEY (seller, id));
    CREATE TABLE floor.lines (seller uuid, id uuid, write_off uuid, unit uuid, item uuid, quantity int, minor bigint,
                        facts jsonb, PRIMARY KEY (seller, id));
    CREATE TABLE floor.refunds (seller uuid, id uuid, write_off uuid, minor bigint, state text, at timestamptz,
                          PRIMARY KEY (seller, id));
    CREATE TABLE floor.counters (seller uuid, id int, last bigint, PRIMARY KEY (seller, id));
    CREATE TABLE floor.transfers (seller uuid, id uuid, debit text, credit text, minor bigint, source uuid,
                            at timestamptz, PRIMARY KEY (seller, id));
    CREATE TABLE floor.timeline (seller uuid, id uuid, query uuid, kind text, data jsonb, at timestamptz,
                           PRIMARY KEY (seller, id));
    CREATE TABLE floor.events (seller uuid, id bigint, type text, data jsonb, at timestamptz, PRIMARY KEY (seller, id));
    CREATE TABLE floor.mails (seller uuid, id uuid, kind text, "to" text, at timestamptz, PRIMARY KEY (seller, id));
    CREATE TABLE floor.jobs (seller uuid, id uuid, task text, args jsonb, PRIMARY KEY (seller, id));
"""
_FILL = """
    INSERT INTO floor.orders SELECT %(seller)s, md5('o' || n)::uuid, 'B-' || n, 'klaas@example.com'
      FROM generate_series(1, %(count)s::int) n;
    INSERT INTO floor.units SELECT %(seller)s, md5('u' || n)::uuid, 0, 0 FROM generate_series(1, %(count)s::int) n;
    INSERT INTO floor.items SELECT %(seller)s, md5('i' || n)::uuid, 0, 0 FROM generate_series(1, %(count)s::int) n;
    INSERT INTO floor.counters VALUES (%(seller)s, 1, 0), (%(seller)s, 2, 0);
    ANALYZE;
"""
_CONFIRM = """
    SELECT number, customer FROM floor.orders
     WHERE seller = %(seller)s AND id = md5('o' || %(n)s::int)::uuid FOR UPDATE;
    INSERT INTO floor.keys VALUES (%(seller)s, %(key)s, %(content)s, %(answer)s);
    UPDATE floor.units SET written_off = written_off + 1, back = back + 2501
     WHERE seller = %(seller)s AND id = md5('u' || %(n)s::int)::uuid;
    UPDATE floor.items SET written_off = written_off + 1, back = back + 2501
     WHERE seller = %(seller)s AND id = md5('i' || %(n)s::int)::uuid;
    INSERT INTO floor.write_offs
    VALUES (%(seller)s, %(write_off)s, md5('o' || %(n)s::int)::uuid, %(key)s, 2996, now(), 'Anna');
    INSERT INTO floor.lines
    VALUES (%(seller)s, %(id)s, %(write_off)s, md5('u' || %(n)s::int)::uuid, md5('i' || %(n)s::int)::uuid, 1, 2501,
            %(facts)s);
    INSERT INTO floor.refunds VALUES (%(seller)s, %(id)s, %(write_off)s, 2996, 'requested', now());
    UPDATE floor.counters SET last = last + 2 WHERE seller = %(seller)s AND id = 1;
    UPDATE floor.counters SET last = last + 1 WHERE seller = %(seller)s AND id = 2;
    INSERT INTO floor.transfers
    VALUES (%(seller)s, %(t1)s, 'seller', 'customer', 495, %(write_off)s, now()),
           (%(seller)s, %(t2)s, 'seller', 'customer', 2501, %(id)s, now()),
           (%(seller)s, %(t3)s, 'commission', 'seller', 300, %(id)s, now()),
           (%(seller)s, %(t4)s, 'commission_vat', 'seller', 63, %(id)s, now());
    INSERT INTO floor.timeline VALUES (%(seller)s, %(id)s, %(write_off)s, 'write-off.confirmed', %(data)s, now());
    INSERT INTO floor.events
    VALUES (%(seller)s, 2 * %(n)s::int, 'write-off.confirmed', %(data)s, now()),
           (%(seller)s, 2 * %(n)s::int + 1, 'refund.requested', %(data)s, now());
    INSERT INTO floor.mails VALUES (%(seller)s, %(id)s, 'write-off.confirmed', 'klaas@example.com', now());
    INSERT INTO floor.jobs
    VALUES (%(seller)s, %(t1)s, 'mail.send', %(args)s), (%(seller)s, %(t2)s, 'refunds.send', %(args)s);
"""
_DATA = (  # As long as what the program writes.
    '{"number": "5916661715-1", "amount_minor": 2996, "currency": "EUR", "delivery_minor": 495, "lines": [{"title": '
    '"Desk lamp 1", "item": "1", "parcel": "P-B-000001", "quantity": 1, "refund_minor": 2501}]}'
)
_FACTS = (
    '{"placed_at": "2026-11-08T07:18:00Z", "item": "1", "ordered": 1, "parcel": {"parcel": "P-B-000001", '
    '"shipping_method": "own", "carrier": "DPD", "tracking_number": "TB-000001", "shipped_at": '
    '"2026-11-09T07:18:00Z", "scan": {"status": "in_transit", "text": "Sorted", "location": "Utrecht"}}, '
    '"shipped": 1, "written_off": 0, "returned": 0}'
)


class FloorCost(NamedTuple):
    """What the floor takes; milliseconds of processor time each."""

    program_ms: float
    database_ms: float

    @property
    def all_ms(self) -> float:
        """Both together."""
        return self.program_ms + self.database_ms


def measure_floor(*, count: int, warm_up: int = 50) -> FloorCost:
    """Confirm so many orders on the floor, one after the other."""
    seller = uuid4()
    with raw_connection() as raw:
        raw.execute(_TABLES, prepare=False)
        for statement in _FILL.split(";")[:-1]:
            raw.execute(statement.encode(), {"seller": seller, "count": count + warm_up})
        _confirm_all(raw, seller, range(1, warm_up + 1))
        program_seconds, database_seconds = time.process_time(), postgres_cpu_seconds()
        _confirm_all(raw, seller, range(warm_up + 1, warm_up + count + 1))
        program_seconds = time.process_time() - program_seconds
        database_seconds = postgres_cpu_seconds() - database_seconds
        raw.execute("DROP SCHEMA floor CASCADE")
    return FloorCost(1000 * program_seconds / count, 1000 * database_seconds / count)


def _confirm_all(raw: psycopg.Connection, seller: UUID, numbers: range) -> None:
    statements = [statement.encode() for statement in _CONFIRM.split(";")[:-1]]
    for n in numbers:
        values = {
            "seller": seller,
            "n": n,
            "key": f"confirm-{n:07}",
            "content": "0" * 64,
            "answer": _DATA * 2,
            "data": _DATA,
            "facts": _FACTS,
            "args": '{"seller": "0", "mail": "0"}',
            **{name: uuid7() for name in ("write_off", "id", "t1", "t2", "t3", "t4")},
        }
        with raw.pipeline(), raw.transaction(), raw.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement, values)
