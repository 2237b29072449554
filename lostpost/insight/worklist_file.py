"""The worklist as a CSV file, for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from lostpost.core.clock import rfc3339
from lostpost.core.spreadsheets import csv_file
from lostpost.insight.worklist import WorkRow
from lostpost.invoicing.documents.ubl import amount_text

COLUMNS = (
    *("action", "customer_query", "state", "subject", "order_number", "customer", "item", "other_items", "value"),
    *("currency", "carrier", "silent_since", "answer_due_at", "last_on", "claim_on", "assignee", "waits_since"),
    *("unanswered_since", "last_words"),
)


def worklist_csv(rows: Iterable[WorkRow]) -> Iterator[bytes]:
    """Write rows as they come, a line each; a silent parcel without a query leaves what queries have empty."""
    return csv_file(COLUMNS, map(_cells, rows))


def _cells(row: WorkRow) -> list[str]:
    query, order = row.query, row.order
    return [
        row.action,
        query.number if query else "",
        query.state if query else "",
        query.subject if query else "",
        order.number,
        order.customer_name,
        row.title,
        str(row.others),
        amount_text(row.at_stake_minor, order.currency),
        order.currency,
        row.carrier,
        _written(row.silent_since),
        _written(query.answer_due_at if query else None),
        _written(row.last_on),
        _written(row.claim_on),
        query.assignee_name if query else "",
        _written(query.waits_since if query else None),
        _written(query.unanswered_since if query else None),
        row.last_words,
    ]


def _written(when: date | datetime | None) -> str:
    if when is None:
        return ""
    return rfc3339(when) if isinstance(when, datetime) else when.isoformat()
