"""Number series of a shop: each without a gap, whatever is broken off on the way."""

from __future__ import annotations

from lostpost.accounts.models import Seller
from lostpost.core.ownership import uuid7
from lostpost.core.sql import fetch, insertion
from lostpost.invoicing.models import DocumentCounter

Series = DocumentCounter.Series

_PREFIX = {Series.SALES_INVOICE: "INV", Series.CREDIT_NOTE: "CRN", Series.INVOICE_PAID_AGAIN: "CIN"}
# Makes the counter with the first document. The row stays locked until commit: numbers follow as they commit, and a
# transaction that is given up gives its number back (VAT Directive art. 226(2): a sequential number).
_COUNT = """
    ON CONFLICT ON CONSTRAINT document_counter_once_per_series DO UPDATE SET last = existing.last + EXCLUDED.last
    RETURNING last
"""


def next_number(seller: Seller, series: DocumentCounter.Series) -> str:
    """Take the next number of a series, in the caller's transaction: INV-lampenhuis-00001 and so on."""
    count = _count(seller, series, 1)
    return f"{_PREFIX[series]}-{seller.code}-{count:05d}"


def lock_series(seller: Seller, series: DocumentCounter.Series) -> None:
    """Let one transaction at a time issue documents of a series, without taking a number yet."""
    _count(seller, series, 0)


def _count(seller: Seller, series: DocumentCounter.Series, documents: int) -> int:
    """Count documents in a series, and return the number of the last."""
    counter = {"seller_id": seller.id, "id": uuid7(), "series": series.value, "last": documents}
    ((last,),) = fetch(insertion(DocumentCounter, same=tuple(counter)) + _COUNT, counter)
    return int(last)
