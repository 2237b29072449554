"""A hash of what a document says, kept in its event, so that a change by hand is found.

The shop's feed is numbered without a gap and nothing in it changes; partners' programs have read it. Who changes a
document in the database would have to change the event as well, and what is stored elsewhere of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from django.db.models import Model

from lostpost.invoicing.models import CreditNote, CreditNoteLine, SalesInvoice, SalesInvoiceLine

Document: TypeAlias = SalesInvoice | CreditNote
DocumentLine: TypeAlias = SalesInvoiceLine | CreditNoteLine

# What may change after a document was issued, or says only where its row is.
_NOT_HASHED: dict[type[Model], set[str]] = {
    SalesInvoice: {"pk", "seller", "state", "paid_at", "reference", "paid_by_name", "carried_to_id"},
    CreditNote: {"pk", "seller"},
    SalesInvoiceLine: {"pk", "seller", "id", "invoice_id"},
    CreditNoteLine: {"pk", "seller", "id", "credit_note_id"},
}


def content_hash(document: Document, lines: Iterable[DocumentLine]) -> str:
    """Return the SHA-256 of all that a document and its lines say, in hexadecimal digits.

    A value that is its column's default is left out, so that a column that comes later changes no hash of before.
    """
    ordered = sorted(lines, key=lambda line: line.place)
    content = {**_values(document), "lines": [_values(line) for line in ordered]}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _values(row: Model) -> dict[str, Any]:
    values = {}
    for field in row._meta.concrete_fields:
        if field.name in _NOT_HASHED[type(row)]:
            continue
        value = getattr(row, field.attname)
        if value not in (None, "", 0, False):
            values[field.attname] = _plain(value)
    return values


def _plain(value: Any) -> Any:
    """Return a value as JSON has it, the same before it is stored and after."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, UUID):
        return str(value)
    return str(value) if isinstance(value, str) else value  # Also of a choice.


def by_document(lines: Iterable[DocumentLine]) -> dict[UUID, Sequence[DocumentLine]]:
    """Return the lines of each document, by its id."""
    sorted_out: dict[UUID, list[DocumentLine]] = {}
    for line in lines:
        document_id = line.invoice_id if isinstance(line, SalesInvoiceLine) else line.credit_note_id
        sorted_out.setdefault(document_id, []).append(line)
    return dict(sorted_out)
