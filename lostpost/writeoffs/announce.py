"""Announce a write-off: on the query's timeline, in the shop's feed, and to the customer."""

from __future__ import annotations

import json
from uuid import UUID

from lostpost.core.ownership import uuid7
from lostpost.core.sql import execute
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import event_of
from lostpost.events.record import RECORDING, recording
from lostpost.writeoffs.amounts import WriteOffAmounts
from lostpost.writeoffs.models import WriteOff

# One statement, as sellers wait for it; the lock on the feed's counter is the last of the confirmation.
_ANNOUNCE = f"""
    WITH {RECORDING}, entries AS (
        INSERT INTO lostpost_timelineentry (seller_id, id, query_id, at, kind, data, text, by_user_id, by_name)
        SELECT %(seller)s, id, %(query)s, %(now)s, kind, data, '', %(by)s, %(by_name)s
          FROM jsonb_to_recordset(%(entries)s::jsonb) AS row (id uuid, kind text, data jsonb)
    )
    INSERT INTO lostpost_mail (
        seller_id, id, query_id, kind, about_id, "to", language, subject, body, state, queued_at, sent_at, problem
    ) VALUES (
        %(seller)s, %(mail)s, %(query)s, 'write-off.confirmed', %(write_off)s, %(to)s, %(language)s, '', '', 'queued',
        %(now)s, NULL, ''
    )
"""  # noqa: S608  Of nothing but our own words.


def announce_write_off(write_off: WriteOff, amounts: WriteOffAmounts, query: CustomerQuery, *, mail_id: UUID) -> None:
    """Announce that the items were written off and the refund requested.

    Args: `mail_id`: of the e-mail to the customer; the job that sends it has it too.
    """
    money = {"number": write_off.number, "amount_minor": write_off.refund_minor, "currency": write_off.currency}
    lines = [
        {
            "title": line.row.item.title,
            "item": line.row.item.item,
            "parcel": line.row.parcel,
            "quantity": line.quantity,
            "refund_minor": line.refund_minor,
        }
        for line in amounts.lines
    ]
    entries = [
        (
            str(uuid7()),
            "write-off.confirmed",
            {**money, "lines": lines, "delivery_minor": write_off.delivery_refund_minor},
        )
    ]
    if write_off.refund_minor:
        entries.append((str(uuid7()), "refund.requested", money))
    events = [event for entry in entries if (event := event_of(query, *entry))]
    execute(
        _ANNOUNCE,
        {
            **recording(write_off.seller_id, events, write_off.confirmed_at),
            "query": write_off.query_id,
            "by": write_off.by_user_id,
            "by_name": write_off.by_name,
            "entries": json.dumps([dict(zip(("id", "kind", "data"), entry, strict=True)) for entry in entries]),
            "mail": mail_id,
            "write_off": write_off.id,
            "to": query.order.customer_email,
            "language": query.order.customer_language,
        },
    )
