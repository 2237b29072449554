"""A page of a specification."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from lostpost.core.keyset import Page, PageKey
from lostpost.reporting.specification import AT_ONCE, MOST_OF_A_SOURCE, SpecificationLine, specification


def specification_page(
    *,
    seller_id: UUID,
    invoice_id: UUID | None,
    currency: str,
    order_number: str = "",
    sku: str = "",
    until_at: datetime | None = None,
    after: PageKey | None,
    size: int,
) -> Page[SpecificationLine]:
    """Return a page of a specification; as a source is never split over two pages, it may have a few lines more."""
    rows: list[SpecificationLine] = []
    at_once = AT_ONCE if sku else min(AT_ONCE, MOST_OF_A_SOURCE * (size + 2))
    for line in specification(
        seller_id=seller_id,
        invoice_id=invoice_id,
        currency=currency,
        order_number=order_number,
        sku=sku,
        until_at=until_at,
        after=after,
        at_once=at_once,
    ):
        if len(rows) >= size and line.source_id != rows[-1].source_id:
            return Page(rows, PageKey(rows[-1].effective_at, rows[-1].source_id))
        rows.append(line)
    return Page(rows)
