"""Compare documents with what the shop's feed said when they were issued and paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from lostpost.events.models import Event
from lostpost.invoicing.content_hash import Document, DocumentLine, by_document, content_hash
from lostpost.invoicing.models import CreditNote, CreditNoteLine, SalesInvoice, SalesInvoiceLine

_ISSUED = {
    "invoice.issued": "sales invoice",
    "credit-note.issued": "credit note",
    "invoice-paid-again.issued": "invoice over what was paid again",
}
_PAID = "invoice.paid"


class Discrepancy(NamedTuple):
    """What was announced and what is there differ."""

    what: str
    expected: Any
    actual: Any


def documents_not_as_announced(seller_id: UUID) -> Iterator[Discrepancy]:
    """Return what differs between the feed and the documents: one that is missing, changed, or never announced.

    Events of before there was a hash in them say number, currency and amount.
    """
    announced: dict[str, dict[str, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for event in Event.objects.filter(seller_id=seller_id, type__in=[*_ISSUED, _PAID]).order_by("sequence"):
        announced[event.type][event.data["number"]].append(event)
    invoices = list(SalesInvoice.objects.filter(seller_id=seller_id).order_by("number"))
    notes = list(CreditNote.objects.filter(seller_id=seller_id).order_by("number"))
    invoice_lines = by_document(SalesInvoiceLine.objects.filter(seller_id=seller_id))
    note_lines = by_document(CreditNoteLine.objects.filter(seller_id=seller_id))
    yield from _not_as_issued("invoice.issued", announced["invoice.issued"], invoices, invoice_lines)
    for kind, is_invoice in (("credit-note.issued", False), ("invoice-paid-again.issued", True)):
        of_kind = [note for note in notes if note.is_invoice == is_invoice]
        yield from _not_as_issued(kind, announced[kind], of_kind, note_lines)
    yield from _not_as_paid(announced[_PAID], invoices)


def _not_as_issued(
    kind: str,
    announced: dict[str, list[Event]],
    documents: Sequence[Document],
    lines: dict[UUID, Sequence[DocumentLine]],
) -> Iterator[Discrepancy]:
    name, standing = _ISSUED[kind], {document.number: document for document in documents}
    for number in sorted(announced.keys() | standing.keys()):
        events, document = announced.get(number, []), standing.get(number)
        if len(events) != 1 or document is None:
            counts = (len(events), int(document is not None))
            yield Discrepancy(f"{name} {number}: its event in the feed, and itself", (1, 1), counts)
            continue
        data = events[0].data
        amount = "payable_minor" if kind == "invoice.issued" else "total_minor"
        said = (data[amount], data["currency"], events[0].at)
        recorded = (getattr(document, amount), document.currency, document.issued_at)
        if said != recorded:
            yield Discrepancy(f"{name} {number}: amount, currency and time as issued", said, recorded)
        elif "sha256" in data and (now := content_hash(document, lines.get(document.id, ()))) != data["sha256"]:
            yield Discrepancy(f"{name} {number}: hash of its content as issued", data["sha256"], now)


def _not_as_paid(announced: dict[str, list[Event]], invoices: Sequence[SalesInvoice]) -> Iterator[Discrepancy]:
    paid = {invoice.number: invoice for invoice in invoices if invoice.state == SalesInvoice.State.PAID}
    for number in sorted(announced.keys() | paid.keys()):
        said = [(event.at, event.data.get("reference")) for event in announced.get(number, [])]
        invoice = paid.get(number)
        recorded: list[tuple[datetime | None, str | None]] = [(invoice.paid_at, invoice.reference)] if invoice else []
        if any(reference is None for _at, reference in said):  # Of before the reference was announced.
            said, recorded = [(at, None) for at, _ in said], [(at, None) for at, _ in recorded]
        if said != recorded:
            yield Discrepancy(f"sales invoice {number}: when it was paid, and the reference", said, recorded)
