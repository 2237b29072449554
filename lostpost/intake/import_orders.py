"""Import orders with all that belongs to them, many at once: each order completely or not at all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Literal, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

from django.db import transaction

from lostpost.accounts.models import Seller
from lostpost.core.errors import Refused
from lostpost.intake.put_orders import ingest_orders
from lostpost.intake.put_parcels import ingest_parcels
from lostpost.intake.put_returns import ingest_returns
from lostpost.orders.data import OrderData, Outcome, ParcelData, ReturnData, ScanData
from lostpost.orders.locks import Locked, lock_intake, lock_orders, lock_parcels_by_id
from lostpost.tracking.put_scans import ingest_scans, months_of, valid_scans
from lostpost.tracking.scan_months import ensure_months

Kind: TypeAlias = Literal["order", "parcel", "return", "scan"]
Record = TypeVar("Record", OrderData, ParcelData, ReturnData, ScanData)


@dataclass(frozen=True, slots=True)
class OrderImport:
    """An order with its parcels, returns and scans. What is stored already may be missing."""

    order: OrderData | None = None
    parcels: Sequence[ParcelData] = ()
    returns: Sequence[ReturnData] = ()
    scans: Sequence[ScanData] = ()


class OrderImportRefusal(NamedTuple):
    """Why a bundle was refused: its record of that kind at that place."""

    kind: Kind
    place: int
    refusal: Refused


@dataclass(slots=True)
class ImportOutcome:
    """The outcome of a batch: records by kind and state, and the refusals of each bundle that was left out."""

    counts: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    refused: dict[int, list[OrderImportRefusal]] = field(default_factory=lambda: defaultdict(list))
    unmatched: list[ScanData] = field(default_factory=list)  # Of parcels that are not there.


def import_orders(*, seller: Seller, bundles: Sequence[OrderImport], now: datetime) -> ImportOutcome:
    """Import bundles of one shop in one transaction; a refused bundle leaves no row, the others are stored.

    Scans of parcels that are not there are returned in `unmatched`, for `keep_unmatched_scans`. Repeating the same
    content changes nothing. If a bundle is refused, the transaction is rolled back and done again without it, as it
    may have written rows already (an order, say, whose parcel is refused).
    """
    refused: dict[int, list[OrderImportRefusal]] = {}
    months = set()
    for at, bundle in enumerate(bundles):
        sound, wrong = valid_scans(bundle.scans, now)
        if wrong:
            refused[at] = [OrderImportRefusal("scan", n, refusal) for n, refusal in wrong.items()]
        months |= months_of(scan.scanned_at for _n, scan in sound)
    ensure_months(months)
    while True:
        left = [(at, bundle) for at, bundle in enumerate(bundles) if at not in refused]
        with transaction.atomic(durable=True):
            outcome = _ingest(seller.id, left, now)
            if outcome.refused:
                transaction.set_rollback(True)
        refused |= outcome.refused
        if not outcome.refused:
            return ImportOutcome(outcome.counts, refused, outcome.unmatched)


def _ingest(seller_id: UUID, bundles: Sequence[tuple[int, OrderImport]], now: datetime) -> ImportOutcome:
    """Ingest orders, parcels, returns and scans, in the order of their references."""
    orders = _Records("order", ((at, [bundle.order] if bundle.order else []) for at, bundle in bundles))
    parcels = _Records("parcel", ((at, bundle.parcels) for at, bundle in bundles))
    returns = _Records("return", ((at, bundle.returns) for at, bundle in bundles))
    scans = _Records("scan", ((at, bundle.scans) for at, bundle in bundles))
    # All locks first, so that the steps after them wait for nobody.
    lock_intake(seller_id)
    numbers = {order.number for order in orders.records}
    numbers.update(parcel.order_number for parcel in parcels.records)
    numbers.update(data.order_number for data in returns.records)
    codes = {parcel.code for parcel in parcels.records} | {scan.parcel for scan in scans.records}
    locked = Locked(seller_id, lock_orders(seller_id, numbers))
    if codes or locked.orders:
        locked.parcels = lock_parcels_by_id(seller_id, codes, of_orders=locked.orders.values())
    outcome = ImportOutcome()
    if orders.records:
        orders.note(outcome, ingest_orders(locked, orders.records, now))
    if parcels.records:
        parcels.note(outcome, ingest_parcels(locked, parcels.records, now))
    if returns.records:
        returns.note(outcome, ingest_returns(locked, returns.records, now))
    if scans.records:
        ended = ingest_scans(seller_id, list(enumerate(scans.records)), {}, now)
        outcome.counts["scan", "created"] += ended.accepted
        outcome.counts["scan", "unchanged"] += ended.duplicates
        outcome.unmatched = [scans.records[index] for index in ended.unmatched]
        for index, refusal in sorted(ended.rejected.items()):
            scans.refuse(outcome, index, refusal)
    return outcome


class _Records(Generic[Record]):
    """The records of one kind of all bundles, and the bundle and place of each."""

    def __init__(self, kind: Kind, of_bundles: Iterable[tuple[int, Sequence[Record]]]) -> None:
        placed = [(at, n, record) for at, records in of_bundles for n, record in enumerate(records)]
        self.kind = kind
        self.places = [(at, n) for at, n, _record in placed]
        self.records: list[Record] = [record for _at, _n, record in placed]

    def note(self, batch: ImportOutcome, outcomes: Sequence[Outcome]) -> None:
        for index, outcome in enumerate(outcomes):
            batch.counts[self.kind, outcome.state] += 1
            if outcome.refusal:
                self.refuse(batch, index, outcome.refusal)

    def refuse(self, batch: ImportOutcome, index: int, refusal: Refused) -> None:
        at, n = self.places[index]
        batch.refused[at].append(OrderImportRefusal(self.kind, n, refusal))
