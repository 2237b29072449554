"""Close the months of a shop's ledger: add up once what was booked before each of them ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from lostpost.core.clock import day_begins_at, months_after
from lostpost.core.ownership import uuid7
from lostpost.core.sql import execute, fetch, insertion, json_rows
from lostpost.ledger.balances import booked_before
from lostpost.ledger.models import ClosingBalance

CLOSES_AFTER = timedelta(days=1)  # What was begun in the month, and is booked with its time, is committed by then.
_CLOSED_AGAIN = 2  # Months: should something be committed later than that, it is added within a day.
_FIRST_AND_CLOSED = """
    SELECT min(booked.booked_at), max(closed.until_at)
      FROM (SELECT booked_at FROM lostpost_transfer WHERE seller_id = %(seller)s ORDER BY booked_at LIMIT 1) booked
      LEFT JOIN (
            SELECT until_at FROM lostpost_closingbalance WHERE seller_id = %(seller)s ORDER BY until_at DESC LIMIT 1
           ) closed ON true
"""
_COLUMNS = ("id", "currency", "debit", "credit", "kind", "transfers", "amount_minor")
_OR_CORRECT = """
    ON CONFLICT ON CONSTRAINT closing_balance_added_up_once DO UPDATE
       SET transfers = EXCLUDED.transfers, amount_minor = EXCLUDED.amount_minor
     WHERE (existing.transfers, existing.amount_minor) <> (EXCLUDED.transfers, EXCLUDED.amount_minor)
"""


def close_months(*, seller_id: UUID, zone: ZoneInfo, now: datetime) -> int:
    """Close each month that ended a day ago or earlier, the last two again; return how many. Safe to repeat.

    Args: `zone`: in which months begin. A shop that has none closed gets all since its first transfer.
    """
    ((first_at, closed_until),) = fetch(_FIRST_AND_CLOSED, {"seller": seller_id})
    if first_at is None:
        return 0
    count = 0
    for until_at in _month_ends(first_at, closed_until, zone, now):
        _close_month(seller_id, until_at)
        count += 1
    return count


def _month_ends(first_at: datetime, closed_until: datetime | None, zone: ZoneInfo, now: datetime) -> Iterator[datetime]:
    last = (now - CLOSES_AFTER).astimezone(zone).date().replace(day=1)
    month = months_after(first_at.astimezone(zone).date(), 1)
    if closed_until:
        following = months_after(closed_until.astimezone(zone).date(), 1)
        month = max(month, min(following, months_after(last, 1 - _CLOSED_AGAIN)))
    while month <= last:
        yield day_begins_at(month, zone)
        month = months_after(month, 1)


@transaction.atomic(durable=True)
def _close_month(seller_id: UUID, until_at: datetime) -> None:
    earlier = until_at - timedelta(microseconds=1)  # Not the balances that are to be added up.
    rows = [{"id": uuid7(), **booked._asdict()} for booked in booked_before(seller_id, until_at, closed_until=earlier)]
    statement = insertion(ClosingBalance, _COLUMNS, same=("seller_id", "until_at")) + _OR_CORRECT
    execute(statement, {"seller_id": seller_id, "until_at": until_at, "rows": json_rows(rows)})
