"""Put in what was checked, shop by shop, in batches of a bounded size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Literal

from lostpost.accounts.models import Seller
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.core.sql import execute
from lostpost.imports.check import CheckedFiles, OrderRows, ShopRows
from lostpost.imports.problem import RowProblems
from lostpost.imports.progress import Progress
from lostpost.imports.sellers import sellers_by_code
from lostpost.imports.shift import shifted
from lostpost.intake.import_orders import import_orders
from lostpost.tracking.unmatched_scans import UnmatchedData, keep_unmatched_scans

LOTS_MAX, RECORDS_MAX = 500, 5_000  # Of one transaction.
_LARGER_BY = 8

Counts = Counter[tuple[Literal["seller", "order", "parcel", "return", "scan"], str]]


@dataclass(slots=True)
class FilesOutcome:
    """What went in: records by kind and state (created, updated, unchanged); and what did not, with every reason."""

    counts: Counts = field(default_factory=Counter)
    problems: RowProblems = field(default_factory=RowProblems)
    left_out: list[OrderRows] = field(default_factory=list)


def put_files(checked: CheckedFiles, *, days: int, now: datetime) -> FilesOutcome:
    """Store all valid lots, shifted by `days`. Removes the lots from `checked` meanwhile.

    Safe to interrupt and repeat: each batch is stored completely or not at all, and stored rows stay unchanged.
    """
    put = FilesOutcome()
    total = sum(len(shop.lots) for shop in checked.shops.values())
    known = sellers_by_code(checked.shops)
    done, analyze_at = 0, LOTS_MAX
    with _losable(), Progress("Putting in orders", total=total) as shown_progress:
        for shop in checked.shops.values():
            seller = _seller(shop, known.pop(shop.code, None), put, now=now)
            for batch in _batches(shop):
                if seller is None:
                    _refuse(batch, put)
                else:
                    _put_batch(seller, batch, put, days=days, now=now)
                shown_progress.advance(len(batch))
                done += len(batch)
                if done >= analyze_at:
                    _analyze()
                    analyze_at = done * _LARGER_BY
    return put


def _seller(shop: ShopRows, known: Seller | None, put: FilesOutcome, *, now: datetime) -> Seller | None:
    """Return the seller, put in if need be; None if all that the files know is a code without an order."""
    if known and (shop.data is None or _says_the_same(shop.data, known)):
        put.counts["seller", "unchanged"] += 1
        return known
    data = shop.data
    if data is None:
        order = next((lot.bundle.order for lot in shop.lots if lot.bundle.order), None)
        if order is None:
            return None
        data = SellerData(code=shop.code, name=shop.code, currency=order.currency)
    put.counts["seller", "updated" if known else "created"] += 1
    return put_seller(seller=data, now=now)


def _says_the_same(data: SellerData, known: Seller) -> bool:
    """Return whether nothing would change; None stands for what the files do not say."""
    return all(value is None or getattr(known, name) == value for name, value in asdict(data).items())


def _put_batch(seller: Seller, batch: Sequence[OrderRows], put: FilesOutcome, *, days: int, now: datetime) -> None:
    outcome = import_orders(seller=seller, bundles=[shifted(lot.bundle, days) for lot in batch], now=now)
    keep_unmatched_scans(scans=[UnmatchedData(scan, seller.id) for scan in outcome.unmatched], now=now)
    put.counts.update(outcome.counts)
    put.counts["scan", "waiting"] += len(outcome.unmatched)
    for at, refusals in outcome.refused.items():
        lot = batch[at]
        put.left_out.append(lot)
        for kind, place, refusal in refusals:
            put.problems.add(lot.places[kind][place], str(refusal))


def _refuse(batch: Sequence[OrderRows], put: FilesOutcome) -> None:
    for lot in batch:
        place = min(place for places in lot.places.values() for place in places)
        put.problems.add(place, "there is no such seller yet; put its orders in first, or name it in sellers.csv")
        put.left_out.append(lot)


def _batches(shop: ShopRows) -> Iterator[list[OrderRows]]:
    """Take the lots of a shop out, in batches that make a transaction of bounded size."""
    waiting, shop.lots = shop.lots[::-1], []
    while waiting:
        batch = [waiting.pop()]
        records = batch[0].records
        while waiting and len(batch) < LOTS_MAX and records < RECORDS_MAX:
            batch.append(waiting.pop())
            records += batch[-1].records
        yield batch


@contextmanager
def _losable() -> Iterator[None]:
    """Do not wait for the disk at each commit: what a power cut takes away, doing it again puts in."""
    execute("SELECT set_config('synchronous_commit', 'off', false)", ())
    try:
        yield
    finally:
        execute("RESET synchronous_commit", ())


def _analyze() -> None:
    """Let the database count what is there: with what it knew of the empty tables, each check of a key is slow."""
    tables = ("order", "orderitem", "parcel", "parcelunit", "sale", "transfer")
    execute("ANALYZE " + ", ".join(f"lostpost_{table}" for table in tables), ())
