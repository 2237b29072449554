"""Announce a write-off: on the query's timeline, in the shop's feed, and to the customer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

from psycopg.types.numeric import Int8

from lostpost.core.ownership import uuid7
from lostpost.core.sql import Parts, insertion, json_rows, sql_file
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.customer_queries.timeline import event_of
from lostpost.events.record import RECORDING, EventData, recording
from lostpost.holds.limits import DayOfShop
from lostpost.writeoffs.amounts import WriteOffAmounts
from lostpost.writeoffs.models import WriteOff

_COUNTING = sql_file(__name__, "count_in_day")
PUT_ASIDE = ("waiting_for_customer", "follow_up_later")


def write_off_announced(
    write_off: WriteOff,
    amounts: WriteOffAmounts,
    query: CustomerQuery,
    *,
    mail_id: UUID,
    query_state: str,
    day: DayOfShop,
) -> Parts:
    """Return the part that announces that the items were written off and the refund requested.

    It counts them in the shop's day: `day_of_row` reads what the part `day` returns.

    Args: `mail_id`: of the e-mail to the customer; the job that sends it has it too. `query_state`: in which it was
    written off; one that was put aside opens again. `day`: as it was read before.
    """
    announced = [(uuid7(), kind, data) for kind, data in _announced(write_off, amounts, query_state)]
    events = [event for entry_id, kind, data in announced if (event := event_of(query, str(entry_id), kind, data))]
    at = write_off.confirmed_at
    by = {"by_user_id": write_off.by_user_id, "by_name": write_off.by_name}
    entries = [{"id": entry_id, "kind": kind, "data": data, "at": at, **by} for entry_id, kind, data in announced]
    mail = {
        "id": mail_id,
        "kind": "write-off.confirmed",
        "about_id": write_off.id,
        "to": query.order.customer_email,
        "language": query.order.customer_language,
        "queued_at": at,
    }
    return Parts(
        (RECORDING, *_parts(tuple(entries[0]), tuple(mail))),
        {
            **recording(write_off.seller_id, events, at),
            "query_id": write_off.query_id,
            "seller_id": write_off.seller_id,
            "entries": json_rows(entries),
            "mail": json_rows([mail]),
            "day": day.day,
            "day_id": uuid7(),
            "currency": write_off.currency,
            "refund_minor": Int8(write_off.refund_minor),
        },
    )


def day_of_row(day: DayOfShop, write_offs: int, amounts: Any) -> DayOfShop:
    """Return a shop's day with what was counted in it."""
    minors = json.loads(amounts) if isinstance(amounts, str) else amounts
    return replace(day, write_offs=write_offs, amounts=minors)


def _announced(write_off: WriteOff, amounts: WriteOffAmounts, query_state: str) -> Iterator[EventData]:
    """Return what happened to the query, each with its kind and its data."""
    money = {"number": write_off.number, "amount_minor": write_off.refund_minor, "currency": write_off.currency}
    lines = [
        {
            "title": line.unit.item.title,
            "item": line.unit.item.item,
            "parcel": line.unit.parcel,
            "quantity": line.quantity,
            "refund_minor": line.refund_minor,
        }
        for line in amounts.lines
    ]
    yield "write-off.confirmed", {**money, "lines": lines, "delivery_minor": write_off.delivery_refund_minor}
    if write_off.refund_minor:
        yield "refund.requested", money
    if query_state in PUT_ASIDE:
        yield "query.reopened", {}


@cache
def _parts(of_entry: tuple[str, ...], of_mail: tuple[str, ...]) -> tuple[str, ...]:
    same = ("seller_id", "query_id")
    entries = insertion(TimelineEntry, of_entry, same=same, rows="entries")
    mail = insertion(Mail, of_mail, same=same, rows="mail")
    return (f"day AS ({_COUNTING})", f"entries AS ({entries})", f"mail AS ({mail})")
