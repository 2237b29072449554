"""The specification of an invoice, or of the next one: its sources, line by line, read in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from lostpost.core.clock import EARLIEST
from lostpost.core.keyset import FURTHEST, PageKey
from lostpost.core.sql import fetch
from lostpost.core.text import is_storable
from lostpost.core.vat import TRANSFERRED
from lostpost.invoicing.figures import ORDER, TO_BE_INVOICED, category_of, sign_of
from lostpost.ledger.models import INVOICE_LINES, InvoiceLineKind, Kind
from lostpost.reporting.sources import Source, order_named, places_in_orders, sources

AT_ONCE = 2_000  # Transfers in memory.
MOST_OF_A_SOURCE = 3  # Turnover, commission and its VAT.

_COLUMNS = "source_id, effective_at, kind, amount_minor, vat_category, coalesce(vat_rate_bp, 0)"
_OF_INVOICE = f"""
    SELECT {_COLUMNS} FROM lostpost_transfer
     WHERE seller_id = %(seller)s AND invoice_id = %(invoice)s AND currency = %(currency)s
       AND source_id > %(source)s AND (%(all)s OR source_id = ANY(%(sources)s))
     ORDER BY source_id LIMIT %(size)s
"""  # noqa: S608  Of nothing but our own words.
_COMING = f"""
    SELECT {_COLUMNS} FROM lostpost_transfer
     WHERE {TO_BE_INVOICED}
       AND effective_at >= %(at)s AND (effective_at, source_id) > (%(at)s, %(source)s)
       AND (%(all)s OR source_id = ANY(%(sources)s))
     ORDER BY effective_at, source_id LIMIT %(size)s
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class SpecificationLine:
    """The part of one source (a sale, a write-off line, …) in one line of the invoice, signed as the invoice is."""

    id: str  # <order number>#<n>#<kind>; n counts within the order and stays.
    source_id: UUID  # The lines of one source follow each other.
    kind: InvoiceLineKind
    order_number: str
    item: str
    sku: str  # The seller's own, or the EAN.
    title: str
    parcel: str
    document: str  # Number of the write-off or restoration; empty for a sale.
    quantity: int
    effective_at: datetime
    net_minor: int
    vat_minor: int
    vat_rate_bp: int
    vat_category: str


class _Row(NamedTuple):
    source_id: UUID
    effective_at: datetime
    kind: str
    amount_minor: int
    vat_category: str
    vat_rate_bp: int


def specification(
    *,
    seller_id: UUID,
    invoice_id: UUID | None,
    currency: str,
    order_number: str = "",
    sku: str = "",
    until_at: datetime | None = None,
    after: PageKey | None = None,
    at_once: int | None = None,
) -> Iterator[SpecificationLine]:
    """Return the lines behind an invoice, or with no invoice those not invoiced yet, the oldest first.

    Their sums by kind and rate are the invoice's lines; those not invoiced yet lack the rounding of VAT, which the
    invoice itself books. Lines are read lazily, a few thousand at a time.

    Args: `order_number`, `sku`: only lines about these. `until_at`: of those not invoiced yet, only earlier ones.
    `after`: the last source of the page before, and its instant. `at_once`: transfers to read at a time.
    """
    wanted: list[UUID] = []
    if order_number:
        order_id = order_named(seller_id, order_number) if is_storable(order_number) else None
        wanted = list(places_in_orders(seller_id, [order_id])) if order_id else []
        if not wanted:
            return
    parameters = {
        "seller": seller_id,
        "currency": currency,
        "invoice": invoice_id,
        "until": until_at or FURTHEST,
        "all": not order_number,
        "sources": wanted,
        "size": max(at_once or AT_ONCE, MOST_OF_A_SOURCE + 1),
    }
    for rows in _batches(_OF_INVOICE if invoice_id else _COMING, parameters, after):
        known = sources(seller_id, {row.source_id for row in rows})
        places = places_in_orders(seller_id, {it.order_id for it in known.values() if it.order_id})
        for source_id, booked in groupby(rows, key=lambda row: row.source_id):
            source = known.get(source_id, Source())
            if not sku or source.sku == sku:
                yield from _lines(source, places.get(source_id), list(booked))


def _batches(statement: str, parameters: dict[str, Any], after: PageKey | None) -> Iterator[list[_Row]]:
    """Read transfers in batches, all of one source in the same batch."""
    at, source = after or (EARLIEST.replace(year=1), UUID(int=0))
    while True:
        rows = [_Row(*row) for row in fetch(statement, {**parameters, "at": at, "source": source})]
        last = len(rows) < parameters["size"]
        if not last:  # The last source may continue in the next batch.
            rows = [row for row in rows if row.source_id != rows[-1].source_id]
        if rows:
            yield rows
            at, source = rows[-1].effective_at, rows[-1].source_id
        if last:
            return


def _lines(source: Source, place: int | None, booked: Sequence[_Row]) -> Iterator[SpecificationLine]:
    """Add the transfers of one source up: a line for each kind, with its net amount and its VAT."""
    kinds = {INVOICE_LINES[Kind(row.kind)][0] for row in booked}
    place = booked[0].vat_rate_bp if place is None else place  # Rounding of VAT has a rate, not an order.
    for kind in sorted(kinds, key=ORDER.index):
        amounts = {"net": 0, "vat": 0}
        of_kind = [row for row in booked if INVOICE_LINES[Kind(row.kind)][0] == kind]
        for row in of_kind:
            amounts[INVOICE_LINES[Kind(row.kind)][1]] += sign_of(row.kind) * row.amount_minor
        category = category_of(kind, of_kind[0].vat_category)
        yield SpecificationLine(
            id=f"{source.order_number or source.document}#{place}#{kind.value}",
            source_id=booked[0].source_id,
            kind=kind,
            order_number=source.order_number,
            item=source.item,
            sku=source.sku,
            title=source.title,
            parcel=source.parcel,
            document=source.document,
            quantity=source.quantity,
            effective_at=of_kind[0].effective_at,
            net_minor=amounts["net"],
            vat_minor=amounts["vat"],
            vat_rate_bp=0 if category == TRANSFERRED else of_kind[0].vat_rate_bp,
            vat_category=category,
        )
