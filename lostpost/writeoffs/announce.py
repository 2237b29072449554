"""Tell of a write-off: on the query's timeline, in the shop's feed, and to the customer."""

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
_TELL = f"""
    WITH {RECORDING}, entries AS (
        INSERT INTO lostpost_timelineentry (seller_id, id, query_id, at, kind, data, text, by_user_id, by_name)
        SELECT %(seller)s, id, %(query)s, %(now)s, kind, data, '', %(by)s, %(by_name)s
          FROM jsonb_to_recordset(%(entries)s::jsonb) AS row (id uuid, kind text, data jsonb)
    )
    INSERT INTO lostpost_mail (
        seller_id, id, query_id, kind, about_id, "to", language, subject, body, state, queued_at, sent_at, problem
    ) VALUES (
        %(seller)s, %(mail)s, %(query)s, 'write-off.confirmed', %(made)s, %(to)s, %(language)s, '', '', 'queued',
        %(now)s, NULL, ''
    )
"""  # noqa: S608  Of nothing but our own words.


def announce_write_off(made: WriteOff, reckoning: WriteOffAmounts, asked: CustomerQuery, *, mail_id: UUID) -> None:
    """Write down everywhere that the items were written off and the refund requested.

    `mail_id`: of the e-mail that the customer will get; the job that sends it has it too.
    """
    money = {"number": made.number, "amount_minor": made.refund_minor, "currency": made.currency}
    lines = [
        {
            "title": line.row.item.title,
            "item": line.row.item.item,
            "parcel": line.row.parcel,
            "quantity": line.quantity,
            "refund_minor": line.refund_minor,
        }
        for line in reckoning.lines
    ]
    entries = [
        (str(uuid7()), "write-off.confirmed", {**money, "lines": lines, "delivery_minor": made.delivery_refund_minor})
    ]
    if made.refund_minor:
        entries.append((str(uuid7()), "refund.requested", money))
    events = [event for entry in entries if (event := event_of(asked, *entry))]
    execute(
        _TELL,
        {
            **recording(made.seller_id, events, made.confirmed_at),
            "query": made.query_id,
            "by": made.by_user_id,
            "by_name": made.by_name,
            "entries": json.dumps([dict(zip(("id", "kind", "data"), entry, strict=True)) for entry in entries]),
            "mail": mail_id,
            "made": made.id,
            "to": asked.order.customer_email,
            "language": asked.order.customer_language,
        },
    )
