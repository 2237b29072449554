"""Number series of a shop: each without a gap, whatever is broken off on the way."""

from __future__ import annotations

from lostpost.accounts.models import Seller
from lostpost.core.ownership import uuid7
from lostpost.core.sql import execute, fetch
from lostpost.invoicing.models import DocumentCounter

Series = DocumentCounter.Series

_PREFIX = {Series.SALES_INVOICE: "INV", Series.CREDIT_NOTE: "CRN"}
# Makes the counter with the first document. The row stays locked until commit: numbers follow as they commit, and a
# transaction that is given up gives its number back (VAT Directive art. 226(2): a sequential number).
_NEXT = """
    INSERT INTO lostpost_documentcounter AS counter (seller_id, id, series, last) VALUES (%s, %s, %s, 1)
    ON CONFLICT ON CONSTRAINT document_counter_once_per_series DO UPDATE SET last = counter.last + 1
    RETURNING last
"""
_LOCK = """
    INSERT INTO lostpost_documentcounter AS counter (seller_id, id, series, last) VALUES (%s, %s, %s, 0)
    ON CONFLICT ON CONSTRAINT document_counter_once_per_series DO UPDATE SET last = counter.last
"""


def next_number(seller: Seller, series: DocumentCounter.Series) -> str:
    """Take the next number of a series, in the caller's transaction: INV-lampenhuis-00001 and so on."""
    ((count,),) = fetch(_NEXT, (seller.id, uuid7(), series.value))
    return f"{_PREFIX[series]}-{seller.code}-{count:05d}"


def lock_series(seller: Seller, series: DocumentCounter.Series) -> None:
    """Let one transaction at a time issue documents of a series, without taking a number yet."""
    execute(_LOCK, (seller.id, uuid7(), series.value))
